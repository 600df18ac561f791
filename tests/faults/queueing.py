"""장애 시험의 gateway가 하는 일: 판을 얻고, 되돌아올 때까지 다시 서고, 답을 잃은 join을 거둔다."""

from __future__ import annotations

import asyncio
import contextlib

from kernel.errors import AlreadyInMatch, NotQueued, Unavailable
from tests.fakes.watching_gateway import WatchingGateway

BACK_WITHIN_S = 15.0


async def meet(gateway: WatchingGateway, address: str) -> None:
    """두 선수가 줄에 서서 판을 얻는다."""
    pair = [await gateway.join(address) for _ in range(2)]
    await gateway.until(lambda: set(pair) <= gateway.seats.keys())


async def meet_again(gateway: WatchingGateway, address: str) -> None:
    """되돌아올 때까지 줄에 서 보고, 서면 판을 얻는다."""
    async with asyncio.timeout(BACK_WITHIN_S):
        while True:
            with contextlib.suppress(Unavailable):
                return await meet(gateway, address)
            await asyncio.sleep(0.05)


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
