"""내장 게임(별 모으기)을 두는 봇. 같은 씨앗과 같은 모습이면 같은 입력을 고른다.

모습을 보고 방향을 고르는 StarBot은 순수하고, play()만 접속을 안다.
"""

from __future__ import annotations

import asyncio
import random

from .client import HanpanClient
from .errors import ConnectionLostError
from .messages import MatchAborted, MatchResult
from .state import WorldView

PLAYER_KIND = 0
STAR_KIND = 1


class StarBot:
    """가장 가까운 별로 간다. 가끔 헤매서 두 봇이 늘 같은 별을 다투지 않게 한다.

    `wander`는 헤맬 확률(0에서 1), `rethink_ticks`는 목표를 다시 고르는 간격이다.
    """

    def __init__(self, seed: int, *, wander: float = 0.1, rethink_ticks: int = 4) -> None:
        self._rng = random.Random(seed)  # noqa: S311 - 놀이의 난수다
        self._wander = wander
        self._rethink_ticks = rethink_ticks
        self._next_thought_tick = 0
        self._direction = (0, 0)

    def decide(self, world: WorldView, me: int) -> tuple[int, int]:
        """지금 모습에서 갈 방향 (dx, dy). 값은 -1, 0, 1이다."""
        if world.tick < self._next_thought_tick:
            return self._direction
        self._next_thought_tick = world.tick + self._rethink_ticks
        self._direction = self._think(world, me)
        return self._direction

    def _think(self, world: WorldView, me: int) -> tuple[int, int]:
        if me not in world.entities:
            return 0, 0
        if self._rng.random() < self._wander:
            return self._rng.randint(-1, 1), self._rng.randint(-1, 1)
        x, y = world.schema.index["x"], world.schema.index["y"]
        star = self._nearest_star(world, me)
        if star is None:
            return 0, 0
        here, there = world.entities[me], world.entities[star]
        return _sign(there[x] - here[x]), _sign(there[y] - here[y])

    def _nearest_star(self, world: WorldView, me: int) -> int | None:
        """가장 가까운 별. 같으면 번호가 작은 것."""
        index = world.schema.index
        x, y, kind = index["x"], index["y"], index["kind"]
        here = world.entities[me]
        here_x, here_y = here[x], here[y]
        best: tuple[int, int] | None = None
        for entity, row in world.entities.items():
            if row[kind] == STAR_KIND:
                far = (row[x] - here_x) ** 2 + (row[y] - here_y) ** 2
                if best is None or (far, entity) < best:
                    best = far, entity
        return best[1] if best is not None else None


async def play(client: HanpanClient, bot: StarBot, *, timeout_s: float = 120.0) -> MatchResult | MatchAborted:
    """앉은 판(또는 곧 앉을 판)을 끝까지 둔다. 오류: CallTimeoutError, 접속을 그만둔 까닭."""
    ending = asyncio.create_task(_ending(client, timeout_s))
    steering = asyncio.create_task(_steer(client, bot, timeout_s))
    try:
        await asyncio.wait({ending, steering}, return_when=asyncio.FIRST_COMPLETED)
        if not ending.done():
            await steering  # 판보다 먼저 끝났으면 오류로 끝난 것이다
        return await ending
    finally:
        ending.cancel()
        steering.cancel()
        await asyncio.gather(ending, steering, return_exceptions=True)


async def _ending(client: HanpanClient, timeout_s: float) -> MatchResult | MatchAborted:
    """두는 판의 끝. 떠나 있던 사이에 끝난 앞 판의 결과(hello가 준다)는 이 판의 끝이 아니다."""

    def is_mine(end: MatchResult | MatchAborted) -> bool:
        found = client.found
        return isinstance(end, MatchAborted) if found is None else end.match_id == found.match_id

    return await client.wait_for(MatchResult, MatchAborted, timeout_s=timeout_s, where=is_mine)


async def _steer(client: HanpanClient, bot: StarBot, timeout_s: float) -> None:
    """상태가 올 때마다 방향을 고르고, 바뀐 방향만 보낸다."""
    sent: tuple[int, int] | None = None
    while True:
        await client.next_state(timeout_s=timeout_s)
        me = client.my_entity
        if me is None:
            continue
        chosen = bot.decide(client.world, me)
        if chosen == sent:
            continue
        try:
            await client.send_input(*chosen)
            sent = chosen
        except ConnectionLostError:
            sent = None  # SDK가 다시 잇고 나면 다음 상태에서 다시 보낸다


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)
