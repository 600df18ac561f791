"""판을 연다: 요청을 검사하고, 임대를 굳히고, 자리와 기록을 적은 뒤 방을 만든다. match_id로 멱등이다.

임대를 굳힌 뒤에는 이 서버만 그 판을 만들 수 있다. 그래서 부른 쪽의 기한이 지나도 시작한 일은 끝까지 가고,
다시 온 같은 요청은 그 답을 함께 받는다.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from concurrency.micro_batch import MicroBatch
from gameservices.rules.catalog import Mode
from gameservices.session.fleet.drain import Drain
from gameservices.session.identity import ServerIdentity
from gameservices.session.ownership.record_keeper import new_match_of, record_ttl_ms
from gameservices.session.ports import MatchHoldings, SeatTable
from gameservices.session.rooms.room import RoomPlan, RoomPlayer
from gameservices.session.rooms.room_host import RoomHost
from hanpan.v1 import session_pb2
from kernel.clock import Clock
from kernel.errors import InvalidArgument, Unavailable
from kernel.ids import is_id
from matches.outcome import SEED_MAX, TIME_MAX_MS
from redisstore.seats import MatchOpening, SeatGrant
from telemetry.logs import get_logger
from telemetry.tracing import current_span_context, current_traceparent, is_sampled, span

log = get_logger(__name__)

# 같은 요청의 답을 이만큼 기억한다. 굳힌 임대의 표시(60초)보다 길어, 잊은 뒤의 요청은 임대에서 막힌다.
ANSWER_KEEP_S = 120.0


Opening = asyncio.Task[session_pb2.CreateMatchResponse]


class MatchOpener:
    """CreateMatch의 몸통."""

    def __init__(
        self,
        *,
        host: RoomHost,
        modes: Mapping[str, Mode],
        leases: MatchHoldings,
        seats: SeatTable,
        drain: Drain,
        clock: Clock,
        identity: ServerIdentity,
    ) -> None:
        self._host = host
        self._modes = modes
        self._drain = drain
        self._clock = clock
        self._server_id = identity.server_id
        self._address = identity.address
        self._confirming: MicroBatch[str, bool] = MicroBatch(self._confirm, leads=is_sampled)
        self._seating: MicroBatch[MatchOpening, dict[str, SeatGrant]] = MicroBatch(
            seats.open_matches, leads=is_sampled
        )
        self._leases = leases
        self._openings: OrderedDict[str, tuple[float, Opening]] = OrderedDict()
        self.opening: set[str] = set()  # 지금 열고 있는 판

    async def open(self, request: session_pb2.CreateMatchRequest) -> session_pb2.CreateMatchResponse:
        """판을 열고 자리의 토큰을 준다. 같은 match_id의 요청은 처음의 답을 받는다.

        Raises:
            InvalidArgument: 모르는 모드, 틀린 선수 목록이나 값.
            SessionDraining: 드레인 중이다.
            Unavailable: 자리가 없거나, 임대가 지났거나, Redis가 멈췄다.
        """
        self._forget_old()
        known = self._openings.get(request.match_id)
        if known is None:
            plan = self._plan_of(request)
            self._drain.check_open()
            self._host.check_capacity(len(self.opening))
            task = asyncio.create_task(self._open(plan), name=f"open-{plan.match_id}")
            known = self._openings[plan.match_id] = (self._clock.monotonic_s(), task)
            self.opening.add(plan.match_id)
            task.add_done_callback(lambda done: self._opened(plan.match_id, done))
        return await asyncio.shield(known[1])

    async def _open(self, plan: RoomPlan) -> session_pb2.CreateMatchResponse:
        # 묶음이 아니라 이 판의 추적을 잇는다. 방은 이 스팬을 기억한다.
        with span("match.open", parent=plan.traceparent, links=[current_span_context()]):
            traceparent = current_traceparent() or plan.traceparent
            return await self._open_traced(replace(plan, traceparent=traceparent))

    async def _open_traced(self, plan: RoomPlan) -> session_pb2.CreateMatchResponse:
        if not await self._confirming.submit(plan.match_id):
            raise Unavailable("임대가 지났습니다")
        grants = await self._seating.submit(
            MatchOpening(
                match=new_match_of(plan, self._server_id),
                address=self._address,
                record_ttl_ms=record_ttl_ms(plan),
            )
        )
        self._host.open_room(plan)
        log.info("match.created", match_id=plan.match_id, mode=plan.mode.spec.name, players=len(plan.players))
        return session_pb2.CreateMatchResponse(
            match_id=plan.match_id,
            session_id=self._server_id,
            address=self._address,
            tick_rate_hz=plan.mode.spec.tick_rate_hz,
            seats=[
                session_pb2.SeatToken(player_id=player, resume_token=grant.resume_token, epoch=grant.epoch)
                for player, grant in grants.items()
            ],
        )

    async def _confirm(self, match_ids: Sequence[str]) -> list[bool]:
        return await self._leases.confirm_many(match_ids, self._server_id)

    def _plan_of(self, request: session_pb2.CreateMatchRequest) -> RoomPlan:
        mode = self._modes.get(request.mode)
        if mode is None:
            raise InvalidArgument("모르는 모드입니다")
        players = sorted(request.players, key=lambda player: player.slot)
        player_ids = {player.player_id for player in players}
        problems = {
            "match_id": not is_id(request.match_id),
            "region": not 0 < len(request.region) <= 32,
            "seed": request.seed > SEED_MAX,
            "created_at_ms": not 0 < request.created_at_ms <= TIME_MAX_MS,
            "queued_at_ms": not 0 <= request.queued_at_ms <= TIME_MAX_MS,
            "players": not mode.spec.min_players <= len(players) <= mode.spec.max_players,
            "player_id": len(player_ids) != len(players) or not all(map(is_id, player_ids)),
            "slot": [player.slot for player in players] != list(range(len(players))),
        }
        if wrong := [name for name, is_wrong in problems.items() if is_wrong]:
            raise InvalidArgument("판을 만들 수 없는 요청입니다: {fields}", fields=", ".join(wrong))
        return RoomPlan(
            match_id=request.match_id,
            mode=mode,
            region=request.region,
            seed=request.seed,
            players=tuple(RoomPlayer(row.player_id, row.name, row.rating, row.is_bot) for row in players),
            created_at_ms=request.created_at_ms,
            queued_at_ms=request.queued_at_ms,
            traceparent=request.traceparent,
        )

    def _opened(self, match_id: str, task: Opening) -> None:
        self.opening.discard(match_id)
        if task.cancelled() or task.exception() is not None:
            self._openings.pop(match_id, None)

    def _forget_old(self) -> None:
        before_s = self._clock.monotonic_s() - ANSWER_KEEP_S
        while self._openings and next(iter(self._openings.values()))[0] < before_s:
            self._openings.popitem(last=False)
