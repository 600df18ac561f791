"""장애 시험의 gateway가 하는 일: 판을 얻고, 되돌아올 때까지 다시 서고, 답을 잃은 join을 거둔다."""

from __future__ import annotations

import asyncio
import contextlib

from kernel.errors import AlreadyInMatch, NotQueued, Unavailable
from kernel.ids import new_id
from tests.fakes.watching_gateway import WatchingGateway

BACK_WITHIN_S = 15.0
PAIRED_WITHIN_S = 1.0


async def meet(gateway: WatchingGateway, address: str) -> None:
    """두 선수가 줄에 서서 판을 얻는다."""
    pair = [await gateway.join(address) for _ in range(2)]
    await gateway.until(lambda: set(pair) <= gateway.seats.keys())


async def meet_again(gateway: WatchingGateway, address: str) -> None:
    """되돌아올 때까지 한 선수가 줄에 서고, 그가 판을 얻을 때까지 짝이 될 이들이 하나씩 선다.

    둘씩 서면 안 된다: 아픈 동안의 누가 홀로 남아 있었으면 둘 가운데 하나는 늘 짝이 없다.
    """
    async with asyncio.timeout(BACK_WITHIN_S):
        first = await _join_at_last(gateway, address)
        while first not in gateway.seats:
            await _join_at_last(gateway, address)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PAIRED_WITHIN_S):
                    await gateway.until(lambda: first in gateway.seats)


async def _join_at_last(gateway: WatchingGateway, address: str) -> str:
    """새 선수 하나가, 거절되는 동안 같은 열쇠로 다시 물어, 줄에 선다."""
    player = new_id()
    while True:
        try:
            return await gateway.join(address, player, request_key="k")
        except Unavailable:
            await asyncio.sleep(0.05)
        except AlreadyInMatch:  # 답을 잃은 join이 이미 판을 얻었다
            player = new_id()


async def withdraw(gateway: WatchingGateway, address: str, player: str, mode: str = "duel") -> None:
    """답을 듣지 못한 join을 gateway처럼 같은 열쇠로 다시 물어, 만들어져 있었으면 거둔다."""
    async with asyncio.timeout(BACK_WITHIN_S):
        while True:
            try:
                await gateway.join(address, player, mode=mode, request_key="k")
                await gateway.cancel(address, player)
            except Unavailable:
                await asyncio.sleep(0.05)
            except (NotQueued, AlreadyInMatch):
                return
            else:
                return
