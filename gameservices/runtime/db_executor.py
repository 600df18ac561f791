"""asyncio 워커가 ORM을 부르는 스레드들. 일마다 낡은 연결을 닫는다.

sync_to_async(thread_sensitive)는 스레드와 연결이 하나뿐이라 줄을 세우고, 그냥 sync_to_async는
데이터베이스가 다시 뜬 뒤에도 죽은 연결을 계속 쓴다. 그래서 우리 실행기를 쓴다.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

P = ParamSpec("P")
R = TypeVar("R")


class DbExecutor:
    """연결 `threads`개를 나눠 쓰는 실행기."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="db")

    async def run(self, job: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """`job`을 DB 스레드에서 돌린다. 부른 쪽이 취소되어도 시작한 일은 끝까지 간다."""

        def work() -> R:
            close_old_connections()
            try:
                return job(*args, **kwargs)
            finally:
                close_old_connections()

        future = asyncio.get_running_loop().run_in_executor(self._pool, work)
        return await asyncio.shield(future)

    def close(self) -> None:
        """새 일을 받지 않고, 도는 일이 끝나기를 기다린다."""
        self._pool.shutdown(wait=True, cancel_futures=True)
