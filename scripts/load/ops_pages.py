"""`python -m load.ops_pages`: 운영 화면의 쪽마다 첫 바이트부터 끝까지 걸린 시간.

떠 있는 구성에 직원으로 로그인해 LB로 하나씩 차례로 연다. 많은 이력은 `manage.py seed_history`가 넣는다.
판과 선수의 쪽은 목록에서 고르게 뽑은 것들을 돌아가며 연다.
"""

from __future__ import annotations

import argparse
import http.client
import re
import time
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from urllib.parse import urlencode

from load.figures import Report, Spread

LB = "localhost:8080"
PAGES_DEEP = 20


class Visitor:
    """로그인한 직원 하나. 연결 하나를 이어 쓴다."""

    def __init__(self, address: str, username: str, password: str) -> None:
        self._connection = http.client.HTTPConnection(address, timeout=30)
        self._cookies: dict[str, str] = {}
        self.get("/admin/login/")
        form = {
            "username": username, "password": password, "next": "/ops/",
            "csrfmiddlewaretoken": self._cookies["csrftoken"],
        }  # fmt: skip
        self._send("POST", "/admin/login/", urlencode(form).encode(), address)
        if "sessionid" not in self._cookies:
            raise SystemExit("로그인하지 못했습니다: 아이디와 비밀번호를 보십시오")

    def get(self, path: str) -> str:
        """쪽 하나. 200이 아니면 그만둔다."""
        status, body = self._send("GET", path)
        if status != http.HTTPStatus.OK:
            raise SystemExit(f"{path}: {status}")
        return body

    def _send(self, method: str, path: str, body: bytes = b"", referer: str = "") -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if body:
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded", "Referer": f"http://{referer}/",
            }  # fmt: skip
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self._cookies[key] = rest.partition(";")[0]
        return answer.status, answer.read().decode()


def parse_arguments() -> argparse.Namespace:
    """명령줄."""
    parser = argparse.ArgumentParser(prog="python -m load.ops_pages", description="운영 화면의 빠르기")
    parser.add_argument("--lb", default=LB)
    parser.add_argument("--username", default="operator")
    parser.add_argument("--password", required=True)
    parser.add_argument("--count", type=int, default=100, help="쪽마다 여는 횟수")
    return parser.parse_args()


def addresses(visitor: Visitor) -> dict[str, Iterator[str]]:
    """쪽의 이름마다 열 주소들."""
    deep = _deep_pages(visitor, "/ops/matches/")
    lists = "".join(visitor.get(path) for path in deep)
    matches = sorted(set(re.findall(r"/ops/matches/[0-9a-f-]{36}/", lists)))
    players = sorted(set(re.findall(r"/ops/players/[0-9a-f-]{36}/", lists)))
    of_players = [f"/ops/matches/?player={path.split('/')[-2]}" for path in players[:50]]
    return {
        "대시보드": cycle(["/ops/"]),
        "플릿": cycle(["/ops/servers/"]),
        "대기열": cycle(["/ops/queue/"]),
        "판의 목록(쪽을 넘기며)": cycle(deep),
        "판의 목록(중단된 arena)": cycle(["/ops/matches/?mode=arena&status=aborted"]),
        "판의 목록(선수로)": cycle(of_players),
        "판": cycle(matches),
        "선수의 목록(쪽을 넘기며)": cycle(_deep_pages(visitor, "/ops/players/")),
        "선수의 목록(이름으로)": cycle(
            [f"/ops/players/?q=seed-{number:04}" for number in range(0, 2000, 41)]
        ),
        "선수": cycle(players),
        "쓰이지 않은 결과": cycle(["/ops/results/"]),
    }


def _deep_pages(visitor: Visitor, first: str) -> list[str]:
    """`다음`을 눌러 가며 지나는 주소들."""
    found = [first]
    while len(found) < PAGES_DEEP:
        following = re.search(r'rel="next" href="([^"]+)"', visitor.get(found[-1]))
        if following is None:
            break
        found.append(following.group(1).replace("&amp;", "&"))
    return found


def timed_ms(job: Callable[[str], object], path: str) -> float:
    """한 번의 밀리초."""
    began_s = time.perf_counter()
    job(path)
    return 1000 * (time.perf_counter() - began_s)


def main() -> None:
    """표를 찍는다."""
    arguments = parse_arguments()
    visitor = Visitor(arguments.lb, arguments.username, arguments.password)
    began_s = time.perf_counter()
    spreads = {
        name: Spread.of(timed_ms(visitor.get, path) for path in islice(paths, arguments.count))
        for name, paths in addresses(visitor).items()
    }
    elapsed_s = time.perf_counter() - began_s
    print(Report(title="운영 화면", elapsed_s=elapsed_s, spreads_ms=spreads).render())


if __name__ == "__main__":
    main()
