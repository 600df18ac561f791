"""도는 판의 Redis 기록을 지킨다.

상태가 바뀌면 적고, 5초마다 늘리고, Redis가 비어 돌아오면 기억에서 되살린다.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from gameservices.session.identity import ServerIdentity
from gameservices.session.ports import LiveRecords, MatchHoldings, SeatTable
from gameservices.session.rooms.room import AnyRoom, RoomPlan, RoomSeat, RoomStatus
from gameservices.session.rooms.room_host import RoomHost
from kernel.clock import Clock
from kernel.errors import Unavailable
from redisstore import keys
from redisstore.live_matches import LiveMatch
from redisstore.seats import SeatRecord, SeatRefresh
from telemetry.logs import get_logger

log = get_logger(__name__)

PERIOD_S = 1.0
BATCH = 100


@dataclass(frozen=True, slots=True)
class RecordStores:
    """판의 기록이 사는 곳들."""

    seats: SeatTable
    live: LiveRecords
    holdings: MatchHoldings


class RecordKeeper:
    """`Periodic`이 `work`를 부른다. 실패한 일은 남아 다음 번에 다시 한다."""

    def __init__(
        self, *, host: RoomHost, stores: RecordStores, clock: Clock, identity: ServerIdentity
    ) -> None:
        self._host = host
        self._seats = stores.seats
        self._live = stores.live
        self._holdings = stores.holdings
        self._clock = clock
        self._server_id = identity.server_id
        self._address = identity.address
        self._changed: dict[str, AnyRoom] = {}
        self._remembered: dict[str, dict[str, SeatRecord]] = {}
        self._refreshed_s: dict[str, float] = {}

    def note_change(self, room: AnyRoom) -> None:
        """상태가 바뀐 방을 다음 번에 적는다."""
        self._changed[room.match_id] = room

    async def work(self) -> None:
        """바뀐 방을 적고, 늘릴 때가 된 방을 늘린다.

        Raises:
            Unavailable: Redis가 멈췄다. 하지 못한 일은 다음 번에 한다.
        """
        await self._write_changes()
        rooms = {room.match_id: room for room in self._host.rooms()}
        self._forget_all_but(rooms)
        due = list(rooms.values()) if await self._was_emptied(rooms) else self._due(rooms)
        for start in range(0, len(due), BATCH):
            await self._refresh(due[start : start + BATCH])

    async def _write_changes(self) -> None:
        while self._changed:
            batch = dict(islice(self._changed.items(), BATCH))
            self._changed = {
                match_id: room for match_id, room in self._changed.items() if match_id not in batch
            }
            rooms = [room for match_id, room in batch.items() if self._host.find(match_id) is room]
            try:
                await self._put(rooms)
                await self._drop_settled(rooms)
            except Unavailable:
                self._changed = batch | self._changed
                raise

    async def _put(self, rooms: Sequence[AnyRoom]) -> None:
        if rooms:
            await self._live.put_many(
                [(live_match_of(room, self._server_id), record_ttl_ms(room.plan)) for room in rooms]
            )

    async def _drop_settled(self, rooms: Sequence[AnyRoom]) -> None:
        """적는 사이 결과가 정해진 판은 다시 치운다. 뒷일이 먼저 치우고 우리가 나중에 적었을 수 있다."""
        for room in rooms:
            if self._host.find(room.match_id) is not room:
                await self._live.drop(room.match_id)

    async def _was_emptied(self, rooms: Mapping[str, AnyRoom]) -> bool:
        """우리가 적은 경로가 수명 전에 없으면 Redis가 비어 돌아온 것이다."""
        known = next((match_id for match_id in self._refreshed_s if match_id in rooms), None)
        if known is None or await self._seats.route(known) is not None:
            return False
        log.warning("redis.emptied", matches=len(rooms))
        return True

    def _due(self, rooms: Mapping[str, AnyRoom]) -> list[AnyRoom]:
        before_s = self._clock.monotonic_s() - keys.ROUTE_REFRESH_MS / 1000
        return [
            room
            for match_id, room in rooms.items()
            if self._refreshed_s.get(match_id, float("-inf")) <= before_s
        ]

    async def _refresh(self, rooms: Sequence[AnyRoom]) -> None:
        asked = [
            SeatRefresh(
                room.match_id,
                _stayers(room),
                {seat.player.player_id for seat in room.seats if seat.viewer is not None},
            )
            for room in rooms
        ]
        answers = await self._seats.refresh(self._server_id, self._address, asked)
        for room, records in zip(rooms, answers, strict=True):
            remembered = self._remembered.setdefault(room.match_id, {})
            remembered.update({player: record for player, record in records.items() if record is not None})
            missing = [player for player, record in records.items() if record is None]
            # 기록이 가드보다 먼저다: 기록 없는 가드는 주인 없는 것으로 보여 join이 푼다. 자리가 마지막이라
            # 중간에 멈추면 다음 번에 처음부터 다시 한다.
            if missing or room.status is RoomStatus.ENDED:
                await self._put([room])
            if missing:
                await self._holdings.hold(self._server_id, room.match_id)
                await self._restore(room, missing)
            self._refreshed_s[room.match_id] = self._clock.monotonic_s()
        await self._drop_settled(rooms)

    async def _restore(self, room: AnyRoom, missing: Sequence[str]) -> None:
        if room.status is not RoomStatus.ENDED:
            match = live_match_of(room, self._server_id)
            await self._live.restore_guards(match, _stayers(room), ttl_ms=record_ttl_ms(room.plan))
        seats = {seat.player.player_id: seat for seat in room.seats}
        await self._seats.restore(
            room.match_id, {player: self._record_of(room, seats[player]) for player in missing}
        )

    def _record_of(self, room: AnyRoom, seat: RoomSeat[Any]) -> SeatRecord:
        """기억한 자리. 그 뒤에 더 새로운 접속이 앉았으면 기억한 비밀은 이미 죽은 것이라 되살리지 않는다."""
        remembered = self._remembered[room.match_id].get(seat.player.player_id)
        if remembered is not None and remembered.epoch >= seat.epoch:
            return remembered
        return SeatRecord("", "", 0, seat.epoch, self._clock.now_ms() + keys.RESUME_TTL_MS)

    def _forget_all_but(self, rooms: Mapping[str, AnyRoom]) -> None:
        for gone in [match_id for match_id in self._refreshed_s if match_id not in rooms]:
            del self._refreshed_s[gone]
            self._remembered.pop(gone, None)


def _stayers(room: AnyRoom) -> tuple[str, ...]:
    """판에 매인 선수들. 떠난 선수의 자리와 가드는 지키지도 되살리지도 않는다."""
    return tuple(seat.player.player_id for seat in room.seats if not seat.has_left)


def live_match_of(room: AnyRoom, server_id: str) -> LiveMatch:
    """방의 지금을 기록으로 옮긴다."""
    return replace(
        new_match_of(room.plan, server_id),
        status=room.status.value,
        started_at_ms=room.started_at_ms,
        ended_at_ms=room.ended_at_ms,
    )


def new_match_of(plan: RoomPlan, server_id: str) -> LiveMatch:
    """막 여는 판의 기록."""
    return LiveMatch(
        match_id=plan.match_id,
        status=RoomStatus.CREATED.value,
        mode=plan.mode.spec.name,
        region=plan.region,
        server_id=server_id,
        player_ids=tuple(player.player_id for player in plan.players),
        queued_at_ms=plan.queued_at_ms,
        created_at_ms=plan.created_at_ms,
    )


def record_ttl_ms(plan: RoomPlan) -> int:
    """기록과 가드의 수명: 판 길이와 여유(드레인까지)."""
    return plan.mode.spec.duration_ms + keys.MATCH_GRACE_MS
