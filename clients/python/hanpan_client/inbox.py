"""밀려온 사건을 모으는 상한 있는 우편함: 겹친 것을 버리고, 기다리는 이에게 건넨다. 소켓은 모른다."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from .messages import Event, MatchAborted, MatchFound, MatchLeft, MatchResult, MatchStart, QueueTimeout

E = TypeVar("E")
SEEN_LIMIT = 256


def push_key(event: Event) -> tuple[type, str] | None:
    """겹침을 가리는 열쇠(종류와 match_id 또는 ticket_id). 멱등이 아닌 사건이면 None."""
    match event:
        case MatchFound() | MatchStart() | MatchResult() | MatchAborted() | MatchLeft():
            return type(event), event.match_id
        case QueueTimeout():
            return type(event), event.ticket_id
        case _:
            return None


class SeenPushes:
    """이미 본 열쇠들. 최근 `limit`개만 기억한다: 겹침은 곧바로 오지 오래 뒤에 오지 않는다."""

    __slots__ = ("_keys", "_limit")

    def __init__(self, *, limit: int = SEEN_LIMIT) -> None:
        self._keys: dict[tuple[type, str], None] = {}
        self._limit = limit

    def is_new(self, event: Event) -> bool:
        """처음 보는 사건인가. 보았다고 적는다."""
        key = push_key(event)
        if key is None:
            return True
        if key in self._keys:
            return False
        self._keys[key] = None
        if len(self._keys) > self._limit:
            del self._keys[next(iter(self._keys))]
        return True


class _Waiter(Generic[E]):
    __slots__ = ("accepts", "future")

    def __init__(self, accepts: Callable[[E], bool], future: asyncio.Future[E]) -> None:
        self.accepts = accepts
        self.future = future


class Inbox(Generic[E]):
    """사건의 순서를 지키는 우편함.

    아무도 읽지 않아 `limit`개를 넘으면 가장 오래된 것을 버리고 `dropped`를 올린다. 닫힌 뒤에도 쌓인 것은
    읽을 수 있고, 다 읽으면 닫은 까닭이 던져진다.
    """

    __slots__ = ("_closed_with", "_events", "_waiters", "dropped")

    def __init__(self, *, limit: int = 256) -> None:
        self._events: deque[E] = deque(maxlen=limit)
        self._waiters: list[_Waiter[E]] = []
        self._closed_with: Exception | None = None
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._events)

    def put(self, event: E) -> None:
        """가장 먼저 기다린 이에게 건네고, 없으면 쌓는다."""
        for waiter in self._waiters:
            if not waiter.future.done() and waiter.accepts(event):
                waiter.future.set_result(event)
                return
        self.dropped += len(self._events) == self._events.maxlen
        self._events.append(event)

    def close(self, error: Exception) -> None:
        """더는 오지 않는다. 기다리던 이에게 까닭을 던진다."""
        self._closed_with = error
        for waiter in self._waiters:
            if not waiter.future.done():
                waiter.future.set_exception(error)

    async def take(self, accepts: Callable[[E], bool]) -> E:
        """맞는 사건을 하나 꺼낸다. 맞지 않는 것은 그대로 둔다. 기한은 부르는 쪽이 정한다.

        오류: 닫힌 까닭.
        """
        for position, event in enumerate(self._events):
            if accepts(event):
                del self._events[position]
                return event
        if self._closed_with is not None:
            raise self._closed_with
        future: asyncio.Future[E] = asyncio.get_running_loop().create_future()
        waiter = _Waiter(accepts, future)
        self._waiters.append(waiter)
        try:
            return await future
        except asyncio.CancelledError:
            # 건네진 바로 그때 기한이 지났다: 사건을 잃지 않게 도로 넣는다.
            if future.done() and not future.cancelled() and not future.exception():
                self._events.appendleft(future.result())
            raise
        finally:
            self._waiters.remove(waiter)
