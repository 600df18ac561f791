"""흘려보내는 답의 문: 밀리면 기다리고, 떠나면 그만두고, 끝없이 기다리지 않는다."""

from __future__ import annotations

import asyncio

import pytest

from webserver.streaming import FlowGate, Flows, PeerGone


class Wire:
    """daphne의 연결에서 문이 쓰는 것."""

    def __init__(self) -> None:
        self.channel = object()
        self.producers: list[object] = []
        self.request_start = 0.0

    def registerProducer(self, producer: object, streaming: bool) -> None:  # noqa: N802
        assert streaming
        self.producers.append(producer)

    def unregisterProducer(self) -> None:  # noqa: N802
        self.producers.pop()


async def test_a_full_buffer_holds_the_next_piece_until_it_drains() -> None:
    gate = FlowGate()
    await gate.wait(0.1)
    gate.pauseProducing()
    waiting = asyncio.create_task(gate.wait(5.0))
    await asyncio.sleep(0)
    assert not waiting.done()
    gate.resumeProducing()
    await waiting


async def test_a_reader_that_left_or_sleeps_ends_the_answer() -> None:
    gate = FlowGate()
    gate.pauseProducing()
    with pytest.raises(PeerGone):
        await gate.wait(0.01)
    gate.stopProducing()
    with pytest.raises(PeerGone):
        await gate.wait(5.0)


def test_one_gate_lives_as_long_as_its_answer() -> None:
    flows, wire = Flows(), Wire()
    assert flows.open(wire) is flows.open(wire)
    assert len(wire.producers) == 1
    flows.progressed(wire)
    assert wire.request_start > 0
    flows.close(wire)
    flows.close(wire)
    assert wire.producers == []
