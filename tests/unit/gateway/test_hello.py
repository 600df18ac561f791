"""첫 프레임의 상태 기계: 들임, 돌려보냄, 다시 보내게 함."""

from __future__ import annotations

import asyncio

import pytest

from gateway.hello import HelloHandler
from gateway.protocol import client_frames
from gateway.settings import GatewaySettings
from gateway.store_batches import LiveTokens
from gateway.websocket.connection import Connection
from gateway.websocket.player_phase import ConnectedPlayer
from gateway.websocket.socket_limits import SocketLimits
from kernel.errors import (
    HanpanError,
    InvalidArgument,
    ResumeExpired,
    ResumeInvalid,
    SessionLost,
    Superseded,
    Unavailable,
)
from kernel.ids import new_id
from telemetry import metrics
from tests.fakes.gateway_ports import UNKNOWN_IS_ALIVE, FakeRedis, FakeVerifier, token_of
from tests.fakes.manual_clock import ManualClock
from tests.unit.gateway.conftest import SentConnection, make_connection


class ReturningSeats:
    """자리로 돌려놓는 쪽. `refusal`을 주면 resume을 거절한다."""

    def __init__(self) -> None:
        self.taken_over: list[str] = []
        self.refusal: HanpanError | None = None

    async def run(self, conn: Connection, player: ConnectedPlayer) -> None:
        self.taken_over.append(player.player_id)

    async def resume(self, conn: Connection, resume_token: str, **_rest: object) -> bool:
        if self.refusal is not None:
            raise self.refusal
        conn.side.identify(ConnectedPlayer("resumed", ""))
        return True


@pytest.fixture
def seating() -> ReturningSeats:
    return ReturningSeats()


@pytest.fixture
def redis() -> FakeRedis:
    return FakeRedis()


@pytest.fixture
def sockets() -> SocketLimits:
    return SocketLimits(per_player=1, greetings_per_address=1000)


@pytest.fixture
def hello(
    seating: ReturningSeats, redis: FakeRedis, sockets: SocketLimits, clock: ManualClock
) -> HelloHandler:
    settings = GatewaySettings(instance="gateway9", region="local")
    verifier = LiveTokens(FakeVerifier(), redis, stance=UNKNOWN_IS_ALIVE)
    return HelloHandler(
        settings=settings, verifier=verifier, seats=seating, takeover=seating, sockets=sockets, clock=clock
    )


async def test_a_good_hello_makes_the_socket_the_players(
    hello: HelloHandler, conn: SentConnection, seating: ReturningSeats, clock: ManualClock
) -> None:
    await hello.first(conn, client_frames.Hello(id="1", token=token_of("p1", "가람")))
    await asyncio.sleep(0)
    assert conn.player == ConnectedPlayer("p1", "가람")
    assert conn.sent() == [
        {
            "t": "welcome",
            "re": "1",
            "player_id": "p1",
            "conn_id": "7",
            "gateway": "gateway9",
            "region": "local",
            "heartbeat_interval_ms": 15_000,
            "server_time_ms": clock.now_ms(),
        }
    ]
    assert seating.taken_over == ["p1"]


@pytest.mark.parametrize("how", ["hello", "resume"])
async def test_every_way_in_counts_against_the_sockets_of_the_player(
    hello: HelloHandler, sockets: SocketLimits, conn: SentConnection, clock: ManualClock, how: str
) -> None:
    first = make_connection(clock, conn_id=1, player_id="resumed")
    sockets.welcomed(first)
    greeting: client_frames.ClientMessage = client_frames.Hello(token=token_of("resumed"))
    if how == "resume":
        greeting = client_frames.Resume(resume_token="x")
    await hello.first(conn, greeting)
    assert (first.is_closing, conn.is_closing) == (True, False)


async def test_a_token_that_was_logged_out_is_refused(
    hello: HelloHandler, redis: FakeRedis, conn: SentConnection, seating: ReturningSeats
) -> None:
    redis.logged_out.add("p1")
    await hello.first(conn, client_frames.Hello(id="1", token=token_of("p1")))
    error = conn.sent()[0]
    assert (error["t"], error["code"], error["re"]) == ("error", "UNAUTHENTICATED", "1")
    assert (conn.player, conn.is_closing, seating.taken_over) == (None, True, [])


async def test_a_hello_is_let_in_and_counted_while_nobody_can_tell_who_logged_out(
    hello: HelloHandler, redis: FakeRedis, conn: SentConnection
) -> None:
    before = metrics.gateway_revocation_unknown._value.get()
    redis.is_down = True
    await hello.first(conn, client_frames.Hello(id="1", token=token_of("p1")))
    assert conn.player == ConnectedPlayer("p1", "선수")
    assert metrics.gateway_revocation_unknown._value.get() == before + 1


async def test_a_socket_whose_time_ran_out_while_its_token_was_looked_at_stays_out(
    hello: HelloHandler, conn: SentConnection, seating: ReturningSeats
) -> None:
    greeting = asyncio.create_task(hello.first(conn, client_frames.Hello(token=token_of("p1"))))
    await asyncio.sleep(0)
    hello.expired(conn)
    await greeting
    assert (conn.player, seating.taken_over) == (None, [])
    assert "welcome" not in [message["t"] for message in conn.sent()]


@pytest.mark.parametrize(
    ("asked", "told"), [("elsewhere", "elsewhere"), ("local", None), ("", None), (None, None)]
)
async def test_a_region_that_is_not_ours_is_told(
    hello: HelloHandler, conn: SentConnection, asked: str | None, told: str | None
) -> None:
    await hello.first(conn, client_frames.Hello(token=token_of("p1"), region=asked))
    welcome = conn.sent()[0]
    assert (welcome["region"], welcome.get("requested_region")) == ("local", told)


async def test_a_bad_token_closes_and_names_nobody(hello: HelloHandler, conn: SentConnection) -> None:
    await hello.first(conn, client_frames.Hello(id="1", token="forged"))
    error, close = conn.sent()
    assert (error["code"], error["re"]) == ("UNAUTHENTICATED", "1")
    assert close == {"t": "close", "code": 4401}
    assert conn.player is None


async def test_any_other_first_message_closes(hello: HelloHandler, conn: SentConnection) -> None:
    await hello.first(conn, client_frames.Ping(ts=1))
    assert [frame.get("code") for frame in conn.sent()] == ["UNAUTHENTICATED", 4401]


@pytest.mark.parametrize("kind", ["hello", "resume"])
def test_a_bad_hello_may_be_sent_again(hello: HelloHandler, conn: SentConnection, kind: str) -> None:
    hello.bad_first(conn, client_frames.BadMessage(InvalidArgument("칸"), re=3, kind=kind))
    assert [frame["code"] for frame in conn.sent()] == ["INVALID_ARGUMENT"]
    assert not conn.is_closing


@pytest.mark.parametrize("kind", ["ping", None])
def test_another_bad_message_closes(hello: HelloHandler, conn: SentConnection, kind: str | None) -> None:
    hello.bad_first(conn, client_frames.BadMessage(InvalidArgument("칸"), re=3, kind=kind))
    assert [frame.get("code") for frame in conn.sent()] == ["UNAUTHENTICATED", 4401]


def test_a_socket_that_never_said_who_is_closed_at_the_limit(
    hello: HelloHandler, conn: SentConnection
) -> None:
    hello.expired(conn)
    assert [frame.get("code") for frame in conn.sent()] == ["UNAUTHENTICATED", 4401]
    assert conn.aborts_within_s == [2.0]


def test_the_limit_means_nothing_to_a_player(hello: HelloHandler, conn: SentConnection) -> None:
    conn.side.identify(ConnectedPlayer("p1", ""))
    hello.expired(conn)
    assert conn.sent() == []


@pytest.mark.parametrize(
    ("refusal", "close_code"),
    [(ResumeInvalid(), 4410), (ResumeExpired(), 4410), (SessionLost(), 4410), (Unavailable(), 4503)],
)
async def test_every_refusal_of_a_resume_has_its_close_code(
    hello: HelloHandler,
    conn: SentConnection,
    seating: ReturningSeats,
    refusal: HanpanError,
    close_code: int,
) -> None:
    seating.refusal = refusal
    await hello.first(conn, client_frames.Resume(resume_token="x"))
    assert [frame.get("code") for frame in conn.sent()] == [refusal.code, close_code]


async def test_a_resume_with_another_players_token_never_touches_the_seat(
    hello: HelloHandler, conn: SentConnection, seating: ReturningSeats
) -> None:
    token = f"rs1.{new_id()}.{new_id()}.secret"
    await hello.first(conn, client_frames.Resume(resume_token=token, token=token_of(new_id())))
    assert [frame.get("code") for frame in conn.sent()] == ["PERMISSION_DENIED", 4410]
    assert conn.player is None


async def test_a_dead_access_token_counts_as_none(hello: HelloHandler, conn: SentConnection) -> None:
    token = f"rs1.{new_id()}.{new_id()}.secret"
    await hello.first(conn, client_frames.Resume(resume_token=token, token="expired or forged"))
    assert conn.player is not None


async def test_a_resume_that_lost_the_race_hears_bye_before_the_close(
    hello: HelloHandler, conn: SentConnection, seating: ReturningSeats
) -> None:
    seating.refusal = Superseded()
    await hello.first(conn, client_frames.Resume(resume_token="x"))
    error, bye, close = conn.sent()
    assert [frame["code"] for frame in (error, bye, close)] == ["SUPERSEDED", "SUPERSEDED", 4409]
    assert bye["reconnect"] is False


async def test_a_resume_with_the_players_own_token_goes_through(
    hello: HelloHandler, conn: SentConnection
) -> None:
    owner = new_id()
    token = f"rs1.{new_id()}.{owner}.secret"
    await hello.first(conn, client_frames.Resume(resume_token=token, token=token_of(owner)))
    assert conn.player is not None


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        (None, "인증이 필요합니다"),
        ("ko-KR", "인증이 필요합니다"),
        ("en", "Authentication is required"),
        ("fr", "Authentication is required"),
    ],
)
async def test_a_refusal_speaks_the_language_the_first_frame_names(
    hello: HelloHandler, conn: SentConnection, lang: str | None, told: str
) -> None:
    await hello.first(conn, client_frames.Hello(token="forged", lang=lang))
    assert conn.sent()[0]["message"] == told
