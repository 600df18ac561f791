"""`python -m load.soak`: 여러 가지 HTTP를 섞어 오래 걸고 platform의 메모리가 어디에 머무는지 본다.

떠 있는 로컬 구성에 손님, 가입과 로그인(argon2), 순위표, 판, 운영 화면, 관리 화면, CSV, API 문서, 틀린 요청을
고르게 섞는다. 몇 초마다 platform의 RSS를 재어 곡선을 찍는다. 시간과 빠르기가 정해져 있고 스스로 끝난다.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from load.ops_pages import LB, Visitor
from load.processes import memory_mib
from load.targets import local_pids

SAMPLE_EVERY_S = 5.0
BAR_MIB = 8.0
REQUEST_LIMIT_S = 30.0


@dataclass(frozen=True, slots=True)
class MemorySample:
    """잰 때(시작부터의 초)와 그때의 RSS."""

    at_s: float
    rss_mib: float


@dataclass(frozen=True, slots=True)
class Growth:
    """곡선의 요점. 데워진 뒤(첫 5분의 1을 뺀 것)의 앞 절반과 뒤 절반의 가장 큰 값을 견준다."""

    start_mib: float
    peak_mib: float
    first_half_mib: float
    second_half_mib: float

    @property
    def late_mib(self) -> float:
        """뒤 절반에 더 자란 만큼. 머무는 프로세스는 0에 가깝다."""
        return self.second_half_mib - self.first_half_mib


def growth_of(samples: Sequence[MemorySample]) -> Growth:
    """곡선의 요점.

    Raises:
        ValueError: 표본이 넷보다 적다.
    """
    if len(samples) < 4:
        raise ValueError(f"표본이 모자랍니다: {len(samples)}")
    warm = samples[len(samples) // 5 :]
    middle = len(warm) // 2
    return Growth(
        start_mib=samples[0].rss_mib,
        peak_mib=max(sample.rss_mib for sample in samples),
        first_half_mib=max(sample.rss_mib for sample in warm[:middle]),
        second_half_mib=max(sample.rss_mib for sample in warm[middle:]),
    )


def curve(samples: Sequence[MemorySample], rows: int = 20) -> str:
    """보고서에 그대로 붙이는 곡선. `rows`줄로 솎는다."""
    step = max(1, len(samples) // rows)
    return "\n".join(
        f"{sample.at_s:6.0f} s {sample.rss_mib:6.0f} MiB {'#' * round(sample.rss_mib / BAR_MIB)}"
        for sample in samples[::step]
    )


class MixedUse:
    """손님과 직원의 하루를 흉내 낸 요청들. 여러 스레드가 나눠 부른다."""

    def __init__(self, address: str, *, username: str, password: str, seed: int, csv: bool) -> None:
        self._address = address
        self._staff = (username, password)
        self._seed = seed
        self._csv = csv
        self._number = count(1)
        self.statuses: Counter[int] = Counter()
        self._lock = threading.Lock()

    def run(self, worker: int, per_s: float, until_s: float) -> None:
        """`until_s`(단조 초)까지 초당 `per_s`개를 보낸다."""
        chance = random.Random(f"{self._seed}:{worker}")  # noqa: S311 - 섞는 차례다
        visitor = Visitor(self._address, *self._staff)
        session = _Session(self._address)
        steps = self._steps(session, visitor, worker)
        kinds, weights = [step for step, _ in steps], [weight for _, weight in steps]
        due_s = time.monotonic()
        while due_s < until_s:
            time.sleep(max(0.0, due_s - time.monotonic()))
            (step,) = chance.choices(kinds, weights)
            status = step()
            with self._lock:
                self.statuses[status] += 1
            due_s = max(due_s + 1 / per_s, time.monotonic() - 1.0)

    def _steps(self, session: _Session, visitor: Visitor, worker: int) -> list[tuple[Callable[[], int], int]]:
        def page(*paths: str) -> Callable[[], int]:
            turns: Iterator[str] = (paths[number % len(paths)] for number in count())
            return lambda: visitor.get(next(turns)) and http.HTTPStatus.OK

        def register_and_log_in() -> int:
            name = f"soak-{self._seed}-{worker}-{next(self._number)}"
            body = {"username": name, "password": "soak-password-1"}
            session.post("/api/v1/auth/register", body)
            return session.post("/api/v1/auth/login", body)

        ops = page("/ops/", "/ops/servers/", "/ops/queue/", "/ops/matches/", "/ops/players/", "/ops/slo/")
        admin = page(
            "/admin/", "/admin/players/player/", "/admin/matches/matchresult/", "/admin/audit/auditrecord/"
        )
        steps: list[tuple[Callable[[], int], int]] = [
            (session.guest, 20),
            (register_and_log_in, 10),
            (lambda: session.get("/api/v1/me"), 20),
            (lambda: session.get("/api/v1/leaderboards/duel?limit=100"), 15),
            (lambda: session.get("/api/v1/matches/nonsense"), 5),
            (lambda: session.get("/nosuch"), 5),
            (lambda: session.post("/api/v1/auth/login", {"username": "nobody", "password": "x" * 12}), 2),
            (lambda: session.get("/play/"), 5),
            (lambda: session.get("/api/schema/"), 1),
            (ops, 12),
            (admin, 4),
        ]
        if self._csv:
            steps.append((page("/ops/matches/?format=csv", "/ops/players/?format=csv"), 1))
        return steps


class _Session:
    """선수 하나의 HTTP. 연결 하나를 이어 쓰고, 끊기면 다시 붙는다."""

    def __init__(self, address: str) -> None:
        self._connection = http.client.HTTPConnection(address, timeout=REQUEST_LIMIT_S)
        self._token = ""

    def guest(self) -> int:
        status, answer = self._send("POST", "/api/v1/auth/guest", {})
        if status == http.HTTPStatus.CREATED:
            self._token = json.loads(answer)["access_token"]
        return status

    def get(self, path: str) -> int:
        return self._send("GET", path)[0]

    def post(self, path: str, body: dict[str, str]) -> int:
        return self._send("POST", path, body)[0]

    def _send(self, method: str, path: str, body: dict[str, str] | None = None) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        payload = None
        if body is not None:
            payload = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        try:
            self._connection.request(method, path, payload, headers)
            answer = self._connection.getresponse()
            return answer.status, answer.read()
        except (http.client.HTTPException, ConnectionError):
            self._connection.close()
            return 0, b""


def parse_arguments() -> argparse.Namespace:
    """명령줄."""
    parser = argparse.ArgumentParser(prog="python -m load.soak", description="platform의 메모리 곡선")
    parser.add_argument("--lb", default=LB)
    parser.add_argument("--project", default="hanpan")
    parser.add_argument("--username", default="operator")
    parser.add_argument("--password", required=True)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--per-s", type=float, default=40.0, help="모두 합친 빠르기")
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--csv", action="store_true", help="CSV도 받는다")
    return parser.parse_args()


def main() -> None:
    """부하를 걸고 곡선을 찍는다."""
    arguments = parse_arguments()
    pid = local_pids(arguments.project).get("platform")
    if pid is None:
        raise SystemExit("로컬 구성이 떠 있지 않습니다")
    use = MixedUse(
        arguments.lb,
        username=arguments.username,
        password=arguments.password,
        seed=arguments.seed,
        csv=arguments.csv,
    )
    began_s = time.monotonic()
    until_s = began_s + 60 * arguments.minutes
    workers = [
        threading.Thread(target=use.run, args=(number, arguments.per_s / arguments.workers, until_s))
        for number in range(arguments.workers)
    ]
    samples = [MemorySample(0.0, memory_mib(pid))]
    for worker in workers:
        worker.start()
    while any(worker.is_alive() for worker in workers):
        time.sleep(SAMPLE_EVERY_S)
        samples.append(MemorySample(time.monotonic() - began_s, memory_mib(pid)))
    grown = growth_of(samples)
    print(curve(samples))
    print(
        f"\n요청 {sum(use.statuses.values())}개 {dict(sorted(use.statuses.items()))}\n"
        f"처음 {grown.start_mib:.0f} MiB, 꼭대기 {grown.peak_mib:.0f} MiB, "
        f"데워진 뒤의 앞 절반 {grown.first_half_mib:.0f} MiB, 뒤 절반 {grown.second_half_mib:.0f} MiB"
        f"({grown.late_mib:+.0f})"
    )


if __name__ == "__main__":
    main()
