"""판을 떠난 선수를 matchmaking에 놓아준 다음 그에게 알린다. 알림을 본 선수는 곧바로 다시 줄을 설 수 있다.

놓아주기는 닿을 때까지 되풀이된다. 닿은 뒤에도 판이 도는 동안 가끔 다시 말한다: Redis가 죽었다 살아나면
마지막 1초의 일을 잊어(appendfsync everysec) 놓아준 가드가 되살아날 수 있다. 그 사이 다른 것에 매인 선수는
건드리지 않는다.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from concurrency.cancellation import end_tasks
from gameservices.session.ports import Releaser
from gameservices.session.rooms.room import AnyRoom
from telemetry.logs import get_logger

log = get_logger(__name__)

REMIND_PERIOD_S = 5.0


class Leavers:
    """떠난 선수들의 뒷일. `live_rooms`는 이 서버에서 도는 방들을 준다."""

    def __init__(self, releaser: Releaser, live_rooms: Callable[[], Sequence[AnyRoom]]) -> None:
        self._releaser = releaser
        self._live_rooms = live_rooms
        self._tasks: set[asyncio.Task[None]] = set()

    def let_go(self, room: AnyRoom, player_id: str, tell: Callable[[], None]) -> None:
        """놓아준 뒤 `tell`을 부른다. 곧바로 돌아온다."""
        log.info("match.player_left", match_id=room.match_id, player_id=player_id)
        task = asyncio.create_task(self._let_go(room, player_id, tell), name=f"leave-{room.match_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def remind(self) -> None:
        """도는 판을 떠난 선수들을 다시 놓아주게 한다. `Periodic`이 부른다."""
        for room in self._live_rooms():
            left = [seat.player.player_id for seat in room.seats if seat.has_left]
            if left:
                self._releaser.owe(room.match_id, room.plan.region, left)

    async def stop(self) -> None:
        """놓아주던 일을 그만둔다. 남은 가드는 판의 끝이 푼다."""
        await end_tasks(self._tasks)

    async def _let_go(self, room: AnyRoom, player_id: str, tell: Callable[[], None]) -> None:
        await self._releaser.release(room.match_id, room.plan.region, [player_id])
        tell()
