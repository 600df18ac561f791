"""닫힌 소켓의 표 거두기: 돌아올 틈, 차례, 상한, 그리고 내려갈 때."""

from __future__ import annotations

import asyncio

import pytest

from gateway.queueing.withdrawals import Withdrawals
from gateway.websocket.connection import Connection
from gateway.websocket.player_phase import ConnectedPlayer
from kernel.errors import Unavailable
from tests.fakes.manual_clock import ManualClock
from tests.unit.gateway.conftest import SentConnection, make_connection
from tests.unit.gateway.queueing.ticket_world import World

LONG_S = 600.0
SHORT_S = 0.05


class Taken:
    """거둔 소켓들을 적는다."""

    def __init__(self) -> None:
        self.conn_ids: list[int] = []
        self.has_some = asyncio.Event()

    async def withdraw(self, conn: Connection, _player: ConnectedPlayer) -> None:
        self.conn_ids.append(conn.conn_id)
        self.has_some.set()


def closed(
    clock: ManualClock, conn_id: int = 7, *, silent: bool = False
) -> tuple[SentConnection, ConnectedPlayer]:
    conn = make_connection(clock, conn_id=conn_id, player_id="p1")
    conn.closed_socket.went_silent = silent
    assert conn.player is not None
    return conn, conn.player


async def test_a_ticket_is_left_alone_until_its_player_had_time_to_return(clock: ManualClock) -> None:
    taken = Taken()
    withdrawals = Withdrawals(taken.withdraw, return_s=SHORT_S)
    withdrawals.start()
    loop = asyncio.get_running_loop()
    closed_at_s = loop.time()
    withdrawals.add(*closed(clock))
    async with asyncio.timeout(5):
        await taken.has_some.wait()
    # 이벤트 루프의 타이머는 시계의 눈금만큼 일찍 울릴 수 있다.
    assert loop.time() - closed_at_s >= SHORT_S - 0.001
    assert taken.conn_ids == [7]
    await withdrawals.stop(1.0)


async def test_tickets_are_taken_back_in_the_order_their_sockets_closed(clock: ManualClock) -> None:
    taken = Taken()
    withdrawals = Withdrawals(taken.withdraw, return_s=SHORT_S)
    withdrawals.start()
    for conn_id in range(1, 6):
        withdrawals.add(*closed(clock, conn_id))
    async with asyncio.timeout(5):
        while len(taken.conn_ids) < 5:  # noqa: ASYNC110 - 알려 줄 이가 없다
            await asyncio.sleep(0.005)
    assert taken.conn_ids == [1, 2, 3, 4, 5]
    await withdrawals.stop(1.0)


async def test_a_socket_cut_for_its_silence_has_waited_already(clock: ManualClock) -> None:
    taken = Taken()
    withdrawals = Withdrawals(taken.withdraw, return_s=LONG_S)
    withdrawals.start()
    withdrawals.add(*closed(clock, silent=True))
    async with asyncio.timeout(5):
        await taken.has_some.wait()
    await withdrawals.stop(1.0)


async def test_a_gateway_that_goes_down_takes_back_only_what_is_due(clock: ManualClock) -> None:
    """그 선수들은 곧 다른 gateway로 와서 표를 잇는다."""
    taken = Taken()
    withdrawals = Withdrawals(taken.withdraw, return_s=LONG_S)
    withdrawals.start()
    withdrawals.add(*closed(clock, 1))
    withdrawals.add(*closed(clock, 2, silent=True))
    async with asyncio.timeout(5):
        await withdrawals.stop(LONG_S)
    assert taken.conn_ids == [2]


async def test_the_waiting_and_the_due_share_one_bound(clock: ManualClock) -> None:
    taken = Taken()
    withdrawals = Withdrawals(taken.withdraw, return_s=LONG_S, limit=3)
    for conn_id in (1, 2):
        withdrawals.add(*closed(clock, conn_id))
    for conn_id in (3, 4):
        withdrawals.add(*closed(clock, conn_id, silent=True))
    withdrawals.start()
    await withdrawals.stop(1.0)
    assert taken.conn_ids == [3]


async def test_a_return_that_is_over_always_finds_room_in_the_line(clock: ManualClock) -> None:
    taken = Taken()
    withdrawals = Withdrawals(taken.withdraw, return_s=SHORT_S, limit=2)
    for conn_id in (1, 2, 3):
        withdrawals.add(*closed(clock, conn_id))
    await asyncio.sleep(2 * SHORT_S)
    withdrawals.add(*closed(clock, 4, silent=True))
    withdrawals.start()
    await withdrawals.stop(1.0)
    assert taken.conn_ids == [1, 2]


async def test_without_a_return_the_ticket_is_taken_back_at_once(clock: ManualClock) -> None:
    taken = Taken()
    withdrawals = Withdrawals(taken.withdraw, return_s=0.0)
    withdrawals.add(*closed(clock))
    withdrawals.start()
    await withdrawals.stop(1.0)
    assert taken.conn_ids == [7]


async def test_a_join_never_answered_waits_for_its_player_as_well(clock: ManualClock) -> None:
    world = World(clock, return_s=SHORT_S)
    world.tickets.start()
    world.queue.join_failures = [Unavailable()]
    with pytest.raises(Unavailable):
        await world.join()
    world.tickets.disconnected(world.conn)
    await asyncio.sleep(0)
    assert len(world.queue.keys) == 1
    async with asyncio.timeout(5):
        while not world.queue.withdrawn:  # noqa: ASYNC110 - 알려 줄 이가 없다
            await asyncio.sleep(0.005)
    assert world.queue.keys[0] == world.queue.keys[1]
    assert world.queue.withdrawn == ["t2"]
    await world.tickets.stop()
