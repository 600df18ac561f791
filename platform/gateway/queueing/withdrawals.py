"""닫힌 소켓의 대기표를 거두는 일: 돌아올 틈을 주었다가, 몇 개의 일꾼이 차례로 거둔다.

새로고침이나 잠깐의 끊김은 떠난 것이 아니다. 틈 안에 새 hello가 표를 이으면 그 표는 이미 남의 것이라, 뒤늦은
거두기는 아무 일도 하지 않는다(`only_own`). 기다리는 것과 거두는 것을 합친 수에 상한이 있다.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable

from concurrency.background import BackgroundTasks
from gateway.websocket.connection import Connection
from gateway.websocket.player_phase import ConnectedPlayer
from kernel.errors import HanpanError, Unavailable
from resilience.retry import RetryPolicy
from telemetry.logs import get_logger

log = get_logger(__name__)

WITHDRAW_WORKERS = 16
MAX_WITHDRAWALS = 10_000
WITHDRAW_RETRY = RetryPolicy(max_attempts=3, base_ms=100, cap_ms=500)


class Withdrawals:
    """거둘 표를 든 닫힌 소켓들. `withdraw`는 표 하나를 한 번 거두어 본다(오류: HanpanError)."""

    def __init__(
        self,
        withdraw: Callable[[Connection, ConnectedPlayer], Awaitable[None]],
        *,
        return_s: float,
        limit: int = MAX_WITHDRAWALS,
    ) -> None:
        self._withdraw_once = withdraw
        self._return_s = return_s
        self._limit = limit
        self._returning: deque[_Withdrawal] = deque()  # 틈이 같으므로 닫힌 차례가 틈이 지나는 차례다
        self._due: asyncio.Queue[_Withdrawal] = asyncio.Queue(limit)
        self._tasks = BackgroundTasks()

    def start(self) -> None:
        """일꾼들을 시작한다."""
        for number in range(WITHDRAW_WORKERS):
            self._tasks.spawn(self._withdraw_forever(), name=f"withdraw:{number}")

    async def stop(self, flush_s: float) -> None:
        """틈이 지난 거두기를 `flush_s`초까지 마치고 멈춘다. 못 거둔 표는 gateway의 임대와 함께 죽는다.

        돌아올 틈에 있는 표는 거두지 않는다. 내려가는 gateway의 선수는 곧 다른 gateway로 와서 표를 잇는데,
        여기서 거두면 그 선수가 줄을 잃는다. 오지 않는 선수의 표는 갱신되지 않는 임대(6초)와 함께 죽는다.
        """
        self._returning.clear()
        try:
            async with asyncio.timeout(flush_s):
                await self._due.join()
        except TimeoutError:
            log.warning("tickets.left", count=self._due.qsize())
        await self._tasks.stop()

    def add(self, conn: Connection, player: ConnectedPlayer) -> None:
        """닫힌 소켓의 표를 틈이 지나면 거둔다. 조용해서 끊은 소켓은 이미 그만큼 기다렸으므로 곧 거둔다."""
        if len(self._returning) + self._due.qsize() >= self._limit:
            # 표는 제 시간이 지나면 스스로 죽는다. 기다리게 하는 것보다 낫다.
            log.warning("tickets.withdrawal_dropped")
            return
        withdrawal = _Withdrawal(conn, player)
        if self._return_s <= 0 or conn.went_silent:
            self._due.put_nowait(withdrawal)
            return
        self._returning.append(withdrawal)
        asyncio.get_running_loop().call_later(self._return_s, self._return_is_over)

    def _return_is_over(self) -> None:
        """가장 먼저 닫힌 소켓의 틈이 지났다. 내려가는 중이면 남은 것이 없다."""
        if self._returning:
            self._due.put_nowait(self._returning.popleft())

    async def _withdraw_forever(self) -> None:
        while True:
            await self._withdraw_next()

    async def _withdraw_next(self) -> None:
        """하나를 거둔다. 쉬는 일꾼이 지난 소켓을 쥐고 있지 않도록 따로 있다."""
        withdrawal = await self._due.get()
        try:
            await self._withdraw(withdrawal.conn, withdrawal.player)
        finally:
            self._due.task_done()

    async def _withdraw(self, conn: Connection, player: ConnectedPlayer) -> None:
        attempts = 0
        while True:
            try:
                await self._withdraw_once(conn, player)
            except Unavailable:
                attempts += 1
                if not WITHDRAW_RETRY.allows(attempts):
                    log.warning("ticket.withdrawal_failed")
                    return
                await asyncio.sleep(WITHDRAW_RETRY.delay_ms(attempts, random.random()) / 1000)  # noqa: S311 - 지터다
            except HanpanError:
                return  # 이미 거두어졌거나, 판이 잡혔거나, 다른 소켓의 표다
            else:
                return


class _Withdrawal:
    """거둘 표를 든 닫힌 소켓."""

    __slots__ = ("conn", "player")

    def __init__(self, conn: Connection, player: ConnectedPlayer) -> None:
        self.conn = conn
        self.player = player
