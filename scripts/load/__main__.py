"""`python -m load SCENARIO`: 이미 떠 있는 구성에 부하를 걸고 표를 찍는다.

서버를 코어 0에, 부하를 코어 1에 두려면 `taskset -c 0 ./scripts/up.sh --detach` 뒤에
`taskset -c 1 python -m load ...`를 부른다. `compare`만은 구성을 스스로 띄우고 멈춘다.
부하는 한 주소에서 온다: LB의 상한(`LB_CONNS_PER_ADDRESS` 2,000)보다 많이 붙이려면 그 값을 올려 띄운다.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import resource
import time

import uvloop

from load import compare, scenarios
from load.figures import ProcessUse, Report
from load.outage import WAYS, redis_outage
from load.storm import resume_storm
from load.targets import local_pids

LB = "localhost:8080"


def parse_arguments() -> argparse.Namespace:
    """명령줄. 기본값이 보고서의 값이다."""
    parser = argparse.ArgumentParser(prog="python -m load", description="한판의 부하 도구")
    parser.add_argument("--seed", type=int, default=1, help="선수와 입력의 씨앗")
    parser.add_argument("--project", default="hanpan", help="CPU를 잴 로컬 구성의 이름")
    parser.add_argument("--lb", default=LB, help="로드 밸런서의 host:port(루프백)")
    parser.add_argument("--gateway", default="", help="소켓을 LB 대신 붙일 gateway의 host:port")
    commands = parser.add_subparsers(dest="scenario", required=True)
    connect = commands.add_parser("connect", help="토큰을 든 접속의 속도")
    connect.add_argument("--count", type=int, default=5000)
    connect.add_argument("--concurrency", type=int, default=64)
    burst = commands.add_parser("burst", help="한꺼번에 줄을 서서 모두 만날 때까지")
    burst.add_argument("--players", type=int, default=1000)
    steady = commands.add_parser("steady", help="고른 빠르기의 join에서 match.found까지")
    steady.add_argument("--joins-per-s", type=float, default=100.0)
    steady.add_argument("--seconds", type=float, default=10.0)
    outage = commands.add_parser("outage", help="Redis가 아픈 동안과 나은 뒤의 답")
    outage.add_argument("--way", choices=sorted(WAYS), default="frozen")
    outage.add_argument("--players", type=int, default=200)
    outage.add_argument("--seconds", type=float, default=5.0)
    storm = commands.add_parser("storm", help="gateway 하나가 죽고 모두가 다른 곳에서 resume할 때까지")
    storm.add_argument("--players", type=int, default=1000)
    play = commands.add_parser("play", help="판을 하는 동안의 CPU와 지연")
    play.add_argument("--mode", default="duel")
    play.add_argument("--players", type=int, default=400)
    play.add_argument("--seconds", type=float, default=12.0)
    play.add_argument("--inputs-per-s", type=float, default=10.0)
    compare.add_arguments(
        commands.add_parser("compare", help="옛 커밋과 새 커밋의 뜨거운 길(구성을 스스로 띄운다)")
    )
    return parser.parse_args()


def run(arguments: argparse.Namespace) -> Report:
    """고른 시나리오를 돌린다. 부하 자신의 CPU도 마지막 줄에 보인다."""
    target = scenarios.Target(
        base_url=f"http://{arguments.lb}",
        ws_url=f"ws://{arguments.gateway or arguments.lb}/ws",
        seed=arguments.seed,
        pids=local_pids(arguments.project),
    )
    if arguments.scenario == "connect":
        work = scenarios.connect(target, count=arguments.count, concurrency=arguments.concurrency)
    elif arguments.scenario == "burst":
        work = scenarios.burst(target, players=arguments.players)
    elif arguments.scenario == "steady":
        work = scenarios.steady(target, joins_per_s=arguments.joins_per_s, seconds=arguments.seconds)
    elif arguments.scenario == "outage":
        work = redis_outage(
            target,
            project=arguments.project,
            way=arguments.way,
            players=arguments.players,
            seconds=arguments.seconds,
        )
    elif arguments.scenario == "storm":
        work = resume_storm(target, project=arguments.project, players=arguments.players)
    else:
        work = scenarios.play(
            target,
            mode=arguments.mode,
            players=arguments.players,
            seconds=arguments.seconds,
            inputs_per_s=arguments.inputs_per_s,
        )
    gc.freeze()
    return uvloop.run(_bounded(work))


async def _bounded(work: object) -> Report:
    async with asyncio.timeout(300):
        report: Report = await work  # type: ignore[misc]
        return report


def main() -> None:
    """명령의 입구."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, hard), hard))
    arguments = parse_arguments()
    if arguments.scenario == "compare":
        raise SystemExit(compare.run(arguments))
    began_cpu_s = time.process_time()
    report = run(arguments)
    memory_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    own = ProcessUse(name="부하", cpu_s=time.process_time() - began_cpu_s, memory_mib=memory_mib)
    print(report.render())
    print(f"\n부하 자신(준비와 정리까지): CPU {own.cpu_s:.1f} s, 메모리 {own.memory_mib:.0f} MiB")


if __name__ == "__main__":
    main()
