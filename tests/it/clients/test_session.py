"""PlayerSession을 진짜 소켓 위에서: 지나기 전의 갱신, 하나뿐인 갱신, 401과 4401, 남기기, 나가기."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from hanpan_client import (
    Account,
    Backoff,
    ClientOptions,
    ConnectionLostError,
    HanpanApiError,
    HanpanClient,
    HanpanHttp,
    PlayerSession,
    Reconnected,
    Saved,
    SignedOutError,
)
from tests.fakes.game_server import FakeGateway, fake_gateway, refusal
from tests.fakes.http_server import FakeHttp, answer

QUICK = ClientOptions(call_timeout_s=2, reconnect=Backoff(base_ms=5, cap_ms=20, max_attempts=5), seed=1)
ME = answer("200 OK", {"player_id": "p1", "name": "하나", "ratings": []})
GONE = answer("401 Unauthorized", {"code": "UNAUTHENTICATED", "detail": "틀렸습니다"})
BUSY = answer("503 Service Unavailable", {"code": "UNAVAILABLE"}, "Retry-After: 1")


def account(number: int) -> dict[str, object]:
    return {
        "player_id": "p1", "name": "하나", "access_token": f"a{number}", "expires_in_s": 100,
        "refresh_token": f"r{number}", "refresh_expires_in_s": 1000,
    }  # fmt: skip


def renewed(number: int) -> bytes:
    return answer("200 OK", account(number))


@dataclass
class Box:
    """기억 속의 곳간과 손으로 가는 시계."""

    saved: Saved | None = None
    now_s: float = 1000.0
    kept: list[str] = field(default_factory=list)

    def load(self) -> Saved | None:
        return self.saved

    def save(self, saved: Saved) -> None:
        self.saved = saved
        self.kept.append(saved.account.refresh_token)

    def clear(self) -> None:
        self.saved = None


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def session(http: HanpanHttp, box: Box) -> PlayerSession:
    first = Account("p1", "a1", 100, "하나", "r1", 1000)
    return PlayerSession(http, first, store=box, now_s=lambda: box.now_s)


def paths(server: FakeHttp) -> list[str]:
    return [first.split()[1].rsplit("/", 1)[-1] for first, _, _ in server.requests]


async def test_a_token_is_refreshed_before_it_dies(
    server: FakeHttp, session: PlayerSession, box: Box
) -> None:
    box.now_s += 79
    assert await session.token() == "a1"
    box.now_s += 1
    server.answers.append(renewed(2))
    assert await session.token() == "a2"
    assert server.requests[0][2] == b'{"refresh_token":"r1"}'
    assert box.kept == ["r1", "r2"]


async def test_many_who_ask_at_once_refresh_once(server: FakeHttp, session: PlayerSession) -> None:
    server.answers.append(renewed(2))
    await asyncio.gather(*(session.refresh() for _ in range(20)))
    assert (paths(server), session.account.access_token) == (["refresh"], "a2")


async def test_a_token_that_still_lives_is_used_while_the_server_is_ill(
    server: FakeHttp, session: PlayerSession, box: Box
) -> None:
    server.answers.extend([BUSY, BUSY])
    box.now_s += 90
    assert await session.token() == "a1"
    box.now_s += 10
    with pytest.raises(HanpanApiError, match="UNAVAILABLE"):
        await session.token()


async def test_a_refused_call_is_made_once_more_with_a_new_token(
    server: FakeHttp, http: HanpanHttp, session: PlayerSession
) -> None:
    server.answers.extend([GONE, renewed(2), ME])
    assert (await session.authorized(http.me)).player_id == "p1"
    assert paths(server) == ["me", "refresh", "me"]
    assert server.requests[2][1]["authorization"] == "Bearer a2"
    server.answers.extend([GONE, renewed(3), GONE])
    with pytest.raises(HanpanApiError, match="UNAUTHENTICATED"):
        await session.authorized(http.me)


async def test_a_dead_refresh_token_signs_out_and_is_forgotten(
    server: FakeHttp, session: PlayerSession, box: Box
) -> None:
    server.answers.append(GONE)
    with pytest.raises(SignedOutError):
        await session.refresh()
    assert box.saved is None
    with pytest.raises(SignedOutError):
        await session.token()
    assert paths(server) == ["refresh"]


async def test_a_kept_session_is_taken_up_again(
    server: FakeHttp, http: HanpanHttp, session: PlayerSession, box: Box
) -> None:
    assert PlayerSession.restore(http, Box()) is None
    again = PlayerSession.restore(http, box, now_s=lambda: box.now_s)
    assert again is not None
    assert await again.token() == await session.token() == "a1"
    box.now_s += 500
    later = PlayerSession.restore(http, box, now_s=lambda: box.now_s)
    assert later is not None
    server.answers.append(renewed(2))
    assert await later.token() == "a2"


@pytest.mark.parametrize("replies", [[answer("200 OK", {"ended": 1})], [GONE, GONE]], ids=["alive", "dead"])
async def test_a_logout_forgets_everything(
    server: FakeHttp, session: PlayerSession, box: Box, replies: list[bytes]
) -> None:
    server.answers.extend(replies)
    await session.logout(everywhere=True)
    assert server.requests[0][2] == b'{"everywhere":true}'
    assert box.saved is None


async def test_a_logout_that_did_not_reach_the_server_can_be_repeated(
    server: FakeHttp, session: PlayerSession, box: Box
) -> None:
    server.answers.extend([BUSY, answer("200 OK", {"ended": 1})])
    with pytest.raises(HanpanApiError, match="UNAVAILABLE"):
        await session.logout()
    assert box.saved is not None
    await session.logout()
    assert box.saved is None


# ---- 소켓


@pytest.fixture
async def gateway() -> AsyncIterator[FakeGateway]:
    async with fake_gateway() as running:
        yield running


async def test_a_socket_closed_for_its_token_comes_back_with_a_new_one(
    server: FakeHttp, gateway: FakeGateway, session: PlayerSession
) -> None:
    async with HanpanClient(gateway.url, session, QUICK) as client:
        server.answers.append(renewed(2))
        await gateway.close(4401)
        await client.wait_for(Reconnected)
        assert [hello["token"] for hello in await gateway.wait_received("hello", count=2)] == ["a1", "a2"]


async def test_a_new_token_that_is_refused_too_ends_it(
    server: FakeHttp, gateway: FakeGateway, session: PlayerSession
) -> None:
    async with HanpanClient(gateway.url, session, QUICK) as client:
        server.answers.append(renewed(2))
        gateway.answers["hello"] = refusal("UNAUTHENTICATED", close=4401)
        await gateway.close(4401)
        with pytest.raises(HanpanApiError, match="UNAUTHENTICATED"):
            await client.wait_for(Reconnected)
        assert paths(server) == ["refresh"]


async def test_a_client_logs_out_and_closes(
    server: FakeHttp, gateway: FakeGateway, session: PlayerSession
) -> None:
    async with HanpanClient(gateway.url, session, QUICK) as client:
        server.answers.append(answer("200 OK", {"ended": 1}))
        await client.logout()
        assert not client.is_connected
    async with HanpanClient(gateway.url, "token", QUICK) as client:
        with pytest.raises(TypeError):
            await client.logout()


async def test_a_bare_token_is_never_refreshed(server: FakeHttp, gateway: FakeGateway) -> None:
    async with HanpanClient(gateway.url, "token", QUICK) as client:
        await gateway.close(4401)
        with pytest.raises(ConnectionLostError):
            await client.wait_for(Reconnected)
    assert server.requests == []
