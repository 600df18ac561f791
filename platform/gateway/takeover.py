"""새 hello가 선수의 것을 잇는다: 도는 판의 자리, 기다리는 대기표, 듣지 못한 결과. 들은 결과는 적어 둔다.

hello의 답은 이것을 기다리지 않는다. Redis나 matchmaking이 멈췄으면 UNAVAILABLE을 한 번 알리고, 소켓이 사는
동안 다시 묻는다. 판이 만들어지는 중이면 정해질 때까지 묻는다: 무산되면 대기표로, 만들어지면 자리로 잇는다.
"""

from __future__ import annotations

import asyncio
import random

from concurrency.background import BackgroundTasks
from gateway.ports import EndTeller, PlayerHolds, SeatReturn
from gateway.queueing.tickets import Adoption, WaitingTickets
from gateway.websocket.connection import Connection
from gateway.websocket.player_phase import ConnectedPlayer
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


class Takeover:
    """hello마다 하나씩 도는 일."""

    def __init__(
        self,
        *,
        holds: PlayerHolds,
        seats: SeatReturn,
        endings: EndTeller,
        tickets: WaitingTickets,
        clock: Clock,
    ) -> None:
        self._holds = holds
        self._seats = seats
        self._endings = endings
        self._tickets = tickets
        self._clock = clock

    async def run(self, conn: Connection, player: ConnectedPlayer) -> None:
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

    async def _try(self, conn: Connection, player: ConnectedPlayer) -> bool:
        """한 번 해 본다. 아직 정해지지 않았으면 False.

        Raises:
            Superseded: 더 새로운 소켓이 이었다.
            NotInMatch: 떠난 판이다.
            Unavailable: 지금은 알 수 없다.
        """
        hold = await self._holds.player_hold(player.player_id)
        if conn.is_closing:  # 그 사이 물러났다: 더 새로운 소켓의 것을 빼앗지 않는다
            return True
        guard = hold.guard or ""
        if guard.startswith(MATCH_GUARD) and conn.seat is None:
            with span("match.rejoin"):
                return await self._rejoin(conn, player, guard.removeprefix(MATCH_GUARD))
        if guard.startswith(TICKET_GUARD):
            adoption = await self._tickets.adopt(conn, player, guard.removeprefix(TICKET_GUARD))
            if adoption is not Adoption.DONE:
                return False
        if hold.owed_match_id:
            await self._endings.tell_result(conn, player.player_id, hold.owed_match_id)
        return True

    async def _rejoin(self, conn: Connection, player: ConnectedPlayer, match_id: str) -> bool:
        if await self._seats.rejoin(conn, player.player_id, match_id):
            return True
        if conn.is_closing:
            return True
        if await self._tickets.adopt(conn, player, "") is Adoption.FORMING:
            return False
        self._endings.tell_lost(conn, match_id)
        return True


class ToldResults:
    """판의 끝을 선수의 소켓이 받았음을 적게 한다: 다음 hello가 같은 결과를 다시 알리지 않는다.

    받았음은 결과 뒤에 보낸 ping의 pong이 증명한다(`wire.py`). 적지 못하면 다음 hello가 한 번 더 알릴 뿐이다.
    """

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
