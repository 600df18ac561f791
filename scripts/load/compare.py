"""`python -m load compare --old 커밋`: 옛 커밋과 새 커밋의 뜨거운 길을 번갈아(A/B/A/B) 재어 견준다.

짝마다 옛것과 새것의 온전한 구성을 차례로, 저마다의 작업 나무에서 빈 데이터로 띄우고 같은 부하를 건다.
서버는 코어 0, 부하는 코어 1에 둔다.

- join: 고른 빠르기로 줄을 섰다가 나온다. join(과 나오기) 하나에 든 CPU, join의 답까지.
- state: 판이 도는 동안(입력은 1초에 하나) 상태 프레임 하나에 든 CPU, 프레임 사이.
- input: 같은 판에서 입력을 몰아 보낸다. 입력 하나에 든 CPU(그동안의 상태 프레임도 든다), 상태에 보일 때까지.

판정하는 수는 CPU의 비의 중앙값이다(한도 1.05). 지연은 틱과 이 기계의 다른 일에 흔들리므로 곁들여 보일 뿐이다.
CPU는 한판의 프로세스들과 Redis의 것이다. 부하는 언제나 이 나무의 것이라 두 쪽이 똑같은 것을 받는다.
"""

from __future__ import annotations

import argparse
import asyncio
from contextlib import ExitStack
from dataclasses import dataclass

import uvloop

from load import scenarios
from load.checkouts import Checkout, checked_out, running
from load.figures import Report
from load.paired_ratios import PairedRatio
from load.pinning import LOAD_CORE, OURS, SERVER_CORE, cpu_s, pinned

LIMIT = 1.05
COUNTED = (*OURS, "redis")
LOAD_TIMEOUT_S = 180.0
JOINS_PER_PLAYER_S = 5.0
INPUTS_PER_S = (1.0, 30.0)
# 줄을 서는 arena에는 판이 서지 않고, 노는 duel은 다 잴 때까지 끝나지 않는다.
VARIABLES = {
    "HANPAN_RUNTIME": "local",
    "HANPAN_STACK_DATA_IN_MEMORY": "/dev/shm",  # noqa: S108 - 데이터가 디스크의 빠르기를 타지 않게 한다
    "MODE_OVERRIDES": '{"duel":{"duration_ms":120000},"arena":{"min_players":100,"max_players":100}}',
    "START_COUNTDOWN_MS": "100",
    "DRAIN_GRACE_MS": "1000",
    "TICKET_TIMEOUT_MS": "60000",
}


@dataclass(frozen=True, slots=True)
class Cost:
    """일 하나의 값: 든 CPU(마이크로초)와 지연의 중앙값(밀리초)."""

    cpu_us: float
    latency_ms: float


Costs = dict[str, Cost]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """명령줄. 기본값이 보고서의 값이다."""
    parser.add_argument("--old", required=True, help="옛 커밋")
    parser.add_argument("--new", default="HEAD", help="새 커밋(커밋하지 않은 것은 재지 않는다)")
    parser.add_argument("--pairs", type=int, default=8, help="옛것과 새것의 짝(여섯부터 잡음을 가른다)")
    parser.add_argument("--players", type=int, default=80)
    parser.add_argument("--seconds", type=float, default=8.0, help="일 하나를 재는 시간")


def run(arguments: argparse.Namespace) -> int:
    """견주고 표를 찍는다. 한 일이라도 한도를 넘으면 1이다."""
    taken: dict[str, list[Costs]] = {"old": [], "new": []}
    with ExitStack() as stack:
        sides = [
            stack.enter_context(checked_out(side, commit))
            for side, commit in (("old", arguments.old), ("new", arguments.new))
        ]
        print(" 와 ".join(f"{side.side} {side.commit[:10]}" for side in sides), flush=True)
        for number in range(arguments.pairs):
            for side in sides:
                costs = _measure(side, arguments)
                taken[side.side].append(costs)
                print(f"짝 {number + 1} {side.side}: {_line(costs)}", flush=True)
    print("\n" + table(taken["old"], taken["new"]))
    return 0 if within_limit(taken["old"], taken["new"]) else 1


def _measure(side: Checkout, arguments: argparse.Namespace) -> Costs:
    with ExitStack() as stack:
        with pinned(SERVER_CORE):
            pids = stack.enter_context(running(side, VARIABLES))
        with pinned(LOAD_CORE):
            counted = {name: pids[name] for name in COUNTED}
            target = scenarios.Target(
                base_url="http://localhost:8080", ws_url="ws://localhost:8080/ws", seed=1, pids=counted
            )
            return uvloop.run(_load(target, players=arguments.players, seconds=arguments.seconds))


async def _load(target: scenarios.Target, *, players: int, seconds: float) -> Costs:
    async with asyncio.timeout(LOAD_TIMEOUT_S):
        joining = await scenarios.queueing(
            target, mode="arena", players=players, seconds=seconds, joins_per_s=JOINS_PER_PLAYER_S
        )
        quiet, busy = await scenarios.play_at_rates(
            target, mode="duel", players=players, seconds=seconds, rates_per_s=INPUTS_PER_S
        )
    return {
        "join": cost(joining, "join", "join의 답까지"),
        "state": cost(quiet, "상태 프레임", "프레임 간격"),
        "input": cost(busy, "입력", "입력에서 상태까지"),
    }


def cost(report: Report, operation: str, latency: str) -> Cost:
    """보고서에서 일 하나의 값."""
    return Cost(
        cpu_us=cpu_s(report, COUNTED) * 1_000_000 / report.operations[operation],
        latency_ms=report.spreads_ms[latency].p50,
    )


def within_limit(old: list[Costs], new: list[Costs]) -> bool:
    """일마다 CPU의 비의 중앙값이 한도 안인가."""
    return all(_ratio(old, new, name, "cpu_us").median <= LIMIT for name in old[0])


def table(old: list[Costs], new: list[Costs]) -> str:
    """보고서에 그대로 붙이는 마크다운. 구간은 부호 검정의 것이다."""
    lines = [
        f"새것 / 옛것, 짝 {len(old)}. 판정은 CPU의 비의 중앙값(한도 {LIMIT:g}), 구간은 그것의 95% 이상 구간.",
        "",
        "| 일 | CPU의 비 | 구간 | 판정 | 지연 p50의 비 | 구간 |",
        "| --- " * 6 + "|",
    ]
    for name in old[0]:
        cpu, latency = _ratio(old, new, name, "cpu_us"), _ratio(old, new, name, "latency_ms")
        lines.append(
            f"| {name} | {cpu.median:.3f} | {_range(cpu)} | {cpu.verdict(LIMIT)} "
            f"| {latency.median:.3f} | {_range(latency)} |"
        )
    return "\n".join(lines)


def _ratio(old: list[Costs], new: list[Costs], name: str, figure: str) -> PairedRatio:
    return PairedRatio.of(*([getattr(costs[name], figure) for costs in side] for side in (old, new)))


def _range(ratio: PairedRatio) -> str:
    return f"{ratio.interval.low:.3f}~{ratio.interval.high:.3f}"


def _line(costs: Costs) -> str:
    return ", ".join(f"{name} {each.cpu_us:.0f} µs, {each.latency_ms:.1f} ms" for name, each in costs.items())
