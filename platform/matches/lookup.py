"""판 하나를 찾는 하나뿐인 길: 끝난 판은 MariaDB에, 도는 판은 Redis에 있다."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from redisstore.live_matches import LiveMatch, get_sync
from redisstore.platform_client import redis_gate

S = TypeVar("S")
L = TypeVar("L")


def find_match(
    match_id: str, *, stored: Callable[[str], S | None], live: Callable[[str], L | None]
) -> S | L | None:
    """저장된 판, 없으면 도는 판. 어디에도 없으면 None이다.

    두 읽기 사이에 끝나 Redis에서 지워졌을 수 있어 저장된 것을 한 번 더 본다.

    Raises:
        Unavailable: 저장되어 있지 않은데 Redis가 답하지 않는다.
    """
    found = stored(match_id)
    if found is not None:
        return found
    running = live(match_id)
    return stored(match_id) if running is None else running


async def find_match_async(
    match_id: str,
    *,
    stored: Callable[[str], Awaitable[S | None]],
    live: Callable[[str], Awaitable[L | None]],
) -> S | L | None:
    """`find_match`의 차례를 이벤트 루프에서 밟는다.

    Raises:
        Unavailable: MariaDB가 답하지 않거나, 저장되어 있지 않은데 Redis가 답하지 않는다.
    """
    found = await stored(match_id)
    if found is not None:
        return found
    running = await live(match_id)
    return await stored(match_id) if running is None else running


def live_match(match_id: str) -> LiveMatch | None:
    """아직 MariaDB가 끝을 모르는 우리 판. 모르거나 이미 반영된 판이면 None.

    Raises:
        Unavailable: Redis가 답하지 않는다.
    """
    return get_sync(redis_gate(), match_id)
