"""LB 앞의 TLS 종단(TRUSTED_FRONT): 거기서 온 것만 믿고, 그 뒤의 선수는 저마다 제 주소로 센다."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from environment.env import env
from players.addresses import client_address, parse_networks
from tests.fakes.addresses import own_address
from tests.fakes.load_balancer import (
    ANSWER_S,
    WEBSOCKET,
    Backend,
    RawAnswer,
    assert_like_the_code,
    balanced,
    exchange,
    haproxy,
    send_to,
    socket_server,
)

FIRST = 120
LB, FRONT, STRANGER = own_address(FIRST), own_address(128), own_address(129)
# 종단이 둘이면(CDN과 그 뒤의 것) 둘 다 목록에 있다.
FRONTS = f"{FRONT} 10.0.0.0/8 fd00::/8"
PLAYER = "203.0.113.9"


@pytest.fixture(scope="module", autouse=True)
def _lb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with balanced(FIRST, tmp_path_factory.mktemp("lb") / "lb.log", TRUSTED_FRONT=FRONTS):
        yield


def request(*headers: str, path: str = "/echo") -> str:
    return f"GET {path} HTTP/1.1\r\nHost: x\r\n" + "".join(f"{each}\r\n" for each in headers) + "\r\n"


def told(answer: RawAnswer, name: str) -> list[str]:
    """뒤의 서버가 그 이름으로 받은 값들."""
    assert answer.status == 200
    return re.findall(rf"(?im)^{name}: ([^\r\n]*)", answer.body)


def counted(answer: RawAnswer) -> str:
    """gateway와 platform이 속도 제한에 셀 주소."""
    forwarded_for = ",".join(told(answer, "x-forwarded-for"))
    return client_address(LB, forwarded_for, parse_networks(env.trusted_proxies))


SPOOFS = {
    "하나": [f"X-Forwarded-For: {PLAYER}"],
    "목록": [f"X-Forwarded-For: {PLAYER}, {FRONT}"],
    "종단인 척": [f"X-Forwarded-For: {FRONT}", "X-Forwarded-For: 10.1.1.1"],
    "여러 줄": [f"X-Forwarded-For: {PLAYER}", f"x-forwarded-for: {PLAYER}"],
    "대문자": [f"X-FORWARDED-FOR: {PLAYER}", "X-FORWARDED-PROTO: https"],
    "밑줄": [f"X_Forwarded_For: {PLAYER}", "X_Forwarded_Proto: https"],
    "섞은 밑줄": [f"X-Forwarded_For: {PLAYER}", "X_Forwarded-Proto: https"],
    "RFC 7239": [f"Forwarded: for={PLAYER};proto=https"],
    "X-Real-IP": [f"X-Real-IP: {PLAYER}", f"X_Real_IP: {PLAYER}"],
    "방식": ["X-Forwarded-Proto: https", "X-Forwarded-Ssl: on", "X-Forwarded-Scheme: https"],
    "방식의 목록": ["X-Forwarded-Proto: https, https", "X-Forwarded-Proto: HTTPS"],
    "이름과 포트": ["X-Forwarded-Host: evil.example", "X-Forwarded-Port: 443"],
}


@pytest.mark.parametrize("name", SPOOFS)
@pytest.mark.parametrize("path", ["/echo", "/ws"])
def test_what_a_stranger_says_of_himself_is_not_believed(name: str, path: str) -> None:
    upgrade = [WEBSOCKET.removesuffix("\r\n")] if path == "/ws" else []
    answer = send_to(LB, request(*SPOOFS[name], *upgrade, path=path), source=STRANGER)
    assert counted(answer) == STRANGER
    assert told(answer, "x-forwarded-for") == [STRANGER]
    assert told(answer, "x-forwarded-proto") == ["http"]
    # 우리가 적은 둘 말고는 어떤 철자로도 남지 않는다.
    left = re.findall(r"(?im)^((?:x[-_])?(?:forwarded|real[-_]ip)[^:]*):", answer.body)
    assert sorted(each.lower() for each in left) == ["x-forwarded-for", "x-forwarded-proto"]
    assert "strict-transport-security" not in answer.headers


@pytest.mark.parametrize(
    ("forwarded_for", "address"),
    [
        (PLAYER, PLAYER),
        (f"6.6.6.6, {PLAYER}", PLAYER),
        (f"6.6.6.6,{PLAYER}", PLAYER),
        (f"{PLAYER}, 10.1.1.1", PLAYER),
        (f"6.6.6.6, {PLAYER}, 10.1.1.1, 10.2.2.2", PLAYER),
        (f"6.6.6.6, {PLAYER}, fd00::1, 10.2.2.2", PLAYER),
        (f"::ffff:{PLAYER}", PLAYER),
        (f"{PLAYER}, ::ffff:10.1.1.1", PLAYER),
        (f"{PLAYER}:50123", PLAYER),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        # 주소가 아닌 글에서는 멈춘다.
        ("6.6.6.6, nonsense", FRONT),
        ("6.6.6.6, unknown, 10.1.1.1", "10.1.1.1"),
        (f"{PLAYER},", FRONT),
        ("16909060", FRONT),
        ("0x01020304", FRONT),
        ("", FRONT),
    ],
    # 프로세스마다 다른 주소를 이름에 넣지 않는다: 나눠 도는 두 벌이 같은 시험을 모아야 한다.
    ids=lambda each: "front" if each == FRONT else each,
)
def test_a_front_is_believed_up_to_the_nearest_hop_that_is_no_front(forwarded_for: str, address: str) -> None:
    answer = send_to(LB, request(f"X-Forwarded-For: {forwarded_for}"), source=FRONT)
    assert counted(answer) == address
    assert len(told(answer, "x-forwarded-for")) == 1


def test_a_front_that_says_nothing_is_counted_itself() -> None:
    assert counted(send_to(LB, request(), source=FRONT)) == FRONT


def test_the_address_a_player_made_up_does_not_pass_through_a_front() -> None:
    """종단은 대개 온 머리글의 뒤에 제가 본 주소를 줄로든 쉼표로든 덧붙인다."""
    lines = [f"X-Forwarded-For: 6.6.6.6, {FRONT}", f"X-Forwarded-For: {PLAYER}"]
    assert counted(send_to(LB, request(*lines), source=FRONT)) == PLAYER


def test_players_that_share_a_connection_of_a_front_have_each_their_own_address() -> None:
    with socket.create_connection((LB, 8080), timeout=ANSWER_S, source_address=(FRONT, 0)) as client:
        for player in (PLAYER, "203.0.113.10", "2001:db8:9:9::1", PLAYER):
            told_here = told(exchange(client, request(f"X-Forwarded-For: {player}")), "x-forwarded-for")
            assert told_here == [player]
        assert told(exchange(client, request()), "x-forwarded-for") == [FRONT]


def test_the_socket_of_a_player_behind_a_front_is_counted_by_his_own_address() -> None:
    headers = [f"X-Forwarded-For: 6.6.6.6, {PLAYER}", WEBSOCKET.removesuffix("\r\n")]
    assert counted(send_to(LB, request(*headers, path="/ws"), source=FRONT)) == PLAYER


@pytest.mark.parametrize(
    ("headers", "scheme"),
    [
        (["X-Forwarded-Proto: https"], "https"),
        (["x-forwarded-proto: HTTPS"], "https"),
        (["X-Forwarded-Proto: http"], "http"),
        ([], "http"),
        (["X-Forwarded-Proto: wss"], "http"),
        (["X-Forwarded-Proto: https evil"], "http"),
        # 마지막 것이 종단의 것이다.
        (["X-Forwarded-Proto: https", "X-Forwarded-Proto: http"], "http"),
        (["X-Forwarded-Proto: http, https"], "https"),
        (["X_Forwarded_Proto: https"], "http"),
        (["Forwarded: proto=https"], "http"),
    ],
)
def test_the_scheme_is_the_one_the_front_wrote_last(headers: list[str], scheme: str) -> None:
    answer = send_to(LB, request(*headers), source=FRONT)
    assert told(answer, "x-forwarded-proto") == [scheme]
    assert ("strict-transport-security" in answer.headers) is (scheme == "https")


def test_the_limit_of_connections_is_that_of_the_player_and_not_of_the_front(tmp_path: Path) -> None:
    """소켓 셋을 쥔 선수만 넘친다. 종단의 다른 선수와 종단의 다른 연결은 그대로다."""
    host, platform, *gateways = (own_address(FIRST + 4 + step) for step in range(4))
    opened = request(f"X-Forwarded-For: {PLAYER}", WEBSOCKET.removesuffix("\r\n"), path="/ws")
    with ExitStack() as held:
        for gateway in gateways:
            held.enter_context(socket_server(gateway))
        held.callback(Backend(platform).close)
        held.enter_context(
            haproxy(
                tmp_path / "lb.log", LB_PUBLIC_BIND=host, LB_BIND=host, PLATFORM_HOST=platform,
                GATEWAY1_HOST=gateways[0], GATEWAY2_HOST=gateways[1],
                TRUSTED_FRONT=FRONTS, HANPAN_LB_CONNS_PER_ADDRESS="3",
            )
        )  # fmt: skip
        for _ in range(3):
            client = held.enter_context(
                socket.create_connection((host, 8080), timeout=ANSWER_S, source_address=(FRONT, 0))
            )
            client.sendall(opened.encode())
            assert client.recv(12) == b"HTTP/1.1 101"
        assert_like_the_code(send_to(host, request(f"X-Forwarded-For: {PLAYER}"), source=FRONT), 429)
        for other in ("203.0.113.10", "2001:db8:9:9::1"):
            assert send_to(host, request(f"X-Forwarded-For: {other}"), source=FRONT).status == 200
        assert send_to(host, request(), source=FRONT).status == 200
