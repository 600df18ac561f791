"""사라진 서버의 판: 누구를 언제 끝내고 누구를 그대로 두는가."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from gameservices.session.ownership.lost_matches import STEADY_S, LostMatches, LostMatchPorts
from kernel.errors import Unavailable
from kernel.ids import new_id
from matches.outcome import MatchOutcome, PlayerOutcome, Settlement, decode_outcome
from redisstore.live_matches import RUNNING, LiveMatch
from redisstore.results import FIRST, PendingResult
from redisstore.servers.rows import ServerRow, ServerState
from tests.fakes.manual_clock import ManualClock
from tests.fakes.session_rooms import IDENTITY

OWN, OTHER = IDENTITY.server_id, "session2"


def row(server_id: str, state: ServerState) -> ServerRow:
    return ServerRow(
        server_id=server_id, address="", state=state, capacity=1, running=0, load=0, version="", seen_ms=0,
        drain_intended=False,
    )  # fmt: skip


@dataclass
class World:
    """등록부, 기록, 일지, 뒷일의 대역."""

    clock: ManualClock = field(default_factory=ManualClock)
    steady_s: float = STEADY_S
    states: dict[str, ServerState] = field(default_factory=lambda: {OTHER: ServerState.LOST})
    holdings: dict[str, set[str]] = field(default_factory=dict)
    matches: dict[str, LiveMatch] = field(default_factory=dict)
    written: list[PendingResult] = field(default_factory=list)
    hosted: set[str] = field(default_factory=set)
    taken_over: list[str] = field(default_factory=list)
    decided: list[MatchOutcome] = field(default_factory=list)
    concluded: list[str] = field(default_factory=list)
    database_is_down: bool = False

    def __post_init__(self) -> None:
        self.subject = LostMatches(
            LostMatchPorts(fleet=self, live=self, pending=self, journal=self, closer=self),
            steady_s=lambda: self.steady_s,
            is_hosted=self.hosted.__contains__,
            clock=self.clock,
            identity=IDENTITY,
        )

    def run(self, server_id: str, *, created_at_ms: int = 1_000) -> str:
        """그 서버가 맡은 도는 판 하나."""
        match = LiveMatch(
            match_id=new_id(), status=RUNNING, mode="duel", region="local", server_id=server_id,
            player_ids=(new_id(), new_id()), queued_at_ms=900, created_at_ms=created_at_ms,
            started_at_ms=created_at_ms + 5,
        )  # fmt: skip
        self.matches[match.match_id] = match
        self.holdings.setdefault(server_id, set()).add(match.match_id)
        return match.match_id

    def write_down(self, match_id: str, *, index: int = 1) -> None:
        """끝난 결과가 일지에 있다."""
        match = self.matches[match_id]
        outcome = MatchOutcome(
            match_id=match_id, mode="duel", region="local", server_id=match.server_id, status="finalized",
            abort_code="", created_at_ms=1, started_at_ms=1, ended_at_ms=2, ticks=1, seed=1,
            players=tuple(PlayerOutcome(player_id=player, place=1, score=0) for player in match.player_ids),
        )  # fmt: skip
        self.written.append(PendingResult(f"{index}-0", outcome.encode().decode(), 10))

    async def servers(self) -> list[ServerRow]:
        return [row(server_id, state) for server_id, state in self.states.items()]

    async def held(self, server_id: str) -> set[str]:
        return set(self.holdings.get(server_id, ()))

    async def let_go(self, server_id: str, match_id: str) -> None:
        self.holdings[server_id].discard(match_id)

    async def get(self, match_id: str) -> LiveMatch | None:
        return self.matches.get(match_id)

    async def pending(self, _older_than_ms: int, count: int, *, after: str = FIRST) -> list[PendingResult]:
        start = 0 if after == FIRST else 1 + [each.entry_id for each in self.written].index(after)
        return self.written[start : start + count]

    async def take_over(self, written: PendingResult) -> None:
        match_id = decode_outcome(written.payload).match_id
        self.taken_over.append(match_id)
        self.holdings[self.matches[match_id].server_id].discard(match_id)

    async def decide(self, outcome: MatchOutcome) -> Settlement:
        if self.database_is_down:
            raise Unavailable
        self.decided.append(outcome)
        return Settlement(outcome.match_id, outcome.abort_code, (), ())

    async def conclude(self, outcome: MatchOutcome, _settlement: Settlement) -> None:
        self.concluded.append(outcome.match_id)


@pytest.fixture
def world() -> World:
    return World()


async def test_a_held_match_of_a_lost_server_is_aborted_unrated_and_let_go(world: World) -> None:
    match_id = world.run(OTHER)
    await world.subject.sweep()
    (outcome,) = world.decided
    outcome.check()
    assert (outcome.match_id, outcome.status, outcome.abort_code) == (match_id, "aborted", "SESSION_LOST")
    assert (outcome.server_id, outcome.queued_at_ms, outcome.started_at_ms) == (OTHER, 900, 1_005)
    assert {player.player_id for player in outcome.players} == set(world.matches[match_id].player_ids)
    assert world.concluded == [match_id]
    assert not world.holdings[OTHER]


@pytest.mark.parametrize("state", [ServerState.READY, ServerState.DRAINING, ServerState.DRAINED])
async def test_a_server_that_still_speaks_keeps_its_matches(world: World, state: ServerState) -> None:
    world.run(OTHER)
    world.states[OTHER] = state
    await world.subject.sweep()
    assert not world.decided


async def test_whoever_was_cut_off_itself_judges_nobody(world: World) -> None:
    world.run(OTHER)
    world.steady_s = STEADY_S - 0.01
    await world.subject.sweep()
    assert not world.decided
    world.steady_s = STEADY_S
    await world.subject.sweep()
    assert len(world.decided) == 1


async def test_a_written_result_is_finalized_instead_of_aborted(world: World) -> None:
    finished, unfinished = world.run(OTHER), world.run(OTHER)
    world.write_down(finished)
    await world.subject.sweep()
    assert world.taken_over == [finished]
    assert [outcome.match_id for outcome in world.decided] == [unfinished]


async def test_an_unreadable_line_of_the_journal_stops_nothing(world: World) -> None:
    match_id = world.run(OTHER)
    world.written.append(PendingResult("1-0", "{", 10))
    await world.subject.sweep()
    assert world.concluded == [match_id]


async def test_a_match_without_a_record_is_only_let_go(world: World) -> None:
    match_id = world.run(OTHER)
    del world.matches[match_id]
    await world.subject.sweep()
    assert not world.decided
    assert not world.holdings[OTHER]


async def test_a_failure_leaves_the_match_for_the_next_sweep(world: World) -> None:
    match_id = world.run(OTHER)
    world.database_is_down = True
    with pytest.raises(Unavailable):
        await world.subject.sweep()
    assert world.holdings[OTHER] == {match_id}
    world.database_is_down = False
    await world.subject.sweep()
    assert world.concluded == [match_id]


async def test_a_returned_server_ends_what_its_former_self_had_once(world: World) -> None:
    former = world.run(OWN, created_at_ms=world.clock.now_ms() - 5_000)
    mine = world.run(OWN, created_at_ms=world.clock.now_ms() - 5_000)
    world.hosted.add(mine)
    await world.subject.sweep()
    assert world.concluded == [former]
    later = world.run(OWN, created_at_ms=world.clock.now_ms() + 10)
    await world.subject.sweep()
    assert world.concluded == [former]
    assert world.holdings[OWN] == {mine, later}


async def test_a_match_opened_since_the_start_is_never_taken_for_inherited(world: World) -> None:
    match_id = world.run(OWN, created_at_ms=world.clock.now_ms() + 1)
    await world.subject.sweep()
    assert not world.decided
    assert world.holdings[OWN] == {match_id}


async def test_its_own_lost_row_is_not_judged(world: World) -> None:
    mine = world.run(OWN)
    world.hosted.add(mine)
    world.states = {OWN: ServerState.LOST}
    await world.subject.sweep()
    assert not world.decided
