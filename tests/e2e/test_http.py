"""HTTP: 계정, 순위표의 쪽, 그리고 모든 거절이 problem+json인지."""

from __future__ import annotations

import json
import uuid

import pytest

from hanpan_client import HanpanHttp, LeaderboardEntry
from tests.e2e.players import BASE_URL, Lobby, ended, meet, refused

PROBLEM_FIELDS = {"type", "title", "status", "detail", "code", "trace_id"}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/api/v1/me", b"", 401, "UNAUTHENTICATED"),
        ("GET", "/api/v1/nowhere", b"", 404, "NOT_FOUND"),
        ("GET", f"/api/v1/matches/{uuid.UUID(int=7)}", b"", 404, "NOT_FOUND"),
        ("GET", "/api/v1/matches/not-a-uuid", b"", 422, "INVALID_ARGUMENT"),
        ("DELETE", "/api/v1/me", b"", 405, "INVALID_ARGUMENT"),
        ("GET", "/api/v1/auth/guest", b"", 405, "INVALID_ARGUMENT"),
        ("POST", "/api/v1/auth/guest", b"{", 400, "INVALID_ARGUMENT"),
        ("POST", "/api/v1/auth/guest", b'{"name":7}', 422, "INVALID_ARGUMENT"),
        ("POST", "/api/v1/auth/guest", json.dumps({"name": "가" * 25}).encode(), 422, "INVALID_ARGUMENT"),
        (
            "POST",
            "/api/v1/auth/guest",
            json.dumps({"device_id": "d" * 129}).encode(),
            422,
            "INVALID_ARGUMENT",
        ),
        ("POST", "/api/v1/auth/guest", b'{"pad":"' + b"x" * 70_000 + b'"}', 413, "PAYLOAD_TOO_LARGE"),
        ("POST", "/api/v1/auth/register", b'{"username":"a","password":"12345678"}', 422, "INVALID_ARGUMENT"),
        ("POST", "/api/v1/auth/register", b'{"username":"abcd","password":"1"}', 422, "INVALID_ARGUMENT"),
        ("POST", "/api/v1/auth/login", b"{}", 422, "INVALID_ARGUMENT"),
        ("GET", "/api/v1/leaderboards/no%20mode", b"", 422, "INVALID_ARGUMENT"),
        ("GET", "/api/v1/leaderboards/duel?limit=0", b"", 422, "INVALID_ARGUMENT"),
        ("GET", "/api/v1/leaderboards/duel?limit=101", b"", 422, "INVALID_ARGUMENT"),
        ("GET", "/api/v1/leaderboards/duel?limit=many", b"", 422, "INVALID_ARGUMENT"),
        ("GET", "/api/v1/leaderboards/duel?cursor=broken", b"", 422, "INVALID_ARGUMENT"),
    ],
    ids=lambda case: str(case)[:48],
)
async def test_a_refusal_is_a_problem(method: str, path: str, body: bytes, status: int, code: str) -> None:
    async with HanpanHttp(BASE_URL) as http:
        answer = await http.send(method, path, body=body)
    problem = json.loads(answer.body)
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert (answer.status, problem["status"], problem["code"]) == (status, status, code)
    assert problem.keys() >= PROBLEM_FIELDS
    assert problem["trace_id"]


@pytest.mark.smoke
async def test_an_account_is_registered_once_and_logs_in() -> None:
    username, password = f"e2e-{uuid.uuid4().hex[:12]}", "맞는 비밀번호 1"
    async with Lobby() as lobby:
        made = await lobby.http.register(username, password, name="가입한 이")
        again = await lobby.http.login(username, password)
        assert (again.player_id, again.name) == (made.player_id, "가입한 이")
        me = await lobby.http.me(again.access_token)
        assert (me.player_id, me.name, me.ratings) == (made.player_id, "가입한 이", ())
        assert (await refused(lobby.http.register(username, password))).code == "INVALID_ARGUMENT"
        wrong = await refused(lobby.http.login(username, "틀린 비밀번호"))
        assert (wrong.code, wrong.status) == ("UNAUTHENTICATED", 401)
        nobody = await refused(lobby.http.login(username + "x", password))
        assert (nobody.code, nobody.message) == ("UNAUTHENTICATED", wrong.message), (
            "있는 계정인지 새지 않는다"
        )
        player = await lobby.client(again)
        assert player.player_id == made.player_id


async def test_failed_logins_are_limited() -> None:
    username = f"e2e-{uuid.uuid4().hex[:12]}"
    async with Lobby() as lobby:
        codes = [(await refused(lobby.http.login(username, "틀린 비밀번호"))).code for _ in range(12)]
        assert codes[0] == "UNAUTHENTICATED"
        last = await refused(lobby.http.login(username, "틀린 비밀번호"))
        assert (last.code, last.status) == ("RATE_LIMITED", 429)
        assert last.retry_after_s


async def test_the_same_device_is_the_same_guest() -> None:
    device_id = uuid.uuid4().hex
    async with Lobby() as lobby:
        first = await lobby.http.guest(name="기기", device_id=device_id)
        second = await lobby.http.guest(device_id=device_id)
        other = await lobby.http.guest(device_id=device_id + "x")
        assert first.player_id == second.player_id != other.player_id
        assert (await lobby.http.me(second.access_token)).name == "기기"


async def test_the_leaderboard_is_paged_in_order_without_gaps() -> None:
    async with Lobby() as lobby:
        for _ in range(2):
            one, two = await lobby.client(), await lobby.client()
            match_id = (await meet(one, two))[0].match_id
            await one.leave(match_id)
            await ended(two, match_id)
        whole = await lobby.http.leaderboard("duel", limit=4)
        paged: list[LeaderboardEntry] = []
        cursor: str | None = None
        for _ in range(4):
            page = await lobby.http.leaderboard("duel", limit=1, cursor=cursor)
            paged.extend(page.entries)
            cursor = page.next_cursor
        assert tuple(paged) == whole.entries
        assert [entry.rank for entry in paged] == sorted(entry.rank for entry in paged)
        order = [(-entry.rating, entry.player_id) for entry in paged]
        assert order == sorted(order)
        assert paged[0].rank == 1
        assert (await lobby.http.leaderboard("duel")).entries[:4] == whole.entries


async def test_a_mode_nobody_played_has_an_empty_board() -> None:
    async with HanpanHttp(BASE_URL) as http:
        board = await http.leaderboard("never-played")
    assert (board.entries, board.next_cursor) == ((), None)


@pytest.mark.smoke
@pytest.mark.parametrize("path", ["/healthz", "/api/schema/"])
async def test_the_platform_answers_what_is_open_to_all(path: str) -> None:
    async with HanpanHttp(BASE_URL) as http:
        answer = await http.send("GET", path)
    assert answer.status == 200
    assert answer.body


@pytest.mark.parametrize(
    "name",
    ["می\u200cخواهم", "क्\u200dषमा", "👨\u200d👩\u200d👧\u200d👦", "\U0001faea", "ผู้เล่น", "\U0002ebf0", "🇰🇷"],
    ids=ascii,
)
async def test_a_name_of_the_world_is_shown_to_the_opponent_as_it_was_written(name: str) -> None:
    async with Lobby() as lobby:
        account = await lobby.guest(name)
        assert (await lobby.http.me(account.access_token)).name == account.name == name
        one, two = await lobby.apart(account)
        found = (await meet(one, two))[1]
        assert name in {player.name for player in found.players}
        await one.leave(found.match_id)
        await ended(two, found.match_id)


@pytest.mark.parametrize(
    "name", ["Z\u0351\u0357\u0364algo", "a\u200bb", "葛\U000e0100", "\u202egnp"], ids=ascii
)
async def test_a_name_that_hides_something_is_refused(name: str) -> None:
    async with Lobby() as lobby:
        assert (await refused(lobby.guest(name))).code == "INVALID_ARGUMENT"


@pytest.mark.smoke
async def test_a_page_of_an_allowed_origin_can_use_the_player_api_through_the_balancer() -> None:
    ours, theirs = "http://127.0.0.1:8080", "http://evil.example"
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}

    async def ask(method: str, path: str, origin: str, **headers: str) -> tuple[int, dict[str, str]]:
        answer = await http.send(method, path, headers={"Origin": origin, **headers})
        return answer.status, dict(answer.headers)

    async with HanpanHttp(BASE_URL) as http:
        for path in ("/api/v1/auth/guest", "/api/v1/me", "/api/v1/auth/refresh"):
            status, headers = await ask("OPTIONS", path, ours, **asked)
            assert (status, headers["access-control-allow-origin"]) == (204, ours)
            status, headers = await ask("OPTIONS", path, theirs, **asked)
            assert (status, "access-control-allow-origin" in headers) == (405, False)
            assert "OPTIONS" not in headers["allow"]
        for path, status in (
            ("/api/v1/leaderboards/duel", 200),
            ("/api/v1/me", 401),
            ("/api/v1/nowhere", 404),
        ):
            assert (await ask("GET", path, ours))[1]["access-control-allow-origin"] == ours
            told, headers = await ask("GET", path, theirs)
            assert (told, "access-control-allow-origin" in headers) == (status, False)
