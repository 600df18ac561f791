"""진짜 gRPC 서버와 채널을 지나도 오류 나무가 그대로 돌아오는가. 단항과 스트림 모두."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc.aio
import pytest

from hanpan.v1 import matchmaking_pb2, matchmaking_pb2_grpc, session_pb2, session_pb2_grpc
from kernel.errors import ERRORS_BY_CODE, HanpanError, InvalidArgument, error_from_code
from kernel.ids import new_id
from rpc.channels import make_channel, make_server
from rpc.errors import error_from_rpc
from telemetry.tracing import current_traceparent, span, trace_id_of

TRACE = "00-" + "a1" * 16 + "-" + "b2" * 8 + "-01"


class _Refusing(session_pb2_grpc.SessionServiceServicer):
    """match_id에 적힌 코드로 거절한다. 모르는 코드면 우리 잘못인 예외를 낸다."""

    async def GetMatch(  # noqa: N802 - proto의 이름이다
        self, request: session_pb2.GetMatchRequest, context: grpc.aio.ServicerContext
    ) -> session_pb2.GetMatchResponse:
        if request.match_id not in ERRORS_BY_CODE:
            raise ZeroDivisionError("비밀이 든 문구")
        raise error_from_code(request.match_id, "까닭", retry_after_ms=250)

    async def Link(  # noqa: N802 - proto의 이름이다
        self, request_iterator: AsyncIterator[session_pb2.LinkUp], context: grpc.aio.ServicerContext
    ) -> AsyncIterator[session_pb2.LinkDown]:
        yield session_pb2.LinkDown()
        raise error_from_code("SESSION_DRAINING", "까닭")


@asynccontextmanager
async def _served(servicer: _Refusing) -> AsyncIterator[session_pb2_grpc.SessionServiceStub]:
    server = make_server()
    session_pb2_grpc.add_SessionServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with make_channel(f"127.0.0.1:{port}") as channel:
        yield session_pb2_grpc.SessionServiceStub(channel)
    await server.stop(None)


@pytest.fixture
async def stub() -> AsyncIterator[session_pb2_grpc.SessionServiceStub]:
    async with _served(_Refusing()) as made:
        yield made


async def _refusal(
    stub: session_pb2_grpc.SessionServiceStub, code: str
) -> tuple[HanpanError, grpc.StatusCode]:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.GetMatch(session_pb2.GetMatchRequest(match_id=code), timeout=5)
    return error_from_rpc(caught.value), caught.value.code()


@pytest.mark.parametrize("code", sorted(ERRORS_BY_CODE))
async def test_every_error_comes_back_with_its_code_words_and_status(
    stub: session_pb2_grpc.SessionServiceStub, code: str
) -> None:
    error, status = await _refusal(stub, code)
    assert (error.code, error.message, error.retry_after_ms) == (code, "까닭", 250)
    assert status.name == ERRORS_BY_CODE[code].grpc_code


async def test_our_own_fault_is_internal_and_tells_nothing(stub: session_pb2_grpc.SessionServiceStub) -> None:
    error, status = await _refusal(stub, "NO_SUCH_CODE")
    assert (error.code, status) == ("INTERNAL", grpc.StatusCode.INTERNAL)
    assert "비밀" not in error.message


async def test_a_call_goes_on_with_its_trace_but_a_stream_that_lives_for_hours_has_none() -> None:
    traces: list[str] = []

    class Telling(_Refusing):
        async def GetMatch(  # noqa: N802 - proto의 이름이다
            self, request: session_pb2.GetMatchRequest, context: grpc.aio.ServicerContext
        ) -> session_pb2.GetMatchResponse:
            traces.append(current_traceparent())
            return session_pb2.GetMatchResponse()

        async def Link(  # noqa: N802 - proto의 이름이다
            self, request_iterator: AsyncIterator[session_pb2.LinkUp], context: grpc.aio.ServicerContext
        ) -> AsyncIterator[session_pb2.LinkDown]:
            traces.append(current_traceparent())
            yield session_pb2.LinkDown()

    async with _served(Telling()) as stub:
        with span("asked", parent=TRACE):
            await stub.GetMatch(session_pb2.GetMatchRequest(), timeout=5)
            assert len([item async for item in stub.Link(iter(()), timeout=5)]) == 1
    of_call, of_stream = traces
    assert trace_id_of(of_call) == trace_id_of(TRACE)
    assert of_stream == ""


async def test_a_stream_gives_what_it_had_and_then_its_error(
    stub: session_pb2_grpc.SessionServiceStub,
) -> None:
    received = []
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        async for message in stub.Link(iter(()), timeout=5):
            received.append(message)
    assert len(received) == 1
    assert error_from_rpc(caught.value).code == "SESSION_DRAINING"


async def test_a_refused_call_can_still_be_told_in_the_language_of_the_reader() -> None:
    class Wordy(_Refusing):
        async def GetMatch(  # noqa: N802 - proto의 이름이다
            self, request: session_pb2.GetMatchRequest, context: grpc.aio.ServicerContext
        ) -> session_pb2.GetMatchResponse:
            raise InvalidArgument("판을 만들 수 없는 요청입니다: {fields}", fields="seed, slot")

    async with _served(Wordy()) as stub:
        error, _ = await _refusal(stub, "x")
    assert error.detail_in("ko") == "판을 만들 수 없는 요청입니다: seed, slot"
    assert error.detail_in("en") == "No match can be made from this request: seed, slot"


class _Echoing(session_pb2_grpc.SessionServiceServicer):
    """들은 번호를 그대로 돌려준다."""

    async def GetMatch(  # noqa: N802 - proto의 이름이다
        self, request: session_pb2.GetMatchRequest, context: grpc.aio.ServicerContext
    ) -> session_pb2.GetMatchResponse:
        return session_pb2.GetMatchResponse(match_id=request.match_id)


class _Watching(matchmaking_pb2_grpc.MatchmakingServiceServicer):
    """기다리는 표들을 통지로 돌려준다."""

    async def Watch(  # noqa: N802 - proto의 이름이다
        self, request: matchmaking_pb2.WatchRequest, context: grpc.aio.ServicerContext
    ) -> AsyncIterator[matchmaking_pb2.WatchEvents]:
        for ticket_id in request.waiting_ticket_ids:
            timeout = matchmaking_pb2.QueueTimeout(ticket_id=ticket_id)
            yield matchmaking_pb2.WatchEvents(events=[matchmaking_pb2.WatchEvent(queue_timeout=timeout)])


async def test_an_id_in_upper_case_reaches_the_handler_in_our_form() -> None:
    server = make_server()
    session_pb2_grpc.add_SessionServiceServicer_to_server(_Echoing(), server)
    matchmaking_pb2_grpc.add_MatchmakingServiceServicer_to_server(_Watching(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    wanted = new_id()
    async with make_channel(f"127.0.0.1:{port}") as channel:
        stub = session_pb2_grpc.SessionServiceStub(channel)
        answer = await stub.GetMatch(session_pb2.GetMatchRequest(match_id=wanted.upper()), timeout=5)
        assert answer.match_id == wanted
        watch = matchmaking_pb2_grpc.MatchmakingServiceStub(channel).Watch(
            matchmaking_pb2.WatchRequest(gateway_id="g", waiting_ticket_ids=[wanted.upper()]), timeout=5
        )
        seen = [event.queue_timeout.ticket_id async for batch in watch for event in batch.events]
        assert seen == [wanted]
    await server.stop(None)
