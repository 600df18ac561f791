"""고리가 짬을 내어 하는 일들의 차례: 줄의 뒷정리와 되살리기. 저마다 제 간격이 있고, 실패하면 다음에 한다."""

from __future__ import annotations

from collections.abc import Sequence

from gameservices.matchmaking.director.housekeeping import Housekeeping
from gameservices.matchmaking.director.recovery import Recovery
from gameservices.matchmaking.queue.queue_mirror import QueueSnapshot
from redisstore.tickets.rows import Ticket

TIDY_EVERY_S = 0.25
SWEEP_EVERY_S = 1.0


class Upkeep:
    """한 리전의 뒷일."""

    def __init__(self, *, housekeeping: Housekeeping, recovery: Recovery) -> None:
        self._housekeeping = housekeeping
        self._recovery = recovery
        self._tidy_at_s = self._sweep_at_s = 0.0
        self._vanished: list[Ticket] = []

    def note_vanished(self, tickets: Sequence[Ticket]) -> None:
        """이 프로세스가 빼지 않았는데 사라진 표들. 다음 뒷정리가 선수에게 알린다."""
        self._vanished += tickets

    async def work(self, snapshot: QueueSnapshot, now_s: float, *, reap: bool) -> None:
        """때가 된 일만 한다. `reap`이면 임대가 끊긴 gateway의 표도 거둔다.

        Raises:
            Unavailable: Redis가 예산 안에 답하지 않았다. 남은 것은 다음에 한다.
        """
        if now_s >= self._tidy_at_s:
            self._tidy_at_s = now_s + TIDY_EVERY_S
            await self._housekeeping.tidy(snapshot, reap=reap)
            if self._vanished:
                await self._housekeeping.tell_vanished(self._vanished)
                self._vanished.clear()
        if now_s >= self._sweep_at_s:
            self._sweep_at_s = now_s + SWEEP_EVERY_S
            await self._recovery.sweep(snapshot.now_ms)
