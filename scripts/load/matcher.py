"""`python -m load.matcher`: 판을 짜는 순수한 규칙의 값이 줄의 길이에 따라 어떻게 느는가.

n log n으로만 는다면 마지막 칸(작은 줄에서 셈한 n log n의 몫과 견준 값)이 1 안팎에 머문다.
"""

from __future__ import annotations

import argparse
import gc
import math
import random
import time

from gameservices.matchmaking.director.formation import form_matches
from gameservices.rules.base import ModeSpec
from gameservices.rules.catalog import load_modes
from redisstore.tickets.rows import Ticket

NOW_MS = 1_000_000
WAITED_MS = 30_000
ROUNDS = 5


def line(count: int, seed: int) -> list[Ticket]:
    """레이팅은 정규 분포(1500, 350), 들어온 때는 지난 30초에 고르게."""
    rng = random.Random(seed)  # noqa: S311 - 씨앗이 있는 줄이다
    return [
        Ticket(
            ticket_id=f"t{number}",
            player_id="",
            name="",
            mode="",
            rating=rng.gauss(1500, 350),
            gateway_id="",
            conn_id=0,
            joined_ms=NOW_MS - rng.randrange(WAITED_MS),
        )
        for number in range(count)
    ]


def cost_s(spec: ModeSpec, count: int) -> tuple[float, int]:
    """가장 빠른 한 번의 시간과 짜인 판의 수."""
    best_s, matches = math.inf, 0
    for seed in range(ROUNDS):
        tickets = line(count, seed)
        began_s = time.perf_counter()
        matches = len(form_matches(tickets, NOW_MS, spec))
        best_s = min(best_s, time.perf_counter() - began_s)
    return best_s, matches


def main() -> None:
    """표를 찍는다."""
    parser = argparse.ArgumentParser(prog="python -m load.matcher")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    sizes = parser.parse_args().sizes
    gc.disable()  # 서비스는 처음의 객체를 청소에서 빼 두고 드물게만 청소한다
    print("| 모드 | 표 | 판 | 시간(ms) | 표마다(µs) | n log n과의 비 |\n" + "| --- " * 6 + "|")
    for name, mode in load_modes({}).items():
        unit_s = 0.0
        for count in sizes:
            took_s, matches = cost_s(mode.spec, count)
            share_s = took_s / (count * math.log2(count))
            unit_s = unit_s or share_s
            print(
                f"| {name} | {count:,} | {matches:,} | {took_s * 1000:.1f} | {took_s / count * 1e6:.2f} "
                f"| {share_s / unit_s:.2f} |"
            )


if __name__ == "__main__":
    main()
