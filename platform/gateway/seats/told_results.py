"""판의 끝을 선수의 소켓이 받았음을 적게 한다: 다음 hello가 같은 결과를 다시 알리지 않는다.

받았음은 결과 뒤에 보낸 ping의 pong이 증명한다(`wire.py`). 적지 못하면 다음 hello가 한 번 더 알릴 뿐이다.
"""

from __future__ import annotations

from concurrency.background import BackgroundTasks
from gateway.ports import PlayerHolds
from gateway.websocket.connection import Connection
from kernel.errors import Unavailable
from telemetry.logs import get_logger

log = get_logger(__name__)


class ToldResults:
    """소켓들이 받은 결과."""

    def __init__(self, holds: PlayerHolds) -> None:
        self._holds = holds
        self._tasks = BackgroundTasks()

    def heard(self, conn: Connection, match_id: str) -> None:
        """이 소켓이 그 판의 끝을 받았다."""
        if conn.player is not None:
            self._tasks.spawn(self._note(conn.player.player_id, match_id), name="result-told")

    async def stop(self) -> None:
        """적던 것을 그만둔다."""
        await self._tasks.stop()

    async def _note(self, player_id: str, match_id: str) -> None:
        try:
            await self._holds.told(player_id, match_id)
        except Unavailable as error:
            log.info("result.not_noted", match_id=match_id, reason=error.message)
