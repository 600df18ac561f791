"""태스크를 끝까지 취소한다.

취소는 한 번으로 모자랄 수 있다: 파이썬 3.11의 wait_for는 안쪽이 막 끝난 순간에 온 취소를 삼키고(gh-81839),
redis-py는 명령을 보낼 때마다 그것을 쓰며, 연결이 끊기는 순간의 취소는 연결 오류로 바꾸어 놓는다.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

CANCEL_AGAIN_S = 0.1


async def end_tasks(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """모두 끝날 때까지 거듭 취소한다. 태스크가 무엇을 돌려주거나 던졌는지는 보지 않는다."""
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=CANCEL_AGAIN_S)
