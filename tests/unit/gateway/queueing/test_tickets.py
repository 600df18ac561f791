"""대기표의 한살이: 열쇠, 앞질러 온 통지, 닫힌 소켓의 거두기."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncIterator

import pytest

from gateway.protocol import client_frames
from gateway.queueing.tickets import NEWS_GRACE_S, SAME_KEY_S
from hanpan.v1 import matchmaking_pb2 as pb
from kernel.errors import (
    AlreadyInMatch,
    AlreadyQueued,
    InvalidArgument,
    NotQueued,
    Unavailable,
)
from tests.fakes.manual_clock import ManualClock
from tests.unit.gateway.conftest import make_connection
from tests.unit.gateway.queueing.ticket_world import World


@pytest.fixture
async def world(clock: ManualClock) -> AsyncIterator[World]:
    ready = World(clock)
    ready.tickets.start()
    yield ready
    await ready.tickets.stop()


async def test_a_join_holds_its_ticket_and_answers(world: World) -> None:
    await world.join()
    assert world.conn.sent() == [
        {"t": "queue.joined", "re": "j", "ticket_id": "t1", "mode": "duel", "expires_in_ms": 60_000}
    ]
    assert world.tickets.waiting_ticket_ids() == ["t1"]


async def test_a_second_join_is_refused_by_matchmaking_and_changes_nothing(world: World) -> None:
    """표를 든 것으로 알아도 묻는다: 다른 소켓이 거두었고 그 통지를 잃었을 수 있다."""
    await world.join()
    world.queue.join_failures = [AlreadyQueued()]
    with pytest.raises(AlreadyQueued):
        await world.join()
    assert world.queue.keys[0] != world.queue.keys[1]
    assert world.tickets.waiting_ticket_ids() == ["t1"]


async def test_an_unknown_mode_is_refused_without_asking(world: World) -> None:
    with pytest.raises(InvalidArgument):
        await world.join(client_frames.QueueJoin(mode="chess"))
    assert world.queue.keys == []


async def test_an_unanswered_join_keeps_its_key_for_the_next_try(world: World) -> None:
    world.queue.join_failures = [Unavailable()]
    with pytest.raises(Unavailable):
        await world.join()
    await world.join()
    assert world.queue.keys[0] == world.queue.keys[1]
    assert world.conn.unanswered_join is None


async def test_a_refused_join_does_not_keep_its_key(world: World) -> None:
    world.queue.join_failures = [AlreadyInMatch()]
    with pytest.raises(AlreadyInMatch):
        await world.join()
    await world.join()
    assert world.queue.keys[0] != world.queue.keys[1]


@pytest.mark.parametrize("mode", ["duel", "arena"])
async def test_an_old_or_another_join_gets_its_own_key(world: World, clock: ManualClock, mode: str) -> None:
    world.queue.join_failures = [Unavailable()]
    with pytest.raises(Unavailable):
        await world.join()
    if mode == "duel":
        clock.now_s += SAME_KEY_S + 1
    await world.join(client_frames.QueueJoin(mode=mode))
    assert world.queue.keys[0] != world.queue.keys[1]


async def test_news_that_overtook_the_answer_waits_for_it(world: World) -> None:
    world.queue.may_answer.clear()
    joining = asyncio.create_task(world.join())
    await asyncio.sleep(0)
    world.found()
    assert world.seating.found_matches == []
    world.queue.may_answer.set()
    await joining
    assert world.seating.found_matches == ["m1"]
    assert [frame["t"] for frame in world.conn.sent()] == ["queue.joined", "queue.timeout"]


async def test_news_is_told_even_when_the_answer_is_a_failure(world: World) -> None:
    world.queue.may_answer.clear()
    world.queue.join_failures = [Unavailable()]
    joining = asyncio.create_task(world.join())
    await asyncio.sleep(0)
    world.found()
    world.queue.may_answer.set()
    with pytest.raises(Unavailable):
        await joining
    assert world.seating.found_matches == ["m1"]


async def test_a_match_for_a_socket_that_left_or_belongs_to_another_is_not_told(
    world: World, clock: ManualClock
) -> None:
    world.found(conn=make_connection(clock, conn_id=99, player_id="p1"))
    world.found(player_id="p2")
    world.conn.close(4900, "GOING_AWAY")
    world.found()
    assert world.seating.found_matches == []


async def test_a_timeout_of_another_ticket_changes_nothing(world: World) -> None:
    await world.join()
    timeout = pb.QueueTimeout(ticket_id="old", player_id="p1", conn_id=world.conn.conn_id)
    world.tickets.queue_timeout(timeout)
    assert world.tickets.waiting_ticket_ids() == ["t1"]


async def test_a_ticket_that_vanished_while_the_stream_was_down_times_out_by_its_name_alone(
    world: World,
) -> None:
    await world.join()
    assert world.tickets.waiting_ticket_ids() == ["t1"]
    world.tickets.queue_timeout(pb.QueueTimeout(ticket_id="t1"))
    assert world.conn.sent()[-1] == {"t": "queue.timeout", "ticket_id": "t1"}
    world.tickets.queue_timeout(pb.QueueTimeout(ticket_id="t1"))
    assert world.conn.ticket is None
    await world.join()


async def test_a_ticket_without_any_news_long_after_its_end_times_out_here(
    clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.queueing.tickets.OVERDUE_EVERY_S", 0.001)
    world = World(clock)
    world.tickets.start()
    await world.join()
    clock.now_s += 60.0 + NEWS_GRACE_S - 0.1
    await asyncio.sleep(0.02)
    assert [frame["t"] for frame in world.conn.sent()] == ["queue.joined"]
    clock.now_s += 0.1
    async with asyncio.timeout(5):
        while world.conn.ticket is not None:  # noqa: ASYNC110 - 알려 줄 이가 없다
            await asyncio.sleep(0.005)
    assert world.conn.sent() == [{"t": "queue.timeout", "ticket_id": "t1"}]
    await world.join()
    await world.tickets.stop()


async def test_the_resting_look_for_overdue_tickets_does_not_hold_the_socket_it_saw_last(
    clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.queueing.tickets.OVERDUE_EVERY_S", 0.001)
    world = World(clock)
    other = make_connection(clock, conn_id=2, player_id="p2")
    world.connections.add(other)
    world.tickets.start()
    await world.join()
    clock.now_s += 60.0 + NEWS_GRACE_S
    async with asyncio.timeout(5):
        while world.conn.ticket is not None:  # noqa: ASYNC110 - 알려 줄 이가 없다
            await asyncio.sleep(0.001)
    world.connections.remove(other)
    held = weakref.ref(other)
    del other
    assert held() is None
    await world.tickets.stop()


async def test_a_ticket_another_socket_cancelled_does_not_bar_the_next_join(world: World) -> None:
    """그 통지까지 잃었어도 그렇다."""
    await world.join()
    world.queue.cancel_failures = [NotQueued(), NotQueued()]
    with pytest.raises(NotQueued):
        await world.cancel()
    assert world.queue.cancelled == ["t1", ""]
    assert world.tickets.waiting_ticket_ids() == ["t1"]
    await world.join()
    assert world.tickets.waiting_ticket_ids() == ["t2"]


async def test_a_cancel_takes_whatever_the_player_waits_with(world: World) -> None:
    await world.join()
    world.queue.cancel_failures = [NotQueued()]
    await world.cancel()
    assert world.conn.sent()[-1] == {"t": "queue.cancelled", "re": "c", "ticket_id": "t-any"}
    assert world.tickets.waiting_ticket_ids() == []


async def test_a_join_after_the_match_of_an_unanswered_join_has_its_own_key(world: World) -> None:
    world.queue.join_failures = [Unavailable()]
    with pytest.raises(Unavailable):
        await world.join()
    world.found()
    await world.join()
    assert world.queue.keys[0] != world.queue.keys[1]


async def test_a_cancel_names_the_ticket_of_this_socket(world: World) -> None:
    await world.join()
    await world.cancel()
    assert world.queue.cancelled == ["t1"]
    assert world.conn.ticket is None


async def test_a_cancel_without_a_ticket_asks_for_any_of_the_player(world: World) -> None:
    await world.cancel()
    assert world.queue.cancelled == [""]
    assert world.conn.sent()[-1]["ticket_id"] == "t-any"


async def test_a_closed_socket_takes_its_ticket_back(world: World) -> None:
    await world.join()
    world.tickets.disconnected(world.conn)
    await world.tickets.stop()
    assert world.queue.withdrawn == ["t1"]


async def test_a_closed_socket_without_a_ticket_asks_nothing(world: World) -> None:
    world.tickets.disconnected(world.conn)
    await world.tickets.stop()
    assert world.queue.withdrawn == []


async def test_a_closed_socket_asks_again_for_the_answer_it_never_heard(world: World) -> None:
    world.queue.join_failures = [Unavailable()]
    with pytest.raises(Unavailable):
        await world.join()
    world.tickets.disconnected(world.conn)
    await world.tickets.stop()
    assert world.queue.keys[0] == world.queue.keys[1]
    assert world.queue.withdrawn == ["t2"]


async def test_a_withdrawal_is_tried_a_few_times_and_then_left_to_time(world: World) -> None:
    await world.join()
    world.queue.cancel_failures = [Unavailable()] * 5
    world.tickets.disconnected(world.conn)
    await world.tickets.stop(flush_s=5.0)
    assert world.queue.withdrawn == ["t1"] * 3


async def test_a_withdrawal_of_a_ticket_that_is_gone_is_done(world: World) -> None:
    await world.join()
    world.queue.cancel_failures = [NotQueued()]
    world.tickets.disconnected(world.conn)
    await world.tickets.stop()
    assert world.queue.withdrawn == ["t1"]
