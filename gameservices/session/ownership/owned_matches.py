"""이 서버가 맡은 판: 기록을 지키고, 끊겨 있던 사이 남이 끝낸 판은 놓는다."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from gameservices.session.fleet.heartbeat import FleetHeartbeat
from gameservices.session.ownership.record_keeper import RecordKeeper
from gameservices.session.rooms.room_host import RoomHost
from kernel.errors import SessionLost, Unavailable
from matches.outcome import Settlement
from telemetry.logs import get_logger

log = get_logger(__name__)


class OwnedMatches:
    """`Periodic`이 `keep`을 부른다."""

    def __init__(
        self,
        *,
        host: RoomHost,
        heartbeat: FleetHeartbeat,
        records: RecordKeeper,
        read_stored: Callable[[str], Awaitable[Settlement | None]],
    ) -> None:
        self._host = host
        self._heartbeat = heartbeat
        self._records = records
        self._read_stored = read_stored

    async def keep(self) -> None:
        """기록을 지킨다. 끊겨 있던 동안 남이 끝낸 판을 되살리지 않도록 그것부터 본다.

        Raises:
            Unavailable: Redis가 멈췄다. 하지 못한 일은 다음 번에 한다.
        """
        if self._heartbeat.is_late:
            return  # 곧 하트비트가 닿거나, Redis가 멈춰 있다
        if self._heartbeat.was_cut_off:
            await self._give_up_taken()
        await self._records.work()

    async def _give_up_taken(self) -> None:
        """등록부에서 사라져 있던 사이 끝이 쓰인 판을 놓는다. 그 끝이 보는 선수들에게 간다."""
        for room in self._host.live_rooms():
            try:
                settlement = await self._read_stored(room.match_id)
            except Unavailable as error:
                # 알 수 없으면 판을 이어 간다: 끝이 이미 쓰였으면 결과를 쓸 때 가드가 알린다.
                log.warning("match.ownership_unknown", reason=error.message)
                return
            if settlement is not None:
                log.warning("match.taken", match_id=room.match_id)
                self._host.abort(room.match_id, SessionLost.code)
        self._heartbeat.note_reconciled()
