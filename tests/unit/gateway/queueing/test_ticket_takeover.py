"""표의 주인이 바뀜: 이 소켓이 잇거나, 이 소켓의 표를 남이 잇거나 거둔다."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.queueing.tickets import Adoption
from hanpan.v1 import matchmaking_pb2 as pb
from kernel.errors import AlreadyQueued, HanpanError, InvalidArgument, Unavailable
from tests.fakes.manual_clock import ManualClock
from tests.unit.gateway.queueing.ticket_world import World


@pytest.fixture
async def world(clock: ManualClock) -> AsyncIterator[World]:
    ready = World(clock)
    ready.tickets.start()
    yield ready
    await ready.tickets.stop()


async def adopt(world: World, ticket_id: str = "t9") -> Adoption:
    assert world.conn.player is not None
    return await world.tickets.adopt(world.conn, world.conn.player, ticket_id)


async def test_an_adopted_ticket_is_told_like_a_joined_one(world: World) -> None:
    assert await adopt(world) is Adoption.DONE
    assert world.conn.sent() == [
        {"t": "queue.joined", "ticket_id": "t9", "mode": "duel", "expires_in_ms": 42_000}
    ]
    assert world.tickets.waiting_ticket_ids() == ["t9"]
    assert world.conn.unanswered_adoption is None


@pytest.mark.parametrize(
    ("reply", "end"),
    [
        (pb.AdoptResponse(forming_match_id="m1"), Adoption.FORMING),
        (pb.AdoptResponse(), Adoption.NOTHING),
        (InvalidArgument(), Adoption.NOTHING),
    ],
    ids=["forming", "nothing", "a matchmaking that knows no adoption"],
)
async def test_a_ticket_that_cannot_be_adopted_is_told_apart(
    world: World, reply: pb.AdoptResponse | HanpanError, end: Adoption
) -> None:
    world.queue.adoptions = [reply]
    assert await adopt(world) is end
    assert (world.conn.sent(), world.conn.is_waiting) == ([], False)


async def test_a_socket_that_waits_already_adopts_nothing(world: World) -> None:
    await world.join()
    assert await adopt(world) is Adoption.DONE
    assert world.queue.adopted == []


async def test_a_join_waits_for_the_adoption_that_is_asked(world: World) -> None:
    world.queue.may_answer.clear()
    adopting = asyncio.create_task(adopt(world))
    await asyncio.sleep(0)
    world.queue.join_failures = [AlreadyQueued()]
    joining = asyncio.create_task(world.join())
    await asyncio.sleep(0)
    assert world.queue.keys == []
    world.queue.may_answer.set()
    await adopting
    with pytest.raises(AlreadyQueued):
        await joining
    assert [frame["t"] for frame in world.conn.sent()] == ["queue.joined"]


async def test_a_match_that_overtook_the_adoption_is_told_after_it(world: World) -> None:
    world.queue.may_answer.clear()
    adopting = asyncio.create_task(adopt(world))
    await asyncio.sleep(0)
    world.found()
    assert world.seating.found_matches == []
    world.queue.may_answer.set()
    await adopting
    assert [frame["t"] for frame in world.conn.sent()] == ["queue.joined", "queue.timeout"]


@pytest.mark.parametrize("reply", [None, Unavailable()], ids=["adopted", "unknown"])
async def test_a_socket_that_closes_while_adopting_takes_the_ticket_back(
    world: World, reply: HanpanError | None
) -> None:
    world.queue.may_answer.clear()
    world.queue.adoptions = [reply] if reply is not None else []
    adopting = asyncio.create_task(adopt(world))
    await asyncio.sleep(0)
    adopting.cancel()
    world.tickets.disconnected(world.conn)
    await asyncio.sleep(0)
    assert world.queue.withdrawn == []
    world.queue.may_answer.set()
    await world.tickets.stop()
    assert world.queue.withdrawn == ["t9"]


def moved(world: World, ticket_id: str, *, conn_id: int | None = None, owner_conn_id: int = 99) -> None:
    event = pb.TicketMoved(
        ticket_id=ticket_id, player_id="p1", owner_conn_id=owner_conn_id,
        conn_id=world.conn.conn_id if conn_id is None else conn_id,
    )  # fmt: skip
    world.tickets.ticket_moved(event)


async def test_a_socket_that_lost_its_ticket_hears_bye_and_takes_nothing_back(world: World) -> None:
    await world.join()
    moved(world, "t1")
    _, bye, close = world.conn.sent()
    assert (bye["t"], bye["code"], bye["reconnect"]) == ("bye", "SUPERSEDED", False)
    assert close == {"t": "close", "code": 4409}
    world.tickets.disconnected(world.conn)
    await world.tickets.stop()
    assert (world.queue.withdrawn, world.queue.cancelled) == ([], [])


async def test_a_socket_whose_join_was_never_answered_loses_the_ticket_it_does_not_know(
    world: World,
) -> None:
    world.queue.join_failures = [Unavailable()]
    with pytest.raises(Unavailable):
        await world.join()
    moved(world, "t-unknown")
    assert world.conn.sent()[-1] == {"t": "close", "code": 4409}


async def test_a_ticket_that_moved_before_the_answer_closes_the_socket_after_it(world: World) -> None:
    world.queue.may_answer.clear()
    joining = asyncio.create_task(world.join())
    await asyncio.sleep(0)
    moved(world, "t1")
    world.queue.may_answer.set()
    await joining
    assert [frame["t"] for frame in world.conn.sent()] == ["queue.joined", "bye", "close"]


async def test_only_the_loser_of_a_ticket_is_closed(world: World) -> None:
    await world.join()
    moved(world, "t-other")
    moved(world, "t1", owner_conn_id=world.conn.conn_id)
    moved(world, "t1", conn_id=12345)
    assert not world.conn.is_closing
    world.tickets.waiting_ticket_ids()
    moved(world, "t1", conn_id=0)  # 다시 이은 스트림은 표의 이름만 안다
    assert world.conn.is_closing


async def test_a_ticket_cancelled_elsewhere_is_told_and_the_next_join_asks(world: World) -> None:
    await world.join()
    event = pb.TicketCancelled(ticket_id="t1", player_id="p1", conn_id=world.conn.conn_id)
    world.tickets.ticket_cancelled(event)
    world.tickets.ticket_cancelled(event)
    assert world.conn.sent()[1:] == [{"t": "queue.cancelled", "ticket_id": "t1"}]
    await world.join()
    assert world.tickets.waiting_ticket_ids() == ["t2"]
    world.tickets.ticket_cancelled(event)
    assert world.tickets.waiting_ticket_ids() == ["t2"]


async def test_a_join_whose_ticket_was_cancelled_elsewhere_gets_its_own_key(world: World) -> None:
    world.queue.join_failures = [Unavailable()]
    with pytest.raises(Unavailable):
        await world.join()
    world.tickets.ticket_cancelled(
        pb.TicketCancelled(ticket_id="t-unknown", player_id="p1", conn_id=world.conn.conn_id)
    )
    await world.join()
    assert world.queue.keys[0] != world.queue.keys[1]
