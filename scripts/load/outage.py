"""Redis를 죽이거나 얼리고, 그동안의 거절이 얼마나 빠른지와 나은 뒤 얼마 만에 돌아오는지 잰다.

로컬 런타임의 구성에만 쓴다. 어떻게 끝나든 Redis를 되살린다.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from hanpan_client import HanpanApiError, HanpanClient, HanpanClientError, MatchFound
from load.crowd import bounded, connected, make_guests
from load.figures import Report, Spread
from load.processes import UseMeter
from load.scenarios import SETTLE_S, Target
from stack.runtime import Runtime
from stack.selection import open_stack

WAYS: dict[str, tuple[Callable[[Runtime], None], Callable[[Runtime], None]]] = {
    "killed": (lambda stack: stack.kill("redis"), lambda stack: stack.start("redis")),
    "frozen": (lambda stack: stack.pause("redis"), lambda stack: stack.unpause("redis")),
}
CALLS_PER_S = 4  # 선수 하나가 아픈 동안 청하는 빠르기
RESUMES_AT_ONCE = 16
BACK_LIMIT_S = 30.0
NOBODYS_TOKEN = "rs1.01a00000-0000-7000-8000-000000000001.01a00000-0000-7000-8000-000000000002.x"  # noqa: S105


class Answers:
    """부름의 종류마다 걸린 시간과 답."""

    def __init__(self) -> None:
        self.took_ms: dict[str, list[float]] = {}
        self.codes: Counter[str] = Counter()

    async def time(self, kind: str, call: Callable[[], Awaitable[object]]) -> None:
        """부름 하나. 거절도 답이다."""
        began_s = time.perf_counter()
        try:
            await call()
        except HanpanApiError as error:
            code = error.code
        except HanpanClientError as error:
            code = type(error).__name__
        else:
            code = "OK"
        self.took_ms.setdefault(kind, []).append((time.perf_counter() - began_s) * 1000)
        self.codes[f"{kind} {code}"] += 1


async def redis_outage(target: Target, *, project: str, way: str, players: int, seconds: float) -> Report:
    """붙어 있는 `players`명이 아픈 동안 쉬지 않고 청하고, 나은 뒤 모두 판을 얻을 때까지."""
    stack = open_stack("e2e", project, default="local")
    fall, heal = WAYS[way]
    accounts = await make_guests(target.base_url, players, target.seed)
    answers = Answers()
    watched = {name: pid for name, pid in target.pids.items() if name != "redis"}  # 죽은 뒤에는 다른 번호다
    async with connected(target.ws_url, accounts, target.seed) as clients:
        await asyncio.sleep(SETTLE_S)
        meter = UseMeter(watched)
        before_mib = sum(use.memory_mib for use in meter.uses())
        began_s = time.perf_counter()
        fall(stack)
        try:
            await _ask_until(began_s + seconds, clients, answers, target)
            uses = meter.uses()
        finally:
            heal(stack)
        healing_s = time.perf_counter()
        while not stack.is_healthy("redis"):  # noqa: ASYNC110 - 알려 줄 이가 없다
            await asyncio.sleep(0.01)
        healed_s = time.perf_counter()
        back_ms = await asyncio.gather(*(_joined_again(client, healed_s) for client in clients))
        await asyncio.gather(*(client.wait_for(MatchFound, timeout_s=BACK_LIMIT_S) for client in clients))
        all_met_s = time.perf_counter() - healed_s
    report = Report(title=f"Redis {way}, {players}명", elapsed_s=healing_s - began_s, uses=uses)
    report.facts["아픈 동안의 답"] = ", ".join(f"{kind} {n}번" for kind, n in sorted(answers.codes.items()))
    report.facts["메모리의 합"] = f"{before_mib:.0f} → {sum(use.memory_mib for use in uses):.0f} MiB"
    report.facts["나은 뒤 모두 판을 얻기까지"] = f"{all_met_s:.2f} s"
    for kind, took_ms in answers.took_ms.items():
        report.spreads_ms[f"{kind}의 답"] = Spread.of(took_ms)
    report.spreads_ms["나은 때부터 queue.joined까지"] = Spread.of(back_ms)
    return report


async def _ask_until(until_s: float, clients: list[HanpanClient], answers: Answers, target: Target) -> None:
    async def one(number: int, client: HanpanClient) -> None:
        await asyncio.sleep(number / len(clients) / CALLS_PER_S)
        while time.perf_counter() < until_s:
            began_s = time.perf_counter()
            await answers.time("join", lambda: client.join("duel"))
            await asyncio.sleep(max(0.0, 1 / CALLS_PER_S - (time.perf_counter() - began_s)))

    async def resume(_: int) -> None:
        began_s = time.perf_counter()
        async with connect(
            target.ws_url, subprotocols=[Subprotocol("hanpan.v1")], compression=None, proxy=None
        ) as socket:
            answers.took_ms.setdefault("소켓 열기", []).append((time.perf_counter() - began_s) * 1000)
            await answers.time("resume", lambda: _refused_resume(socket))

    await asyncio.gather(
        *(one(number, client) for number, client in enumerate(clients)),
        bounded(resume, range(len(clients)), RESUMES_AT_ONCE),
    )


async def _refused_resume(socket: ClientConnection) -> None:
    await socket.send(json.dumps({"t": "resume", "id": "1", "resume_token": NOBODYS_TOKEN, "last_tick": 0}))
    answer = json.loads(await socket.recv())
    if answer["t"] == "error":
        raise HanpanApiError(answer["code"], answer["message"])


async def _joined_again(client: HanpanClient, healed_s: float) -> float:
    async with asyncio.timeout(BACK_LIMIT_S):
        while True:
            with contextlib.suppress(HanpanApiError):
                await client.join("duel")
                return (time.perf_counter() - healed_s) * 1000
            if client.found is not None:
                return (time.perf_counter() - healed_s) * 1000
            await asyncio.sleep(0.02)
