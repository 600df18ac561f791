"""resume의 무대: 진짜 gateway 둘, 진짜 Redis, 진짜 방. 틱만 시험이 빠르게 돌린다.

서버가 반영한 것을 빠짐없이 적어 둔다: 규칙에 온 부름(`RecordingRules.calls`), 자리마다 받은 입력 번호
(`RecordingRoom`), 틱마다의 모습. 클라이언트가 본 것을 이것들과 견준다.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from typing import Any

import pytest

from gameservices.rules.base import EntityState
from gameservices.rules.catalog import Mode, load_modes
from gameservices.rules.star_collect import StarCollect
from gameservices.session.ownership.record_keeper import new_match_of, record_ttl_ms
from gameservices.session.rooms import link_events
from gameservices.session.rooms.room import AnyRoom, Room, RoomPlan, RoomPlayer, RoomSeat
from gameservices.session.rooms.room_host import RoomHost
from gameservices.session.servicer import SessionServicer
from gateway.store_batches import HoldBatch
from hanpan.v1 import common_pb2, session_pb2_grpc
from hanpan.v1 import matchmaking_pb2 as pb
from kernel.clock import SystemClock
from kernel.errors import AlreadyInMatch
from kernel.ids import new_id
from matches.outcome import Settlement
from redisstore import keys
from redisstore.client import AsyncRedis
from redisstore.gate import RedisGate
from redisstore.live_matches import LiveMatchStore
from redisstore.results import OwedResults
from redisstore.seats import MatchOpening, SeatGrant, SeatStore
from redisstore.tickets.reads import TicketReader
from rpc.batch import refusal
from rpc.channels import make_server
from tests.fakes.gateway_ports import FakeRedis, FakeServerRow
from tests.fakes.gateway_process import Gateway, gateway_process, settings_for_tests
from tests.fakes.matchmaking_server import HOST, FakeMatchmaking, matchmaking_server
from tests.fakes.session_rooms import IDENTITY, PACE

REGION = "local"
TICK_S = 0.004
MATCH_MS = 5_000  # 20 Hz로 100틱. 시험은 4 ms마다 돌린다

# 끊김을 세는 시험이다. 바쁜 기계에서 늦게 돌아온 선수를 기권으로 치지 않는다.
PATIENT = dataclasses.replace(PACE, abandon_after_ms=600_000, concede_after_ms=600_000)


class RecordingRules(StarCollect):
    """받은 부름과 틱마다의 모습을 적는 별 모으기."""

    def __init__(self, **arguments: Any) -> None:
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self.worlds: dict[int, dict[int, EntityState]] = {}
        super().__init__(**arguments)
        self.worlds[0] = dict(self.entities())

    def apply_input(self, slot: int, values: Sequence[int]) -> None:
        self.calls.append(("apply_input", (slot, tuple(values))))
        super().apply_input(slot, values)

    def idle(self, slot: int) -> None:
        self.calls.append(("idle", (slot,)))
        super().idle(slot)

    def leave(self, slot: int) -> None:
        self.calls.append(("leave", (slot,)))
        super().leave(slot)

    def step(self) -> None:
        self.calls.append(("step", ()))
        super().step()
        self.worlds[len(self.worlds)] = dict(self.entities())


class RecordedMatch:
    """무대에서 열린 판 하나."""

    def __init__(self, plan: RoomPlan, rules: RecordingRules) -> None:
        self.plan = plan
        self.rules = rules
        self.inputs: list[list[tuple[int, tuple[int, ...]]]] = [[] for _ in plan.players]

    def replayed_scores(self) -> list[int]:
        """적어 둔 부름을 새 판에 그대로 되풀이한 점수."""
        replay = StarCollect(
            mode=self.plan.mode.spec, player_count=len(self.plan.players), seed=self.plan.seed
        )
        for name, arguments in self.rules.calls:
            getattr(replay, name)(*arguments)
        return replay.scores()


class PairingMatchmaking(FakeMatchmaking):
    """판에 매인 선수는 다시 서지 못하는 matchmaking."""

    def __init__(self, redis: AsyncRedis) -> None:
        super().__init__()
        self.seated: set[str] = set()
        self._redis = redis

    async def Join(self, request: pb.JoinRequest, context: Any) -> pb.JoinResponse:  # noqa: N802 - proto의 이름이다
        """표의 가드도 적는다: 돌아온 hello가 제 표를 잇는다. 그 사이 잡힌 판의 가드는 덮지 않는다."""
        reply = await super().Join(request, context)
        for wish, outcome in zip(request.wishes, reply.outcomes, strict=True):
            if outcome.HasField("joined"):
                guard = f"ticket:{outcome.joined.ticket_id}"
                await self._redis.set(keys.player_guard(REGION, wish.player_id), guard, px=60_000, nx=True)
        return reply

    async def Cancel(self, request: pb.CancelRequest, context: Any) -> pb.CancelResponse:  # noqa: N802 - proto의 이름이다
        """거둔 표의 가드도 지운다."""
        reply = await super().Cancel(request, context)
        name = keys.player_guard(REGION, request.player_id)
        if await self._redis.get(name) == f"ticket:{reply.ticket_id}":
            await self._redis.delete(name)
        return reply

    def _join(self, wish: pb.JoinWish) -> pb.JoinOutcome:
        if wish.player_id in self.seated and wish.request_key not in self.replies:
            return pb.JoinOutcome(refused=refusal(AlreadyInMatch()))
        return super()._join(wish)


class ResumeStage:
    """gateway 둘과 session 하나."""

    def __init__(self, redis: AsyncRedis, matchmaking: PairingMatchmaking) -> None:
        self.gateways: list[Gateway] = []
        self.matches: dict[str, RecordedMatch] = {}
        self.address = ""
        self._redis = redis
        self._matchmaking = matchmaking
        self._seats = SeatStore(RedisGate(redis))
        self._live = LiveMatchStore(RedisGate(redis))
        self._settlements: dict[str, Settlement] = {}
        self._endings: set[asyncio.Task[None]] = set()
        self._seeds = count(1)
        self._mode = dataclasses.replace(
            load_modes({"duel": {"duration_ms": MATCH_MS}})["duel"], rules=RecordingRules
        )
        self.host = RoomHost(identity=IDENTITY, pace=PATIENT, clock=SystemClock(), events=self)
        # 판은 무대가 열므로 여는 이는 불리지 않는다.
        self.servicer = SessionServicer(
            host=self.host, opener=None, live=self._live, read_stored=self._read_settlement,
            read_player=self._read_player,
        )  # fmt: skip

    async def _read_player(self, _player_id: str) -> None:
        """무대에는 저장된 선수가 없다."""

    # ---- matchmaking의 일

    async def run(self) -> None:
        """틱을 돌리고, 기다리는 둘을 짝짓는다."""
        while True:
            await asyncio.sleep(TICK_S)
            self.host.tick()
            waiting = self._matchmaking.tickets
            if len(waiting) >= 2:
                pair = dict(list(waiting.items())[:2])
                for ticket_id in pair:
                    del waiting[ticket_id]
                self._matchmaking.seated |= {wish.player_id for wish in pair.values()}
                await self._open(pair)

    async def _open(self, pair: Mapping[str, pb.JoinWish]) -> None:
        """가드, 자리, 방, 통지의 순서다(운영과 같다)."""
        plan = _plan(self._mode, [wish.player_id for wish in pair.values()], next(self._seeds))
        for player in plan.players:
            await self._redis.set(
                keys.player_guard(REGION, player.player_id), f"match:{plan.match_id}", px=60_000
            )
        grants = await self._seats.open_match(
            MatchOpening(
                match=new_match_of(plan, IDENTITY.server_id),
                address=self.address,
                record_ttl_ms=record_ttl_ms(plan),
            )
        )
        room = self.host.open_room(plan)
        self.matches[plan.match_id] = RecordedMatch(plan, room._rules)  # type: ignore[arg-type]
        for gateway_id in {wish.gateway_id for wish in pair.values()}:
            mine = {name: wish for name, wish in pair.items() if wish.gateway_id == gateway_id}
            found = self._found(plan, mine, grants)
            self._matchmaking.notify(gateway_id.partition(".")[0], pb.WatchEvent(match_found=found))

    def _found(
        self, plan: RoomPlan, tickets: Mapping[str, pb.JoinWish], grants: Mapping[str, SeatGrant]
    ) -> pb.MatchFound:
        return pb.MatchFound(
            match_id=plan.match_id,
            mode="duel",
            session_id=IDENTITY.server_id,
            session_address=self.address,
            tick_rate_hz=20,
            players=[
                common_pb2.MatchPlayer(player_id=player.player_id, name=player.name, rating=1500, slot=slot)
                for slot, player in enumerate(plan.players)
            ],
            seats=[
                pb.FoundSeat(
                    player_id=wish.player_id,
                    ticket_id=ticket_id,
                    conn_id=wish.conn_id,
                    resume_token=grants[wish.player_id].resume_token,
                    epoch=grants[wish.player_id].epoch,
                )
                for ticket_id, wish in tickets.items()
            ],
        )

    # ---- session의 일

    def room_started(self, room: AnyRoom) -> None:
        """적을 것이 없다."""

    def room_ended(self, room: AnyRoom) -> None:
        """결과를 저장하고, 놓아주고, 알리고, 기록을 지운다(운영과 같은 순서다)."""
        ending = asyncio.create_task(self._end(room))
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)

    def player_left(self, room: AnyRoom, player_id: str, tell: Callable[[], None]) -> None:
        """떠난 선수를 놓아주고 알린다."""
        ending = asyncio.create_task(self._let_go(player_id, tell))
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)

    async def _let_go(self, player_id: str, tell: Callable[[], None]) -> None:
        await self._redis.delete(keys.player_guard(REGION, player_id))
        self._matchmaking.seated.discard(player_id)
        tell()

    async def _end(self, room: AnyRoom) -> None:
        settlement = Settlement(room.match_id, room.abort_code, room.player_ids, tuple(_rows(room)))
        self._settlements[room.match_id] = settlement
        for player_id in room.player_ids:
            await self._redis.delete(keys.player_guard(REGION, player_id))
        self._matchmaking.seated -= set(room.player_ids)
        self.host.settle(room.match_id, link_events.match_over(settlement))
        await self._live.drop(room.match_id)

    async def _read_settlement(self, match_id: str) -> Settlement | None:
        return self._settlements.get(match_id)


@dataclasses.dataclass(frozen=True)
class _Row:
    player_id: str
    place: int
    score: int
    rating_before: float | None = 1500.0
    rating_after: float | None = 1500.0
    conceded: bool = False


def _rows(room: AnyRoom) -> list[_Row]:
    return [_Row(row.player_id, row.place, row.score) for row in room.standings()]


def _plan(mode: Mode, player_ids: Sequence[str], seed: int) -> RoomPlan:
    return RoomPlan(
        match_id=new_id(),
        mode=mode,
        region=REGION,
        seed=seed,
        players=tuple(RoomPlayer(player_id, "선수", 1500.0) for player_id in player_ids),
        created_at_ms=1_000,
        queued_at_ms=900,
    )


@asynccontextmanager
async def resume_stage(redis: AsyncRedis, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ResumeStage]:
    """떠 있는 무대."""
    async with AsyncExitStack() as stack:
        matchmaking = PairingMatchmaking(redis)
        await stack.enter_async_context(matchmaking_server(fake=matchmaking))
        stage = ResumeStage(redis, matchmaking)
        _record_inputs(stage, monkeypatch)
        server = make_server()
        session_pb2_grpc.add_SessionServiceServicer_to_server(stage.servicer, server)
        stage.address = f"{HOST}:{server.add_insecure_port(f'{HOST}:0')}"
        await server.start()
        stack.push_async_callback(server.stop, None)
        ports = {
            "holds": HoldBatch(TicketReader(RedisGate(redis), REGION), OwedResults(RedisGate(redis), REGION)),
            "seats": SeatStore(RedisGate(redis)),
        }
        registry = FakeRedis(rows=[FakeServerRow(stage.address)])
        for name in ("gateway1", "gateway2"):
            settings = settings_for_tests([matchmaking.address], instance=name)
            stage.gateways.append(
                await stack.enter_async_context(gateway_process(settings, registry, **ports))
            )
        running = asyncio.create_task(stage.run())
        try:
            yield stage
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def _record_inputs(stage: ResumeStage, monkeypatch: pytest.MonkeyPatch) -> None:
    """자리가 받아들인 입력의 번호와 값을 판에 적는다."""
    take_input = Room.take_input

    def recorded(room: Room[Any], seat: RoomSeat[Any], seq: int, values: Sequence[int]) -> None:
        before = seat.last_seq
        take_input(room, seat, seq, values)
        if seat.last_seq != before:
            stage.matches[room.match_id].inputs[seat.slot].append((seq, tuple(values)))

    monkeypatch.setattr(Room, "take_input", recorded)
