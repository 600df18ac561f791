"""매칭의 단위 시험이 쓰는 메모리의 바깥: 등록부, session, 판의 기록, 레이팅, 그리고 짧은 만들기 함수들."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from gameservices.matchmaking.director.match_plan import MatchPlan
from gameservices.rules.base import ModeSpec
from hanpan.v1.session_pb2 import CreateMatchRequest, CreateMatchResponse, SeatToken
from kernel.errors import HanpanError, Unavailable
from kernel.ids import new_id
from redisstore.live_matches import RUNNING, LiveMatch
from redisstore.servers.registry import Allocation, LeaseEnd, ServerPick
from redisstore.tickets.rows import Claimed, ClaimRequest, Joined, NewTicket, Ticket
from resilience.stance import Stance
from telemetry import metrics
from tests.fakes.memory_tickets import MemoryTickets

OLD_RATINGS = Stance.fail_open(metrics.rating_read_fallback.inc)  # matchmaking/server.py와 같다

REGION = "test"
DUEL = ModeSpec(name="duel", min_players=2, max_players=2, duration_ms=20_000)
ARENA = ModeSpec(name="arena", min_players=2, max_players=4, duration_ms=60_000, fill_wait_ms=10_000)
MODES = {"duel": DUEL, "arena": ARENA}


@dataclass
class MemoryServers:
    """등록부의 메모리 쌍둥이. `places`는 서버마다 남은 자리다."""

    places: dict[str, int] = field(default_factory=lambda: {"session1": 100})
    leases: dict[str, str] = field(default_factory=dict)
    confirmed: dict[str, str] = field(default_factory=dict)
    failing: bool = False

    async def allocate(
        self, match_id: str, exclude: Collection[str] = (), *, not_after_ms: int = 0
    ) -> ServerPick | None:
        if self.failing:
            raise Unavailable
        held = self.confirmed.get(match_id) or self.leases.get(match_id)
        if held is None and not_after_ms != 1:
            free = [each for each, left in sorted(self.places.items()) if left and each not in exclude]
            if free:
                held = self.leases[match_id] = free[0]
                self.places[held] -= 1
        return ServerPick(held, f"{held}:7000") if held else None

    async def allocate_many(self, wanted: Sequence[Allocation]) -> list[ServerPick | None]:
        return [
            await self.allocate(each.match_id, each.exclude, not_after_ms=each.not_after_ms)
            for each in wanted
        ]

    async def release_lease(self, match_id: str) -> LeaseEnd:
        if self.failing:
            raise Unavailable
        if match_id in self.confirmed:
            return LeaseEnd.CONFIRMED
        server_id = self.leases.pop(match_id, None)
        if server_id is None:
            return LeaseEnd.GONE
        self.places[server_id] += 1
        return LeaseEnd.RELEASED


@dataclass
class ScriptedSessions:
    """session 서버들. `script`가 부름마다 무슨 일이 나는지 정한다(기본은 성공)."""

    servers: MemoryServers
    script: Callable[[str, CreateMatchRequest], HanpanError | None] = lambda _address, _request: None
    confirms_before_failing: bool = False
    asked: Counter[str] = field(default_factory=Counter)
    requests: list[CreateMatchRequest] = field(default_factory=list)

    async def create(self, address: str, request: CreateMatchRequest) -> CreateMatchResponse:
        await asyncio.sleep(0)
        self.asked[address] += 1
        self.requests.append(request)
        failure = self.script(address, request)
        server_id = address.partition(":")[0]
        if failure is None or self.confirms_before_failing:
            self.servers.confirmed[request.match_id] = server_id
        if failure is not None:
            raise failure
        return CreateMatchResponse(
            match_id=request.match_id, session_id=server_id, address=address, tick_rate_hz=20,
            seats=[
                SeatToken(player_id=player.player_id, resume_token=f"rs-{player.player_id}", epoch=1)
                for player in request.players
            ],
        )  # fmt: skip


@dataclass
class MemoryLive:
    """살아 있는 판의 기록."""

    matches: dict[str, LiveMatch] = field(default_factory=dict)

    async def get(self, match_id: str) -> LiveMatch | None:
        return self.matches.get(match_id)

    def run(self, match_id: str, player_ids: Sequence[str] = ()) -> None:
        """판이 도는 것으로 적는다."""
        self.matches[match_id] = LiveMatch(
            match_id=match_id, status=RUNNING, mode="duel", region=REGION, server_id="session1",
            player_ids=tuple(player_ids), queued_at_ms=0, created_at_ms=0,
        )  # fmt: skip


@dataclass
class MemoryRatings:
    """레이팅. `gate`를 닫으면 답이 늦고, `failing`이면 Unavailable이다."""

    mus: dict[str, float] = field(default_factory=dict)
    failing: bool = False
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    reads: list[tuple[str, list[str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate.set()

    async def read(self, mode: str, player_ids: Sequence[str]) -> Mapping[str, float]:
        self.reads.append((mode, list(player_ids)))
        await self.gate.wait()
        if self.failing:
            raise Unavailable
        return {player_id: self.mus.get(player_id, 1500.0) for player_id in player_ids}


def new_ticket(**changes: object) -> NewTicket:
    """새 대기표. 칸은 이름으로 바꾼다."""
    fields: dict[str, object] = {
        "ticket_id": new_id(), "player_id": new_id(), "name": "가람", "mode": "duel", "rating": 1500.0,
        "gateway_id": "gateway1", "conn_id": 7, "request_key": "k",
    }  # fmt: skip
    return NewTicket(**{**fields, **changes})  # type: ignore[arg-type]


async def queued(tickets: MemoryTickets, count: int = 2, **changes: object) -> list[Ticket]:
    """줄에 선 표들."""
    asked = [new_ticket(**changes) for _ in range(count)]
    assert all(isinstance(reply, Joined) for reply in await tickets.join(asked))
    return [tickets.rows[each.ticket_id].ticket for each in asked]


async def claimed_plan(tickets: MemoryTickets, seated: Sequence[Ticket]) -> MatchPlan:
    """잡은 판."""
    request = ClaimRequest(
        match_id=new_id(), mode=seated[0].mode, seed=11, tickets=seated, guard_ttl_ms=1_000
    )
    [reply] = await tickets.claim("mm1", [request])
    assert isinstance(reply, Claimed)
    return MatchPlan(
        match_id=request.match_id, region=REGION, spec=MODES[seated[0].mode], seed=11,
        claimed_ms=reply.claimed_ms, tickets=tuple(seated),
    )  # fmt: skip
