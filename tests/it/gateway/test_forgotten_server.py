"""등록부에서 사라진 session 서버: 채널은 닫히되, 이미 물은 것은 제 답이나 기한까지 간다."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest

from gateway.seats.session_links import SERVERS_FRESH_S, NobodyToAsk, SessionLinks
from hanpan.v1 import session_pb2 as pb
from kernel.errors import Unavailable
from tests.fakes.gateway_ports import FakeRedis, FakeServerRow
from tests.fakes.manual_clock import ManualClock
from tests.fakes.session_server import session_server


async def test_a_question_in_flight_outlives_the_registration_of_its_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, may_answer = asyncio.Event(), asyncio.Event()

    async def slow(request: pb.GetResultRequest, _context: Any) -> pb.MatchResult:
        asked.set()
        await may_answer.wait()
        return pb.MatchResult(match_id=request.match_id)

    redis, clock = FakeRedis(), ManualClock(1_000.0)
    async with session_server() as process:
        monkeypatch.setattr(process.fake, "GetResult", slow)
        await process.kill()
        await process.start()
        redis.rows = [FakeServerRow(process.fake.address)]
        links = SessionLinks(gateway_id="gateway1", registry=redis, clock=clock)
        question = asyncio.create_task(links.result("m1", "p1"))
        await asyncio.wait_for(asked.wait(), 5)
        redis.rows = []
        clock.now_s += 2 * SERVERS_FRESH_S
        with pytest.raises(Unavailable):
            await links.result("m2", "p1")
        may_answer.set()
        assert (await asyncio.wait_for(question, 5)).match_id == "m1"
        await links.close()


async def test_a_server_forgotten_while_the_one_before_it_is_asked_counts_as_not_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, may_fail = asyncio.Event(), asyncio.Event()

    async def breaks(_request: pb.GetResultRequest, context: Any) -> pb.MatchResult:
        asked.set()
        await may_fail.wait()
        await context.abort(grpc.StatusCode.UNAVAILABLE)
        raise AssertionError("abort는 던진다")

    redis, clock = FakeRedis(), ManualClock(1_000.0)
    async with session_server() as first, session_server() as second:
        monkeypatch.setattr(first.fake, "GetResult", breaks)
        await first.kill()
        await first.start()
        await second.kill()
        redis.rows = [FakeServerRow(first.fake.address), FakeServerRow(second.fake.address)]
        links = SessionLinks(gateway_id="gateway1", registry=redis, clock=clock)
        question = asyncio.create_task(links.result("m1", "p1"))
        await asyncio.wait_for(asked.wait(), 5)
        redis.rows = []
        clock.now_s += 2 * SERVERS_FRESH_S
        with pytest.raises(NobodyToAsk):
            await links.result("m2", "p1")
        may_fail.set()
        with pytest.raises(NobodyToAsk):
            await asyncio.wait_for(question, 5)
        await links.close()
