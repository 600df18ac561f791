"""HanpanHttp를 진짜 소켓 위에서: 형 있는 답과 오류, 기한, 연결의 다시 쓰기."""

from __future__ import annotations

import asyncio

import pytest

from hanpan_client import (
    CallTimeoutError,
    ConnectionLostError,
    HanpanApiError,
    HanpanHttp,
    ProtocolViolationError,
)
from tests.fakes.http_server import FakeHttp, answer

ACCOUNT = {"player_id": "p1", "name": "하나", "access_token": "jwt", "expires_in_s": 86_400}
BOARD: dict[str, object] = {"mode": "duel", "entries": [], "next_cursor": None}


async def test_a_guest_sends_only_what_was_given(server: FakeHttp, http: HanpanHttp) -> None:
    server.answers.append(answer("201 Created", ACCOUNT))
    account = await http.guest(name="하나")
    first, headers, body = server.requests[0]
    assert (account.player_id, account.access_token) == ("p1", "jwt")
    assert (first, body) == ("POST /api/v1/auth/guest HTTP/1.1", '{"name":"하나"}'.encode())
    assert headers["content-type"] == "application/json"


async def test_the_token_and_the_query_travel(server: FakeHttp, http: HanpanHttp) -> None:
    server.answers.append(answer("200 OK", {"player_id": "p1", "name": "하나", "ratings": []}))
    server.answers.append(answer("200 OK", BOARD))
    await http.me("jwt")
    await http.leaderboard("duel", limit=5, cursor="a/b=")
    assert server.requests[0][1]["authorization"] == "Bearer jwt"
    assert server.requests[1][0] == "GET /api/v1/leaderboards/duel?limit=5&cursor=a%2Fb%3D HTTP/1.1"


async def test_calls_share_one_connection(server: FakeHttp, http: HanpanHttp) -> None:
    server.answers.extend([answer("200 OK", BOARD)] * 3)
    for _ in range(3):
        await http.leaderboard("duel")
    assert server.connections == 1


async def test_parallel_calls_are_bounded_by_the_limit(server: FakeHttp) -> None:
    server.answers.extend([answer("200 OK", BOARD)] * 12)
    async with HanpanHttp(server.base_url, max_connections=3) as http:
        await asyncio.gather(*(http.leaderboard("duel") for _ in range(12)))
    assert server.connections <= 3


async def test_a_problem_is_a_typed_error(server: FakeHttp, http: HanpanHttp) -> None:
    told = {"title": "잠시 쓸 수 없습니다", "detail": "Redis", "code": "UNAVAILABLE", "trace_id": "f" * 32}
    server.answers.append(answer("503 Service Unavailable", told, "Retry-After: 2"))
    with pytest.raises(HanpanApiError) as caught:
        await http.guest()
    error = caught.value
    assert (error.code, error.status, error.retry_after_s, error.trace_id) == (
        "UNAVAILABLE",
        503,
        2.0,
        "f" * 32,
    )


@pytest.mark.parametrize(
    ("status", "code"), [("503 Service Unavailable", "UNAVAILABLE"), ("400 Bad request", "INTERNAL")]
)
async def test_an_answer_of_the_load_balancer_is_an_error_too(
    server: FakeHttp, http: HanpanHttp, status: str, code: str
) -> None:
    server.answers.append(f"HTTP/1.0 {status}\r\nContent-Type: text/html\r\n\r\n<html>".encode())
    with pytest.raises(HanpanApiError) as caught:
        await http.me("jwt")
    assert (caught.value.code, caught.value.status) == (code, int(status[:3]))


async def test_a_silent_server_ends_at_the_deadline(server: FakeHttp) -> None:
    server.answers.append(None)
    async with HanpanHttp(server.base_url, deadline_s=0.05) as http:
        with pytest.raises(CallTimeoutError):
            await http.leaderboard("duel")


async def test_a_read_on_a_connection_closed_meanwhile_is_tried_once_more(
    server: FakeHttp, http: HanpanHttp
) -> None:
    server.answers.extend([answer("200 OK", BOARD), b"", answer("200 OK", BOARD)])
    await http.leaderboard("duel")
    assert (await http.leaderboard("duel")).mode == "duel"
    assert server.connections == 2


async def test_a_write_is_never_sent_twice(server: FakeHttp, http: HanpanHttp) -> None:
    server.answers.extend([answer("200 OK", BOARD), b"", answer("201 Created", ACCOUNT)])
    await http.leaderboard("duel")
    with pytest.raises(ConnectionLostError):
        await http.guest()
    assert [first.split()[0] for first, _, _ in server.requests] == ["GET", "POST"]


@pytest.mark.parametrize("reply", [b"not http at all\r\n\r\n", answer("200 OK", {"mode": 3})])
async def test_an_answer_against_the_contract_is_refused(
    server: FakeHttp, http: HanpanHttp, reply: bytes
) -> None:
    server.answers.append(reply)
    with pytest.raises(ProtocolViolationError):
        await http.leaderboard("duel")


async def test_nobody_home_is_a_lost_connection() -> None:
    async with HanpanHttp("http://127.0.0.1:9") as http:
        with pytest.raises(ConnectionLostError):
            await http.guest()


def test_only_http_addresses_are_taken() -> None:
    with pytest.raises(ValueError, match="http"):
        HanpanHttp("ftp://localhost")
