"""새 hello가 선수의 것을 잇는다: 도는 판의 자리, 기다리는 대기표, 듣지 못한 결과.

hello의 답은 이것을 기다리지 않는다. Redis나 matchmaking이 멈췄으면 UNAVAILABLE을 한 번 알리고, 소켓이 사는
동안 다시 묻는다. 판이 만들어지는 중이면 정해질 때까지 묻는다: 무산되면 대기표로, 만들어지면 자리로 잇는다.
"""

from __future__ import annotations

import asyncio
import random
from typing import Protocol

from gateway.ports import PlayerHolds
from gateway.queueing.tickets import Adoption
from gateway.websocket.connection import Connection, Player
from kernel.clock import Clock
from kernel.errors import NotInMatch, Superseded, Unavailable
from resilience.retry import RetryPolicy
from telemetry.logs import get_logger
from telemetry.tracing import span

log = get_logger(__name__)

TICKET_GUARD = "ticket:"
MATCH_GUARD = "match:"
# 판이 만들어지거나 가드가 바뀌는 중이면 곧 다시, 멈춘 것이 있으면 쉬어 가며 묻는다.
SETTLING = RetryPolicy(base_ms=200, cap_ms=2_000)
UNAVAILABLE = RetryPolicy(base_ms=1_000, cap_ms=4_000)
MAX_BACKOFF_STEPS = 8
GIVE_UP_AFTER_S = 90.0  # 대기표와 claim의 수명보다 길다. 이 뒤에 남은 것은 다음 hello가 잇는다


class SeatReturn(Protocol):
    """판의 자리와 결과를 주는 쪽(`SeatEntry`)."""

    async def rejoin(self, conn: Connection, player_id: str, match_id: str) -> bool:
        """그 판의 자리나 결과를 준다. 어느 것도 없으면 False. 오류: Superseded, Unavailable."""
        ...

    async def tell_result(self, conn: Connection, player_id: str, match_id: str) -> bool:
        """끝난 판의 결과를 준다. 결과가 없으면 False. 오류: Unavailable(아직 알 수 없다)."""
        ...

    def tell_lost(self, conn: Connection, match_id: str) -> None:
        """판이 사라졌다고 알린다."""


class TicketReturn(Protocol):
    """대기표를 주는 쪽(`Tickets`)."""

    async def adopt(self, conn: Connection, player: Player, ticket_id: str) -> Adoption:
        """표를 잇는다. `ticket_id`가 비면 판이 만들어지는 중인지만 묻는다. 오류: Unavailable."""
        ...


class Takeover:
    """hello마다 하나씩 도는 일."""

    def __init__(
        self, *, holds: PlayerHolds, seating: SeatReturn, tickets: TicketReturn, clock: Clock
    ) -> None:
        self._holds = holds
        self._seating = seating
        self._tickets = tickets
        self._clock = clock

    async def run(self, conn: Connection, player: Player) -> None:
        """선수의 것을 모두 이을 때까지 되풀이한다. 소켓이 닫히면 취소된다."""
        give_up_at_s = self._clock.monotonic_s() + GIVE_UP_AFTER_S
        is_told, attempts = False, 0
        while not conn.is_closing:
            pace, attempts = SETTLING, attempts + 1
            try:
                if await self._try(conn, player):
                    return
            except Superseded:
                conn.close_superseded()
                return
            except NotInMatch:
                log.info("match.rejoin_refused", player_id=player.player_id)  # 떠난 판이다. 가드는 곧 풀린다
            except Unavailable as error:
                pace = UNAVAILABLE
                if not is_told:
                    conn.push_error(error)
                is_told = True
            if self._clock.monotonic_s() >= give_up_at_s:
                log.warning("takeover.given_up", player_id=player.player_id)
                return
            delay_ms = pace.delay_ms(min(attempts, MAX_BACKOFF_STEPS), random.uniform(0.5, 1.0))  # noqa: S311 - 지터다
            await asyncio.sleep(delay_ms / 1000)

    async def _try(self, conn: Connection, player: Player) -> bool:
        """한 번 해 본다. 아직 정해지지 않았으면 False.

        Raises:
            Superseded: 더 새로운 소켓이 이었다.
            NotInMatch: 떠난 판이다.
            Unavailable: 지금은 알 수 없다.
        """
        hold = await self._holds.player_hold(player.player_id)
        guard = hold.guard or ""
        if guard.startswith(MATCH_GUARD) and conn.seat is None:
            with span("match.rejoin"):
                return await self._rejoin(conn, player, guard.removeprefix(MATCH_GUARD))
        if guard.startswith(TICKET_GUARD):
            adoption = await self._tickets.adopt(conn, player, guard.removeprefix(TICKET_GUARD))
            if adoption is not Adoption.DONE:
                return False
        if hold.owed_match_id:
            await self._seating.tell_result(conn, player.player_id, hold.owed_match_id)
        return True

    async def _rejoin(self, conn: Connection, player: Player, match_id: str) -> bool:
        if await self._seating.rejoin(conn, player.player_id, match_id):
            return True
        if conn.is_closing:
            return True
        if await self._tickets.adopt(conn, player, "") is Adoption.FORMING:
            return False
        self._seating.tell_lost(conn, match_id)
        return True
