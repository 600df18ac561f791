"""대기표에 적을 레이팅. MariaDB가 느리거나 멈추면 `stance`를 따른다.

여는 것(FAIL OPEN)은 기억하던 값(없으면 처음 값)으로 잇는 것이다: 만남의 질만 떨어질 뿐 진짜 레이팅은
finalize가 잠근 행에서 읽으므로 안전하다. 닫으면 그 join들이 Unavailable을 받는다.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial

from gameservices.matchmaking.ports import Ratings
from kernel.clock import Clock
from kernel.errors import Unavailable
from resilience.breaker import Breaker, BreakerPolicy, CallEnd, Permit
from resilience.stance import Stance
from telemetry.logs import get_logger

log = get_logger(__name__)

WAIT_S = 0.1  # join 하나가 레이팅을 기다리는 상한. Redis의 몫을 남겨 300 ms 안에 답한다
ASK_AGAIN_S = 1.0  # 읽기가 실패한 뒤 다시 물을 때까지
REMEMBERED_PLAYERS = 100_000


class RatingCache:
    """레이팅의 읽기와 기억.

    늦는 읽기가 있는 동안과 실패한 뒤 잠시는 새로 묻지 않는다: 스레드가 쌓이지 않고 join이 기다리지 않는다.
    """

    def __init__(
        self, ratings: Ratings, *, newcomer_mu: float, clock: Clock, stance: Stance, wait_s: float = WAIT_S
    ) -> None:
        self._ratings = ratings
        self._newcomer_mu = newcomer_mu
        self._clock = clock
        self._wait_s = wait_s
        self._stance = stance
        self._breaker = Breaker(BreakerPolicy.after_one_failure(ASK_AGAIN_S))
        self._remembered: dict[tuple[str, str], float] = {}
        self._overdue: set[asyncio.Task[None]] = set()
        self._failing = False

    async def mus(self, wanted: Sequence[tuple[str, str]]) -> list[float]:
        """(선수, 모드)마다의 mu를 같은 순서로. 언제나 `wait_s` 안에 돌아온다.

        Raises:
            Unavailable: 읽지 못했고, 닫는 몸가짐이다.
        """

        def remembered() -> list[float]:
            return [self._remembered.get(key, self._newcomer_mu) for key in wanted]

        fresh = await self._refreshed(wanted)
        self._note(fresh)
        return remembered() if fresh else self._stance.answer(Unavailable(), remembered, items=len(wanted))

    async def _refreshed(self, wanted: Sequence[tuple[str, str]]) -> bool:
        permit = None if self._overdue else self._breaker.admit(self._clock.monotonic_s())
        if permit is None:
            return False
        task = asyncio.create_task(self._read(wanted))
        # 기다리던 join이 취소되어도 허락은 돌아온다.
        task.add_done_callback(partial(self._settle, permit))
        done, _ = await asyncio.wait({task}, timeout=self._wait_s)
        if not done:
            self._overdue.add(task)
            task.add_done_callback(self._overdue.discard)
        return bool(done) and task.exception() is None

    def _settle(self, permit: Permit, task: asyncio.Task[None]) -> None:
        failure = None if task.cancelled() else task.exception()
        end = CallEnd.FAILED if failure else CallEnd.CANCELLED if task.cancelled() else CallEnd.ANSWERED
        self._breaker.settle(permit, end, self._clock.monotonic_s())
        if failure is not None and not isinstance(failure, Unavailable):
            log.error("rating.read_failed", exc_info=failure)

    async def _read(self, wanted: Sequence[tuple[str, str]]) -> None:
        players_by_mode: dict[str, set[str]] = defaultdict(set)
        for player_id, mode in wanted:
            players_by_mode[mode].add(player_id)
        for mode, player_ids in players_by_mode.items():
            self._remember(mode, await self._ratings.read(mode, sorted(player_ids)))

    def _remember(self, mode: str, mus: Mapping[str, float]) -> None:
        for player_id, mu in mus.items():
            self._remembered.pop((player_id, mode), None)
            self._remembered[player_id, mode] = mu
        while len(self._remembered) > REMEMBERED_PLAYERS:
            del self._remembered[next(iter(self._remembered))]

    def _note(self, fresh: bool) -> None:
        if fresh == self._failing:
            self._failing = not fresh
            log.warning("rating.recovered" if fresh else "rating.fallback")
