"""자리마다 누가 없고 얼마나 되었는가, 그래서 누가 판을 버린 것인가. 순수하다.

시간은 벽시계가 아니라 지나간 host 틱의 수다: 얼었다 깨어난 서버가 밀린 요청(돌아온 선수)을 읽기도 전에 언
시간을 자리를 비운 시간으로 치지 않는다. 어느 gateway와도 이어져 있지 않은 동안은 세지 않고, 이어지면 처음부터
센다: gateway가 모두 다시 뜨거나 망이 끊긴 것은 선수의 탓이 아니다.
"""

from __future__ import annotations

from collections.abc import Collection

from gameservices.rules.base import TICK_RATE_HZ

DUEL_SEATS = 2


class Presence:
    """방 하나의 자리들. 모두 빈 채로 시작한다."""

    def __init__(self, seats: int, *, abandon_after_ms: int, concede_after_ms: int) -> None:
        self._seats = seats
        self._abandon_ticks = ticks_of(abandon_after_ms)
        self._concede_ticks = ticks_of(concede_after_ms)
        self._now = 0
        self._held_until = 0
        self._gone_since = dict.fromkeys(range(seats), 0)

    def came(self, slot: int) -> None:
        """자리에 소켓이 앉았다."""
        self._gone_since.pop(slot, None)

    def went(self, slot: int) -> None:
        """자리에서 소켓이 떠났다. 이미 빈 자리면 아무 일도 없다."""
        self._gone_since.setdefault(slot, self._now)

    def advance(self, *, is_held: bool) -> None:
        """host 틱 하나가 지났다. `is_held`면 세지 않는다."""
        self._now += 1
        if is_held:
            self._held_until = self._now

    def is_abandoned(self, conceded: Collection[int]) -> bool:
        """모두가 떠난 지 오래인가. 포기한 자리는 떠난 것으로 친다."""
        stays = [slot for slot in range(self._seats) if slot not in conceded]
        if not stays or any(slot not in self._gone_since for slot in stays):
            return False
        return min(map(self._gone_ticks, stays)) >= self._abandon_ticks

    def absentee(self, conceded: Collection[int]) -> int | None:
        """둘의 판에서, 남은 상대를 두고 너무 오래 비운 자리. 둘 다 없으면 누구도 아니다."""
        if self._seats != DUEL_SEATS or conceded or len(self._gone_since) != 1:
            return None
        slot = next(iter(self._gone_since))
        return slot if self._gone_ticks(slot) >= self._concede_ticks else None

    @property
    def is_full(self) -> bool:
        """빈 자리가 없는가."""
        return not self._gone_since

    def _gone_ticks(self, slot: int) -> int:
        return self._now - max(self._gone_since[slot], self._held_until)


def ticks_of(duration_ms: int) -> int:
    """이만큼의 시간이 되는 host 틱의 수. 모자라지 않게 올린다."""
    return -(-duration_ms * TICK_RATE_HZ // 1000)
