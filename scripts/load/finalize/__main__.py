"""`python -m load.finalize`: 빈 MariaDB에 대고 부른다(마이그레이션까지 스스로 한다).

`python -m stack --file it --project bench run --fresh -- .venv/bin/python -m load.finalize`
둘을 번갈아 여러 번 재어 가운데 값을 쓴다. 일꾼은 session 서버처럼 한 프로세스의 스레드다.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def main() -> None:
    """명령의 입구."""
    parser = argparse.ArgumentParser(prog="python -m load.finalize", description=__doc__)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 4, 16])
    parser.add_argument("--seconds", type=float, default=4.0, help="한 번에 재는 시간")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v0"],
        cwd=ROOT, env={**os.environ, "HANPAN_DB_ROLE": "migrate"}, check=True, timeout=120,
    )  # fmt: skip
    # ORM을 읽는 모듈이라 표가 선 뒤에 부른다.
    from load.finalize import race  # noqa: PLC0415

    player_ids = race.make_players()
    print("| 일꾼 | 한판(tx/s) | 맨 드라이버(tx/s) | 비 |\n| --- | --- | --- | --- |")
    for workers in arguments.workers:
        rates: dict[str, list[float]] = {"bare": [], "ours": []}
        for _ in range(arguments.rounds):
            for name, contender in race.CONTENDERS.items():
                rates[name].append(race.measure(contender, player_ids, workers, arguments.seconds))
        ours, bare = statistics.median(rates["ours"]), statistics.median(rates["bare"])
        print(f"| {workers} | {ours:,.0f} | {bare:,.0f} | {ours / bare:.2f} |", flush=True)


if __name__ == "__main__":
    main()
