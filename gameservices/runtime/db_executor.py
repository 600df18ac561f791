"""asyncio 워커가 ORM을 부르는 스레드들. 일마다 낡은 연결을 닫고, 줄이 너무 길면 받지 않는다.

sync_to_async(thread_sensitive)는 스레드와 연결이 하나뿐이라 줄을 세우고, 그냥 sync_to_async는
데이터베이스가 다시 뜬 뒤에도 죽은 연결을 계속 쓴다. 그래서 우리 실행기를 쓴다.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from django.db import close_old_connections

from kernel.errors import Unavailable

P = ParamSpec("P")
R = TypeVar("R")

WAITING_PER_THREAD = 64  # 일 하나가 10 ms면 0.6초의 줄. 데이터베이스가 얼었을 때 기억이 자라지 않게 한다


class DbExecutor:
    """연결 `threads`개를 나눠 쓰는 실행기."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="db")
        self._max_held = threads * (1 + WAITING_PER_THREAD)
        self._held: set[Future[Any]] = set()

    async def run(self, job: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """`job`을 DB 스레드에서 돌린다.

        부른 쪽이 취소되면 아직 시작하지 않은 일은 버리고, 시작한 일은 끝까지 간다.

        Raises:
            Unavailable: 줄이 너무 길다.
        """
        if len(self._held) >= self._max_held:
            raise Unavailable("데이터베이스를 기다리는 일이 너무 많습니다")
        work = contextvars.copy_context()  # 문장들이 부른 쪽의 추적에 달린다
        future = self._pool.submit(work.run, _with_fresh_connections, lambda: job(*args, **kwargs))
        self._held.add(future)
        future.add_done_callback(self._held.discard)
        try:
            return await asyncio.shield(asyncio.wrap_future(future))
        except asyncio.CancelledError:
            future.cancel()
            raise

    def close(self) -> None:
        """새 일을 받지 않고, 도는 일이 끝나기를 기다린다."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def _with_fresh_connections(work: Callable[[], R]) -> R:
    close_old_connections()
    try:
        return work()
    finally:
        close_old_connections()
