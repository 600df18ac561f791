"""`python -m load.telemetry`: 관측의 값. 같은 부하를 관측을 끄고, 켜고 번갈아 걸어 CPU의 비를 찍는다.

- 끔: 추적을 내보내지 않고 아무도 /metrics를 긁지 않는다.
- 켬: 추적을 기본 비율(0.1)로 OTLP 수신기에 보내고, Prometheus가 5초마다 모든 프로세스를 긁는다.
- 모두: 추적을 모두(1.0) 보낸다.

변형마다 구성을 빈 데이터로 새로 띄우고(서버는 코어 0, 부하와 수신기와 Prometheus는 코어 1), 라운드마다 차례를
뒤집는다.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import uvloop

from load import scenarios
from load.figures import Report
from load.pinning import LOAD_CORE, SERVER_CORE, cpu_s, pinned
from load.targets import local_pids
from stack.compose import PROFILES
from stack.selection import open_stack
from stack.session import start_stack, stop_stack

PROJECT = "telemetry"
SINK = "127.94.43.19:4317"
MODES = '{"duel":{"duration_ms":3000},"arena":{"duration_ms":60000,"fill_wait_ms":1000}}'
VARIANTS: dict[str, dict[str, str]] = {
    "끔": {},
    "켬(0.1)": {"OTLP_ENDPOINT": SINK, "TRACE_RATIO": "0.1", PROFILES: "observability"},
    "모두(1.0)": {"OTLP_ENDPOINT": SINK, "TRACE_RATIO": "1.0", PROFILES: "observability"},
}


def parse_arguments() -> argparse.Namespace:
    """명령줄. 기본값이 보고서의 값이다."""
    parser = argparse.ArgumentParser(prog="python -m load.telemetry", description="관측의 값")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--joins-per-s", type=float, default=60.0)
    parser.add_argument("--players", type=int, default=120)
    parser.add_argument("--seconds", type=float, default=12.0)
    return parser.parse_args()


class _Sink(grpc.GenericRpcHandler):
    """무엇이 오든 빈 답을 한다. 받은 스팬 묶음의 수만 안다."""

    def __init__(self) -> None:
        self.batches = 0

    def service(self, _details: Any) -> Any:
        return grpc.unary_unary_rpc_method_handler(self._answer)

    def _answer(self, _request: bytes, _context: grpc.ServicerContext) -> bytes:
        self.batches += 1
        return b""


@contextmanager
def sink() -> Iterator[_Sink]:
    """OTLP를 받는 척하는 서버."""
    handler = _Sink()
    server = grpc.server(ThreadPoolExecutor(max_workers=1), handlers=[handler])
    server.add_insecure_port(SINK)
    server.start()
    try:
        yield handler
    finally:
        server.stop(None)


def measure(variant: dict[str, str], arguments: argparse.Namespace) -> tuple[Report, Report]:
    """새로 띄운 구성에 두 부하를 차례로 건다: 판이 오가는 것과, 판이 도는 것."""
    environ = {
        **os.environ,
        "MODE_OVERRIDES": MODES,
        "DRAIN_GRACE_MS": "1000",
        "START_COUNTDOWN_MS": "100",
        **variant,
    }
    runtime = open_stack("e2e", PROJECT, default="local", environ=environ)
    with pinned(SERVER_CORE):
        start_stack(runtime, lambda _line: None, fresh=True)
    watcher = runtime.status().get("prometheus")
    if watcher is not None and watcher.pid is not None:
        # 여느 때의 Prometheus는 다른 기계에 있다. 같은 코어에 두면 서버의 캐시를 빼앗는다.
        for thread in Path(f"/proc/{watcher.pid}/task").iterdir():
            os.sched_setaffinity(int(thread.name), {LOAD_CORE})
    try:
        target = scenarios.Target(
            base_url="http://localhost:8080",
            ws_url="ws://localhost:8080/ws",
            seed=1,
            pids=local_pids(PROJECT),
        )
        with pinned(LOAD_CORE):
            return uvloop.run(_bounded(target, arguments))
    finally:
        stop_stack(runtime, lambda _line: None, remove_data=True)


async def _bounded(target: scenarios.Target, arguments: argparse.Namespace) -> tuple[Report, Report]:
    async with asyncio.timeout(180):
        coming = await scenarios.steady(target, joins_per_s=arguments.joins_per_s, seconds=arguments.seconds)
        playing = await scenarios.play(
            target, mode="arena", players=arguments.players, seconds=arguments.seconds, inputs_per_s=10.0
        )
    return coming, playing


def main() -> None:
    """명령의 입구."""
    arguments = parse_arguments()
    if not Path("/proc/self/stat").exists():
        raise SystemExit("/proc이 있는 리눅스에서만 잰다")
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in VARIANTS}
    with sink() as handler:
        for number in range(arguments.rounds):
            names = list(VARIANTS) if number % 2 == 0 else list(reversed(VARIANTS))
            for name in names:
                coming, playing = measure(VARIANTS[name], arguments)
                spent[name].append((cpu_s(coming), cpu_s(playing)))
                print(
                    f"{number + 1}회 {name}: {spent[name][-1][0]:.2f} s, {spent[name][-1][1]:.2f} s",
                    flush=True,
                )
        print(f"받은 스팬 묶음: {handler.batches}\n")
    print("| 관측 | 오가는 부하 CPU(s) | 비 | 도는 부하 CPU(s) | 비 |\n| --- | --- | --- | --- | --- |")
    base = [statistics.median(column) for column in zip(*spent["끔"], strict=True)]
    for name, rows in spent.items():
        here = [statistics.median(column) for column in zip(*rows, strict=True)]
        cells = [f"{value:.2f} | {value / off:.3f}" for value, off in zip(here, base, strict=True)]
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
