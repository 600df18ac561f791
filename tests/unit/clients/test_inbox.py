"""우편함: 겹친 사건은 한 번만, 기다리는 이는 제 것만, 쌓이는 것에는 끝이 있다."""

from __future__ import annotations

import asyncio

import pytest

from hanpan_client.errors import ConnectionLostError
from hanpan_client.inbox import Inbox, SeenPushes
from hanpan_client.messages import MatchAborted, MatchResult, Pong, QueueTimeout


def result(match_id: str, *, already: bool = False) -> MatchResult:
    return MatchResult(match_id=match_id, status="finalized", already_finalized=already, results=())


def test_a_doubled_push_is_seen_once() -> None:
    seen = SeenPushes()
    assert seen.is_new(result("a"))
    assert not seen.is_new(result("a", already=True))
    assert seen.is_new(result("b"))
    assert seen.is_new(MatchAborted(match_id="a", code="SESSION_LOST")), "종류가 다르면 겹친 것이 아니다"
    assert seen.is_new(QueueTimeout(ticket_id="a"))
    assert not seen.is_new(QueueTimeout(ticket_id="a"))


def test_messages_that_may_repeat_are_never_dropped() -> None:
    seen = SeenPushes()
    pong = Pong(ts=1, server_time_ms=2)
    assert seen.is_new(pong)
    assert seen.is_new(pong)


def test_the_memory_of_pushes_is_bounded() -> None:
    seen = SeenPushes(limit=2)
    assert all(seen.is_new(result(match_id)) for match_id in "abc")
    assert not seen.is_new(result("c"))
    assert seen.is_new(result("a")), "가장 오래된 것은 잊는다"


async def test_taking_leaves_other_events_in_their_order() -> None:
    inbox: Inbox[str] = Inbox()
    for event in ("가", "나", "다"):
        inbox.put(event)
    assert await inbox.take(lambda event: event == "나") == "나"
    assert [await inbox.take(lambda _: True) for _ in range(2)] == ["가", "다"]


async def test_an_event_wakes_the_first_waiter_it_fits() -> None:
    inbox: Inbox[str] = Inbox()
    picky = asyncio.create_task(inbox.take(lambda event: event == "나"))
    first = asyncio.create_task(inbox.take(lambda _: True))
    second = asyncio.create_task(inbox.take(lambda _: True))
    await asyncio.sleep(0)
    for event in ("가", "다", "나"):
        inbox.put(event)
    assert (await picky, await first, await second) == ("나", "가", "다")
    assert len(inbox) == 0


async def test_an_event_handed_over_at_the_deadline_is_not_lost() -> None:
    inbox: Inbox[str] = Inbox()
    waiter = asyncio.create_task(inbox.take(lambda _: True))
    await asyncio.sleep(0)
    inbox.put("가")
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    assert await inbox.take(lambda _: True) == "가"


async def test_an_unread_inbox_drops_the_oldest_and_counts() -> None:
    inbox: Inbox[int] = Inbox(limit=3)
    for number in range(5):
        inbox.put(number)
    assert inbox.dropped == 2
    assert [await inbox.take(lambda _: True) for _ in range(3)] == [2, 3, 4]


async def test_a_closed_inbox_is_read_to_its_end_and_then_tells_why() -> None:
    inbox: Inbox[str] = Inbox()
    waiter = asyncio.create_task(inbox.take(lambda event: event == "없음"))
    await asyncio.sleep(0)
    inbox.put("가")
    inbox.close(ConnectionLostError(4409))
    with pytest.raises(ConnectionLostError, match="4409"):
        await waiter
    assert await inbox.take(lambda _: True) == "가"
    with pytest.raises(ConnectionLostError, match="4409"):
        await inbox.take(lambda _: True)
