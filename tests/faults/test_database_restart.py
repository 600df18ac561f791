"""일하는 중에 MariaDB가 죽었다 다시 뜬다: 연결은 모두 곧 돌아오고, 판은 하나도 잃거나 겹치지 않는다."""

from __future__ import annotations

import asyncio
import threading
import time
from random import Random

import pytest
from django.db import connection

from gameservices.runtime.db_executor import DbExecutor
from kernel.errors import Unavailable
from matches.outcome import MatchOutcome
from matches.results.finalize import finalize_match
from stack.runtime import Runtime
from tests.faults.ledger import assert_exact
from tests.it.matches.outcomes import finished, make_players

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.alone]

THREADS = 8
BACK_WITHIN_S = 5.0
WAIT_S = 30.0


class Load:
    """스레드마다 둘씩, 판을 쉬지 않고 쓴다. 일지처럼 될 때까지 같은 판을 다시 부른다."""

    def __init__(self, players: list[str]) -> None:
        self._players = players
        self._executor = DbExecutor(THREADS)
        self._is_over = False
        self._news = asyncio.Event()
        self.outcomes: list[MatchOutcome] = []
        self.refused = 0
        self.worked_at_s: dict[int, float] = {}

    async def run(self) -> None:
        """`stop`을 부를 때까지 돈다."""
        await asyncio.gather(*(self._caller(Random(number)) for number in range(2 * THREADS)))
        self._executor.close()

    def stop(self) -> None:
        self._is_over = True

    async def all_worked_since(self, since_s: float) -> float:
        """모든 스레드가 `since_s`(단조 초) 뒤에 판을 쓸 때까지 기다리고, 걸린 초를 준다."""
        async with asyncio.timeout(WAIT_S):
            while len(self.worked_at_s) < THREADS or min(self.worked_at_s.values()) < since_s:
                self._news.clear()
                await self._news.wait()
        return time.monotonic() - since_s

    async def _caller(self, random: Random) -> None:
        while not self._is_over:
            outcome = finished(random.sample(self._players, 2))
            self.outcomes.append(outcome)
            while True:
                try:
                    await self._executor.run(self._write, outcome)
                except Unavailable:
                    self.refused += 1
                    await asyncio.sleep(0.05)
                else:
                    self._news.set()
                    break

    def _write(self, outcome: MatchOutcome) -> None:
        finalize_match(outcome)
        self.worked_at_s[threading.get_ident()] = time.monotonic()


def test_every_worker_is_back_soon_after_a_restart_under_load(faults: Runtime) -> None:
    load = Load(make_players(20))
    connection.close()  # 이 스레드의 연결도 곧 죽는다

    def restart() -> float:
        faults.kill("mariadb")
        faults.start("mariadb")
        faults.wait_ready()
        return time.monotonic()

    async def scenario() -> float:
        running = asyncio.create_task(load.run())
        await load.all_worked_since(0.0)
        back_s = await load.all_worked_since(await asyncio.to_thread(restart))
        load.stop()
        await running
        return back_s

    back_s = asyncio.run(scenario())
    assert load.refused > 0
    assert back_s <= BACK_WITHIN_S
    assert_exact(load.outcomes)
