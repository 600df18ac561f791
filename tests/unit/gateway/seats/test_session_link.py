"""스트림의 규칙: 모아 쓰기, 다시 잇기, 사라졌다는 판단. 스트림은 가짜이고 시계는 손으로 돌린다."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import cached_property
from typing import Any

import grpc
import grpc.aio
import pytest

from gateway.seats.session_link import (
    IDLE_KEEP_S,
    LOST_AFTER_S,
    MAX_OUTGOING_INPUTS,
    MISSING_AFTER_S,
    SILENT_AFTER_S,
    SessionLink,
)
from hanpan.v1 import session_pb2 as pb
from tests.fakes.manual_clock import ManualClock
from tests.unit.gateway.seats.test_link_dispatch import HearingSeat


def broken() -> grpc.aio.AioRpcError:
    """끊긴 스트림의 실패."""
    return grpc.aio.AioRpcError(grpc.StatusCode.UNAVAILABLE, grpc.aio.Metadata(), grpc.aio.Metadata())


def control(**event: Any) -> pb.LinkDown:
    """소켓 1의 통지 하나."""
    return pb.LinkDown(controls=[pb.Control(conn_ids=[1], **event)])


class FakeCall:
    """스트림 하나. 시험이 내려보내고 끊는다."""

    def __init__(self, *, works: bool) -> None:
        self.batches: list[list[pb.UpItem]] = []
        self.down: asyncio.Queue[pb.LinkDown | None] = asyncio.Queue()
        self.is_cancelled = False
        self.may_write = asyncio.Event()
        self.may_write.set()
        self.write_failure: Exception | None = None
        if not works:
            self.down.put_nowait(None)

    async def write(self, up: pb.LinkUp) -> None:
        await self.may_write.wait()
        if self.write_failure is not None:
            raise self.write_failure
        self.batches.append(list(up.items))

    def cancel(self) -> None:
        self.is_cancelled = True
        self.down.put_nowait(None)

    async def __aiter__(self) -> AsyncIterator[pb.LinkDown]:
        while (down := await self.down.get()) is not None:
            yield down
        if self.is_cancelled:
            raise asyncio.CancelledError  # 진짜 스트림도 그런다
        raise broken()

    def kinds(self) -> list[str | None]:
        """올라온 것들의 종류."""
        return [item.WhichOneof("item") for batch in self.batches for item in batch]


class Wire:
    """스트림을 여는 쪽."""

    def __init__(self, clock: ManualClock) -> None:
        self.calls: list[FakeCall] = []
        self.works = True
        self.is_registered = True
        self.registry_failure: Exception | None = None
        self.asked_registry = 0
        self._clock = clock

    @cached_property
    def link(self) -> SessionLink:
        """스트림. 진짜에서처럼 첫 자리와 함께 열린다."""
        return SessionLink(
            address="s:7000",
            gateway_id="gateway1",
            open_call=self._open,
            is_registered=self._registered,
            clock=self._clock,
        )

    def _open(self) -> Any:
        self.calls.append(FakeCall(works=self.works))
        return self.calls[-1]

    async def _registered(self) -> bool:
        self.asked_registry += 1
        if self.registry_failure is not None:
            raise self.registry_failure
        return self.is_registered

    @property
    def call(self) -> FakeCall:
        """지금의 스트림."""
        return self.calls[-1]

    def answer(self, seat: HearingSeat) -> None:
        """자리에 앉았다고 답한다."""
        attached = pb.Attached(match_id=seat.match_id)
        control = pb.Control(conn_ids=[seat.conn_id], attached=attached)
        self.call.down.put_nowait(pb.LinkDown(controls=[control]))


async def until(is_true: Callable[[], bool]) -> None:
    """조건이 참이 될 때까지."""
    async with asyncio.timeout(5):
        while not is_true():  # noqa: ASYNC110 - 알려 줄 이가 없다
            await asyncio.sleep(0.005)


@pytest.fixture
async def wire(clock: ManualClock) -> AsyncIterator[Wire]:
    ready = Wire(clock)
    yield ready
    await ready.link.close()


async def missing(wire: Wire, clock: ManualClock) -> None:
    """등록부에 없는 채로, 사라졌다고 정할 만큼 지난다."""
    asked = wire.asked_registry
    await until(lambda: wire.asked_registry >= asked + 2)
    clock.now_s += MISSING_AFTER_S


async def seated(wire: Wire, seat: HearingSeat) -> None:
    """자리 하나를 앉힌다."""
    wire.link.attach(seat)
    await until(lambda: bool(wire.calls) and "attach" in wire.call.kinds())
    wire.answer(seat)
    await until(lambda: bool(seat.heard))


async def test_the_stream_opens_with_who_we_are_and_every_seat(wire: Wire) -> None:
    wire.link.attach(HearingSeat(1))
    wire.link.attach(HearingSeat(2))
    await until(lambda: bool(wire.calls) and bool(wire.call.batches))
    assert wire.call.kinds() == ["hello", "attach", "attach"]
    assert wire.call.batches[0][0].hello.gateway_id == "gateway1"


async def test_what_is_sent_in_one_turn_travels_in_one_message(wire: Wire) -> None:
    await seated(wire, HearingSeat(1))
    for seq in range(1, 51):
        wire.link.send_input(1, seq, [0, 1])
    await until(lambda: len(wire.call.batches) == 2)
    assert [item.input.seq for item in wire.call.batches[1]] == list(range(1, 51))


async def test_inputs_behind_a_stuck_stream_are_bounded(wire: Wire) -> None:
    await seated(wire, HearingSeat(1))
    wire.call.may_write.clear()
    wire.link.send_input(1, 1, [0])
    await asyncio.sleep(0.01)
    for seq in range(2 * MAX_OUTGOING_INPUTS):
        wire.link.send_input(1, seq, [0])
    wire.call.may_write.set()
    await until(lambda: wire.call.kinds().count("input") == MAX_OUTGOING_INPUTS + 1)


async def test_a_broken_stream_is_opened_again_with_the_same_seats(wire: Wire) -> None:
    seat = HearingSeat(1)
    await seated(wire, seat)
    wire.call.down.put_nowait(None)
    await until(lambda: len(wire.calls) == 2 and bool(wire.call.batches))
    assert wire.call.kinds() == ["hello", "attach"]
    assert wire.calls[0].is_cancelled
    assert "lost" not in seat.heard


async def test_a_seat_that_fails_on_its_news_breaks_the_stream_only_for_a_moment(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken_once(_frame: bytes) -> None:
        monkeypatch.undo()
        raise RuntimeError("bug")

    seat = HearingSeat(1)
    await seated(wire, seat)
    monkeypatch.setattr(seat, "state", broken_once)
    frame = pb.LinkDown(frames=[pb.Frame(conn_ids=[1], payload=b"x")])
    wire.call.down.put_nowait(frame)
    await until(lambda: len(wire.calls) == 2 and wire.call.kinds() == ["hello", "attach"])
    wire.call.down.put_nowait(frame)
    await until(lambda: b"x" in seat.heard)


async def test_a_write_that_fails_by_our_fault_opens_the_stream_again(wire: Wire) -> None:
    seat = HearingSeat(1)
    await seated(wire, seat)
    wire.call.write_failure = RuntimeError("bug")
    wire.link.resync(seat)
    await until(lambda: len(wire.calls) == 2 and wire.call.kinds() == ["hello", "attach"])


async def test_a_registry_that_fails_by_our_fault_does_not_end_the_watch(
    wire: Wire, clock: ManualClock
) -> None:
    seat = HearingSeat(1)
    await seated(wire, seat)
    wire.registry_failure = RuntimeError("bug")
    clock.now_s += 30.0
    await until(lambda: wire.asked_registry >= 2)
    wire.registry_failure, wire.is_registered = None, False
    await missing(wire, clock)
    await until(lambda: "lost" in seat.heard)


async def test_a_broken_stream_without_seats_is_not_opened_again(wire: Wire) -> None:
    seat = HearingSeat(1)
    await seated(wire, seat)
    wire.link.detach(seat)
    wire.call.down.put_nowait(None)
    await until(lambda: wire.link.is_closed)
    assert len(wire.calls) == 1


async def test_a_leave_survives_a_broken_stream_and_an_input_does_not(wire: Wire, clock: ManualClock) -> None:
    seat = HearingSeat(1)
    await seated(wire, seat)
    wire.works = False
    wire.call.down.put_nowait(None)
    await until(lambda: len(wire.calls) > 1)
    wire.link.leave(seat)
    wire.link.send_input(1, 9, [0])
    wire.works = True
    await until(lambda: "leave" in wire.call.kinds())
    assert wire.call.kinds() == ["hello", "leave"]


async def test_a_leave_swallowed_by_a_dying_stream_goes_again_until_it_is_answered(
    wire: Wire, clock: ManualClock
) -> None:
    seat = HearingSeat(1)
    await seated(wire, seat)
    wire.link.leave(seat)
    await until(lambda: "leave" in wire.call.kinds())
    wire.call.down.put_nowait(None)
    await until(lambda: len(wire.calls) == 2 and "leave" in wire.call.kinds())
    assert wire.call.kinds() == ["hello", "leave"]
    wire.call.down.put_nowait(control(left=pb.Left(match_id="m")))
    await until(lambda: seat.heard[-1] == "left")
    again = HearingSeat(1, "m2")
    await seated(wire, again)
    wire.call.down.put_nowait(None)
    await until(lambda: len(wire.calls) == 3 and "attach" in wire.call.kinds())
    assert wire.call.kinds() == ["hello", "attach"], "다른 판에 다시 앉은 소켓은 떠나지 않는다"


async def test_a_leave_outlives_its_socket_and_does_not_touch_the_next_match(wire: Wire) -> None:
    """떠나자마자 소켓이 닫히거나 다른 판에 앉아도, 끊긴 스트림이 이어지면 떠난다고 다시 말한다."""
    seat, again = HearingSeat(1), HearingSeat(1, "m2")
    await seated(wire, seat)
    wire.link.leave(seat)
    wire.link.detach(seat)
    wire.link.attach(again)
    wire.call.down.put_nowait(None)
    await until(lambda: len(wire.calls) == 2 and "leave" in wire.call.kinds())
    assert wire.call.kinds() == ["hello", "attach", "leave"]
    left = next(item.leave for batch in wire.call.batches for item in batch if item.HasField("leave"))
    assert (left.match_id, left.player_id) == ("m", "p")
    wire.call.down.put_nowait(control(left=pb.Left(match_id="m", is_over=True)))
    wire.call.down.put_nowait(control(match_result=pb.MatchResult(match_id="m", status=3)))
    await until(lambda: seat.heard[-1][0] == "match.result")
    assert (seat.heard[-2], again.heard) == ("left", [])


async def test_a_stream_that_only_a_leave_waits_for_is_opened_again(wire: Wire) -> None:
    seat = HearingSeat(1)
    await seated(wire, seat)
    wire.link.leave(seat)
    wire.call.down.put_nowait(None)
    await until(lambda: len(wire.calls) == 2 and "leave" in wire.call.kinds())
    assert not wire.link.is_closed


async def test_one_who_leaves_a_server_that_is_lost_hears_so(wire: Wire, clock: ManualClock) -> None:
    seat = HearingSeat(1)
    await seated(wire, seat)
    wire.link.leave(seat)
    wire.works = False
    wire.call.down.put_nowait(None)
    await until(lambda: len(wire.calls) > 1)
    clock.now_s += LOST_AFTER_S
    await until(lambda: seat.heard[-1] == "lost")


async def test_a_server_that_does_not_come_back_in_time_is_lost(wire: Wire, clock: ManualClock) -> None:
    seat = HearingSeat(1)
    await seated(wire, seat)
    wire.works = False
    wire.call.down.put_nowait(None)
    await until(lambda: len(wire.calls) > 1)
    assert "lost" not in seat.heard
    clock.now_s += LOST_AFTER_S
    await until(lambda: "lost" in seat.heard)
    assert wire.link.is_closed


async def test_a_server_never_reached_is_lost_the_same_way(wire: Wire, clock: ManualClock) -> None:
    wire.works = False
    seat = HearingSeat(1)
    wire.link.attach(seat)
    await until(lambda: len(wire.calls) > 1)
    clock.now_s += LOST_AFTER_S
    await until(lambda: seat.heard == ["lost"])


async def test_a_silent_server_is_lost_only_when_the_registry_says_so(wire: Wire, clock: ManualClock) -> None:
    seat = HearingSeat(1)
    await seated(wire, seat)
    clock.now_s += 30.0
    await until(lambda: wire.asked_registry >= 2)
    assert "lost" not in seat.heard
    wire.is_registered = False
    await missing(wire, clock)
    await until(lambda: "lost" in seat.heard)


async def test_a_registry_that_was_empty_for_a_moment_loses_nobody(wire: Wire, clock: ManualClock) -> None:
    seat = HearingSeat(1)
    await seated(wire, seat)
    clock.now_s += SILENT_AFTER_S
    for is_registered in (False, True, False):
        wire.is_registered = is_registered
        asked = wire.asked_registry
        await until(lambda asked=asked: wire.asked_registry >= asked + 2)
        clock.now_s += MISSING_AFTER_S - 0.1
    await asyncio.sleep(0.25)
    assert "lost" not in seat.heard
    clock.now_s += 0.2
    await until(lambda: "lost" in seat.heard)


async def test_a_talking_server_is_never_asked_about(wire: Wire, clock: ManualClock) -> None:
    seat = HearingSeat(1)
    await seated(wire, seat)
    wire.is_registered = False
    for _ in range(5):
        clock.now_s += 0.9
        heard = len(seat.heard)
        wire.call.down.put_nowait(pb.LinkDown(frames=[pb.Frame(conn_ids=[1], payload=b"x")]))
        await until(lambda heard=heard: len(seat.heard) > heard)
        await asyncio.sleep(0.12)
    assert wire.asked_registry == 0


async def test_someone_who_left_before_the_answer_does_not_doom_the_next(
    wire: Wire, clock: ManualClock
) -> None:
    first, second = HearingSeat(1), HearingSeat(2)
    wire.link.attach(first)
    await until(lambda: bool(wire.calls) and bool(wire.call.batches))
    wire.link.detach(first)
    clock.now_s += 10.0
    wire.link.attach(second)
    await asyncio.sleep(0.25)
    assert second.heard == []


async def test_a_socket_that_moved_on_is_not_detached_by_its_old_seat(wire: Wire) -> None:
    old, new = HearingSeat(1, "old"), HearingSeat(1, "new")
    await seated(wire, old)
    wire.link.attach(new)
    wire.link.detach(old)
    wire.link.send_input(1, 1, [0])
    await until(lambda: "input" in wire.call.kinds())
    assert "detach" not in wire.call.kinds()


async def test_an_idle_stream_is_closed_after_a_while(wire: Wire, clock: ManualClock) -> None:
    seat = HearingSeat(1)
    await seated(wire, seat)
    wire.link.detach(seat)
    await until(lambda: "detach" in wire.call.kinds())
    clock.now_s += IDLE_KEEP_S
    await until(lambda: wire.link.is_closed and wire.call.is_cancelled)
