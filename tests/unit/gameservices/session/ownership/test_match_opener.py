"""판 열기: 검사, 거절, 멱등."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from gameservices.rules.catalog import load_modes
from gameservices.session.fleet.drain import Drain
from gameservices.session.ownership.match_opener import ANSWER_KEEP_S, MatchOpener
from gameservices.session.rooms.room_host import RoomHost
from hanpan.v1 import common_pb2, session_pb2
from kernel.errors import InvalidArgument, SessionDraining, Unavailable
from redisstore.live_matches import LiveMatch
from redisstore.seats import MatchOpening, SeatGrant
from tests.fakes.manual_clock import ManualClock
from tests.fakes.session_rooms import IDENTITY, PACE, HeardEvents, plan, player_id


def request(match: int = 1, *, players: int = 2, **changes: object) -> session_pb2.CreateMatchRequest:
    made = session_pb2.CreateMatchRequest(
        match_id=plan(match).match_id,
        mode="duel",
        region="local",
        seed=5,
        players=[
            common_pb2.MatchPlayer(player_id=player_id(10 * match + slot), name="n", rating=1500, slot=slot)
            for slot in range(players)
        ],
        created_at_ms=1_000,
        queued_at_ms=900,
    )
    for name, value in changes.items():
        setattr(made, name, value)
    return made


class Desk:
    """판 여는 곳과 저장소의 대역."""

    def __init__(self) -> None:
        self.clock, self.drain = ManualClock(), Drain(grace_ms=1_000)
        self.host = RoomHost(identity=IDENTITY, pace=PACE, clock=self.clock, events=HeardEvents())
        self.leased = True
        self.is_down = False
        self.confirmations: list[int] = []
        self.records: list[LiveMatch] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.subject = MatchOpener(
            host=self.host,
            modes=load_modes({}),
            leases=self,
            seats=self,
            drain=self.drain,
            clock=self.clock,
            identity=IDENTITY,
        )

    async def confirm_many(self, match_ids: Sequence[str], server_id: str) -> list[bool]:
        assert server_id == IDENTITY.server_id
        self.confirmations.append(len(match_ids))
        await self.gate.wait()
        return [self.leased] * len(match_ids)

    async def open_matches(self, openings: Sequence[MatchOpening]) -> list[dict[str, SeatGrant]]:
        if self.is_down:
            raise Unavailable
        for opening in openings:
            assert opening.address == IDENTITY.address
            assert opening.record_ttl_ms == 20_000 + 180_000
        self.records += [opening.match for opening in openings]
        return [
            {player: SeatGrant(f"rs1.{match.match_id}.{player}.s", 1) for player in match.player_ids}
            for match in (opening.match for opening in openings)
        ]

    @property
    def opened(self) -> list[str]:
        return [record.match_id for record in self.records]


@pytest.fixture
async def desk() -> Desk:
    return Desk()


async def test_an_opened_match_has_a_room_seats_and_a_record(desk: Desk) -> None:
    answer = await desk.subject.open(request())
    assert (answer.session_id, answer.address, answer.tick_rate_hz) == ("session1", "127.0.0.1:7000", 20)
    assert [(seat.player_id, seat.epoch) for seat in answer.seats] == [(player_id(10), 1), (player_id(11), 1)]
    assert desk.host.find(answer.match_id) is not None
    assert [record.status for record in desk.records] == ["created"]


async def test_the_same_request_again_gets_the_first_answer_and_no_second_room(desk: Desk) -> None:
    first = await desk.subject.open(request())
    assert await desk.subject.open(request()) == first
    assert desk.opened == [first.match_id]


async def test_requests_at_the_same_time_share_one_opening(desk: Desk) -> None:
    desk.gate.clear()
    waiting = [asyncio.create_task(desk.subject.open(request())) for _ in range(5)]
    await asyncio.sleep(0)
    desk.gate.set()
    answers = await asyncio.gather(*waiting)
    assert len(desk.opened) == 1
    assert all(answer == answers[0] for answer in answers)


async def test_a_caller_that_gave_up_does_not_undo_the_opening(desk: Desk) -> None:
    desk.gate.clear()
    impatient = asyncio.create_task(desk.subject.open(request()))
    await asyncio.sleep(0)
    impatient.cancel()
    assert len(desk.subject.opening) == 1
    desk.gate.set()
    answer = await desk.subject.open(request())
    assert desk.opened == [answer.match_id]
    assert not desk.subject.opening


async def test_an_ended_match_is_not_opened_again(desk: Desk) -> None:
    first = await desk.subject.open(request())
    desk.host.abort_all("SESSION_DRAINING")
    assert await desk.subject.open(request()) == first
    assert desk.host.running_matches == 0


async def test_a_forgotten_answer_is_guarded_by_the_lease(desk: Desk) -> None:
    await desk.subject.open(request())
    desk.clock.now_s += ANSWER_KEEP_S + 1
    desk.leased = False
    with pytest.raises(Unavailable):
        await desk.subject.open(request())


async def test_without_a_lease_nothing_is_opened(desk: Desk) -> None:
    desk.leased = False
    with pytest.raises(Unavailable):
        await desk.subject.open(request())
    assert not desk.opened
    assert desk.host.running_matches == 0


async def test_a_failed_opening_may_be_tried_again(desk: Desk) -> None:
    desk.is_down = True
    with pytest.raises(Unavailable):
        await desk.subject.open(request())
    desk.is_down = False
    await desk.subject.open(request())
    assert desk.host.running_matches == 1


async def test_matches_asked_in_one_turn_share_their_round_trips(desk: Desk) -> None:
    answers = await asyncio.gather(*(desk.subject.open(request(match)) for match in (1, 2, 3)))
    assert desk.confirmations == [3]
    assert [answer.match_id for answer in answers] == desk.opened
    assert desk.host.running_matches == 3


async def test_a_draining_server_takes_no_new_match_but_answers_for_the_old(desk: Desk) -> None:
    first = await desk.subject.open(request())
    desk.drain.stop(0)
    assert await desk.subject.open(request()) == first
    with pytest.raises(SessionDraining):
        await desk.subject.open(request(2))


async def test_a_full_server_refuses(desk: Desk) -> None:
    for match in range(1, IDENTITY.capacity_matches + 1):
        await desk.subject.open(request(match))
    with pytest.raises(Unavailable):
        await desk.subject.open(request(9))


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (request(mode="chess"), "모드"),
        (request(match_id="m"), "match_id"),
        (request(region=""), "region"),
        (request(seed=2**63), "seed"),
        (request(created_at_ms=0), "created_at_ms"),
        (request(created_at_ms=2**62), "created_at_ms"),
        (request(queued_at_ms=-1), "queued_at_ms"),
        (request(players=1), "players"),
        (request(players=3), "players"),
    ],
)
async def test_a_request_that_makes_no_match_is_refused(
    desk: Desk, wrong: session_pb2.CreateMatchRequest, named: str
) -> None:
    with pytest.raises(InvalidArgument, match=named):
        await desk.subject.open(wrong)


async def test_players_must_be_different_and_their_slots_without_gaps(desk: Desk) -> None:
    twice, gap = request(), request()
    twice.players[1].player_id = twice.players[0].player_id
    gap.players[1].slot = 2
    with pytest.raises(InvalidArgument, match="player_id"):
        await desk.subject.open(twice)
    with pytest.raises(InvalidArgument, match="slot"):
        await desk.subject.open(gap)
