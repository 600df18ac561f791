"""`python -m load.allocation`: 할당기의 빠르기. 진짜 Redis의 등록부에서 자리를 잡고 굳히고 놓는다.

matchmaking 하나의 할당기(루프 한 바퀴의 부름을 한 왕복에 모은다)에 `--concurrency`개의 부름이 늘 걸려 있다.
Redis의 주소는 HANPAN_REDIS_HOST/PORT이고 제 리전(`load-allocation`)만 쓰고 지운다.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import time
from itertools import count

import uvloop

from concurrency.cancellation import end_tasks
from environment.env import env
from gameservices.matchmaking.director.allocator import Allocator
from kernel.errors import Unavailable
from kernel.ids import new_id
from load.figures import Report, Spread
from redisstore.client import RedisSettings, make_async_client
from redisstore.gate import RedisGate
from redisstore.servers.registry import ServerRegistry, ServerReport

REGION = "load-allocation"
CAPACITY = 1_000_000


def parse_arguments() -> argparse.Namespace:
    """명령줄. 기본값이 보고서의 값이다."""
    parser = argparse.ArgumentParser(prog="python -m load.allocation", description="할당기의 빠르기")
    parser.add_argument("--servers", type=int, default=20)
    parser.add_argument("--allocations", type=int, default=20_000)
    parser.add_argument("--concurrency", type=int, default=16)
    return parser.parse_args()


async def measure(arguments: argparse.Namespace) -> Report:
    """정해진 수만큼 할당하고 퍼짐을 잰다. 끝나면 만든 키를 지운다."""
    settings = RedisSettings(host=env.redis_host, port=env.redis_port, command_timeout_ms=2_000)
    redis = make_async_client(settings)
    registry = ServerRegistry(RedisGate(redis), REGION)
    allocator = Allocator(registry)
    await _beat(registry, arguments.servers)
    keeping = asyncio.create_task(_keep(registry, arguments.servers))
    took_ms: list[float] = []
    started = count()

    async def worker() -> None:
        while next(started) < arguments.allocations:
            match_id = new_id()
            began_s = time.perf_counter()
            pick = await allocator.pick(match_id, not_after_ms=0)
            took_ms.append(1000 * (time.perf_counter() - began_s))
            if pick is None:
                raise RuntimeError("자리가 남는데 할당하지 못했습니다")
            await registry.release_lease(match_id)

    began_s = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(arguments.concurrency)))
    elapsed_s = time.perf_counter() - began_s
    await end_tasks([keeping])
    names = [key async for key in redis.scan_iter(f"{{fleet:{REGION}}}:*")]
    if names:
        await redis.delete(*names)
    await redis.aclose()
    return Report(
        title=f"할당 {arguments.allocations}번, 서버 {arguments.servers}대, 동시 {arguments.concurrency}",
        elapsed_s=elapsed_s,
        facts={"할당(거두기도)": f"{arguments.allocations / elapsed_s:,.0f}/s"},
        spreads_ms={"할당 한 번": Spread.of(took_ms)},
    )


async def _keep(registry: ServerRegistry, servers: int) -> None:
    """서버들의 하트비트를 이어 hash가 지나지 않게 한다."""
    while True:
        await asyncio.sleep(1)
        with contextlib.suppress(Unavailable):  # 재는 부하에 늦은 하트비트는 다음에 다시 간다
            await _beat(registry, servers)


async def _beat(registry: ServerRegistry, servers: int) -> None:
    for number in range(servers):
        await registry.heartbeat(
            ServerReport(
                server_id=f"s{number:03}", address="x:7000", state="ready", capacity=CAPACITY, running=0,
                version="1",
            )
        )  # fmt: skip


def main() -> None:
    """표를 찍는다."""
    print(uvloop.run(measure(parse_arguments())).render())


if __name__ == "__main__":
    main()
