"""자리에 앉는 길: 이은 판, 돌아온 판, 새 판. 앉지 못하거나 자리를 잃으면 무엇을 알리고 무엇을 남기는가."""

from __future__ import annotations

import asyncio

import pytest

from gateway.seats import seat_entry as module
from gateway.seats.ports import LinkedSeat
from gateway.seats.seat_entry import REJOIN_LIMIT_S, SETTLE_LIMIT_S
from gateway.seats.session_links import NobodyToAsk
from gateway.websocket.player_phase import ConnectedPlayer, Greeting, Idle, Seated
from hanpan.v1 import common_pb2
from kernel.errors import (
    HanpanError,
    NotFound,
    NotInMatch,
    ResumeExpired,
    ResumeInvalid,
    SessionLost,
    Superseded,
    Unavailable,
)
from players.names import guest_name
from tests.fakes.manual_clock import ManualClock
from tests.unit.gateway.conftest import SentConnection
from tests.unit.gateway.seats.seat_world import (
    ADDRESS,
    Answer,
    World,
    refuses,
    says_nothing,
    supersedes,
)


@pytest.fixture
def world(clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> World:
    for name in ("REJOIN_EVERY_S", "SETTLE_EVERY_S"):
        monkeypatch.setattr(module, name, 0.0)
    return World(clock)


# ---- resume으로 이은 판


async def test_a_resume_takes_the_seat_with_a_new_token_and_epoch(world: World) -> None:
    assert await world.resume()
    (told,) = world.conn.sent()
    assert told == {
        "t": "resumed", "re": "r", "match_id": world.match_id, "tick": 41, "gateway": "gateway9",
        "resume_token": told["resume_token"],
    }  # fmt: skip
    assert told["resume_token"] != world.token
    assert world.sessions.addresses == [ADDRESS]
    assert world.sessions.links[0].did == ["attach 2"]
    assert world.conn.player == ConnectedPlayer(world.player_id, "가람")
    assert isinstance(world.conn.side.phase, Seated)


async def test_the_old_token_dies_when_the_new_socket_says_its_first_word(world: World) -> None:
    await world.resume()
    assert world.redis.confirmed == []
    world.conn.heard_frame()
    world.conn.heard_frame()
    await asyncio.sleep(0)
    assert world.redis.confirmed == [(world.match_id, world.player_id, 2)]


async def test_a_confirmation_nobody_can_write_harms_nothing(world: World) -> None:
    await world.resume()
    world.redis.is_down = True
    world.conn.heard_frame()
    await asyncio.sleep(0)
    assert world.redis.confirmed == []
    assert isinstance(world.conn.side.phase, Seated)


@pytest.mark.parametrize("kind", ["stale", "expired", "redis is down"])
async def test_a_resume_whose_token_says_nothing_opens_no_way(world: World, kind: str) -> None:
    refusal: type[HanpanError] = ResumeInvalid
    if kind == "stale":
        await world.redis.rotate(world.token)
    elif kind == "expired":
        world.redis.expire(world.match_id, world.player_id)
        refusal = ResumeExpired
    else:
        world.redis.is_down = True
        refusal = Unavailable
    with pytest.raises(refusal):
        await world.resume()
    assert (world.sessions.addresses, world.sessions.asked, world.conn.sent()) == ([], 0, [])
    assert world.conn.side.phase == Greeting()


@pytest.mark.parametrize("way", ["no route", "session lost", "silent"])
async def test_a_resume_of_a_match_that_is_gone_without_a_result_is_lost(
    world: World, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose(world, way, monkeypatch)
    with pytest.raises(SessionLost):
        await world.resume()
    assert (world.conn.sent(), world.conn.side.phase, world.sessions.asked) == ([], Greeting(), 1)
    assert all(link.did == ["attach 2", "detach"] for link in world.sessions.links)


@pytest.mark.parametrize("way", ["no route", "session lost", "silent"])
@pytest.mark.parametrize(
    ("known", "stored", "told"), [("나래", "가람", "나래"), ("", "가람", "가람"), ("", "", None)]
)
async def test_a_resume_of_a_match_that_ended_gives_its_result(
    world: World, way: str, known: str, stored: str, told: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose(world, way, monkeypatch)
    world.sessions.results = [world.result(name=stored)]
    assert not await world.resume(known)
    (result,) = world.conn.sent()
    assert (result["t"], result["re"], result["match_id"]) == ("match.result", "r", world.match_id)
    name = told or guest_name(world.player_id)
    assert world.conn.side.phase == Idle(ConnectedPlayer(world.player_id, name))
    assert world.conn.last_match_id == world.match_id
    assert world.conn.on_next_frame is None


def lose(world: World, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """판이 도는 서버를 잃는다."""
    if way == "no route":
        del world.redis.routes[world.match_id]
    elif way == "session lost":
        world.sessions.answer = refuses(SessionLost)
    else:
        world.sessions.answer = says_nothing
        monkeypatch.setattr(module, "ATTACH_LIMIT_S", 0.001)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(Unavailable(), Unavailable), (NobodyToAsk(), SessionLost)],
    ids=["down", "nobody"],
)
async def test_a_result_nobody_can_tell_now_is_unknown_and_one_nobody_holds_is_lost(
    world: World, answer: HanpanError, expected: type[HanpanError]
) -> None:
    del world.redis.routes[world.match_id]
    world.sessions.results = [answer]
    with pytest.raises(expected):
        await world.resume()
    assert world.conn.side.phase == Greeting()


async def test_a_resume_of_a_match_the_player_left_has_an_invalid_token(world: World) -> None:
    world.sessions.answer = refuses(NotInMatch)
    with pytest.raises(ResumeInvalid):
        await world.resume()
    assert world.sessions.asked == 0
    assert (world.conn.side.phase, world.conn.last_match_id) == (Greeting(), world.match_id)


async def test_a_resume_that_lost_the_race_leaves_the_close_to_its_asker(world: World) -> None:
    world.sessions.answer = supersedes
    with pytest.raises(Superseded):
        await world.resume()
    assert (world.conn.sent(), world.conn.is_closing, world.conn.side.phase) == ([], False, Greeting())


# ---- hello로 돌아온 판


async def test_a_player_who_says_hello_again_finds_the_match(world: World) -> None:
    assert await world.rejoin()
    (found,) = world.conn.sent()
    assert (found["t"], found["match_id"], found["mode"]) == ("match.found", world.match_id, "duel")
    assert found["resume_token"] != world.token
    assert world.conn.on_next_frame is None  # 옛 토큰은 벌써 죽었다


@pytest.mark.parametrize(
    ("status", "told"),
    [(common_pb2.MATCH_STATUS_FINALIZED, "match.result"), (common_pb2.MATCH_STATUS_ABORTED, "match.aborted")],
)
async def test_a_match_that_just_ended_gives_its_end(world: World, status: int, told: str) -> None:
    world.sessions.answer = refuses(SessionLost)
    world.sessions.results = [NotFound(), Unavailable(), world.result(status=status)]
    assert await world.rejoin()
    assert [frame["t"] for frame in world.conn.sent()] == [told]
    assert world.sessions.asked == 3


@pytest.mark.parametrize(("answer", "raises"), [(NotFound(), False), (Unavailable(), True)])
async def test_a_match_that_nobody_knows_is_given_up_after_a_while(
    world: World, answer: HanpanError, raises: bool
) -> None:
    del world.redis.routes[world.match_id]
    world.sessions.results = [answer]
    world.sessions.on_asked = lambda: setattr(world.clock, "now_s", world.clock.now_s + REJOIN_LIMIT_S / 2)
    if raises:
        with pytest.raises(Unavailable):
            await world.rejoin()
    else:
        assert not await world.rejoin()
    assert world.sessions.asked == 2
    assert world.conn.sent() == []


@pytest.mark.parametrize(("answer", "error"), [(refuses(NotInMatch), NotInMatch), (supersedes, Superseded)])
async def test_a_seat_that_is_not_this_sockets_ends_the_return(
    world: World, answer: Answer, error: type[HanpanError]
) -> None:
    world.sessions.answer = answer
    with pytest.raises(error):
        await world.rejoin()
    assert isinstance(world.conn.side.phase, Idle)
    assert world.sessions.asked == 0


async def test_a_socket_seated_meanwhile_is_left_alone(world: World) -> None:
    world.found()
    assert await world.rejoin()
    assert len(world.sessions.links) == 1


# ---- 새로 잡힌 판과, 앉은 뒤에 사라진 자리


async def test_a_found_match_is_told_and_attached_once(world: World) -> None:
    world.found()
    world.found()
    assert [frame["t"] for frame in world.conn.sent()] == ["match.found"]
    assert [link.did for link in world.sessions.links] == [["attach 1"]]


async def test_a_match_that_already_ended_here_is_not_found_again(world: World) -> None:
    world.conn.push_end(world.match_id, "match.aborted", "{}")
    world.found()
    assert world.sessions.links == []


@pytest.mark.parametrize("stored", [True, False])
async def test_a_seat_whose_server_vanished_gets_the_result_or_hears_that_it_is_lost(
    world: World, stored: bool
) -> None:
    seat = await seated(world)
    world.sessions.results = [Unavailable(), world.result() if stored else NotFound()]
    seat.lost()
    told = await next_told(world.conn)
    assert (told["t"], told.get("code")) == (
        ("match.result", None) if stored else ("match.aborted", "SESSION_LOST")
    )
    assert isinstance(world.conn.side.phase, Idle)


async def test_a_vanished_match_nobody_can_tell_about_is_unavailable_after_a_while(world: World) -> None:
    seat = await seated(world)
    world.sessions.results = [Unavailable()]
    world.sessions.on_asked = lambda: setattr(world.clock, "now_s", world.clock.now_s + SETTLE_LIMIT_S / 2)
    seat.lost()
    assert (await next_told(world.conn))["code"] == "UNAVAILABLE"
    assert world.sessions.asked == 2


async def seated(world: World) -> LinkedSeat:
    """앉은 자리. 앉기까지의 말은 치워 둔다."""
    assert await world.rejoin()
    world.conn.sent()
    return world.sessions.links[0].seats[0]


async def next_told(conn: SentConnection) -> dict[str, object]:
    """다음 글 프레임."""
    async with asyncio.timeout(5):
        while not (told := conn.sent()):  # noqa: ASYNC110 - 알려 줄 이가 없다
            await asyncio.sleep(0.001)
    return told[0]
