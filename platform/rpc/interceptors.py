"""gRPC 서버의 가로채개: 추적을 잇고, 오류 나무를 상태로 옮기고, 기한 없는 단항 호출에 기본 기한을 준다.

요청 안의 번호도 여기서 우리 표기 하나로 읽는다(rpc.ids).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
import grpc.aio
from opentelemetry.instrumentation.grpc import aio_server_interceptor

from kernel.errors import HanpanError, Internal, Unavailable
from rpc.errors import status_metadata
from rpc.ids import unify_ids
from telemetry.logs import get_logger

log = get_logger(__name__)
DEFAULT_DEADLINE_S = 10.0

Continuation = Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler]]


class TraceInterceptor(grpc.aio.ServerInterceptor):
    """부름 하나마다 스팬 하나. 오래 사는 스트림에는 없다.

    스트림의 스팬은 몇 시간짜리인 데다, 끊긴 스트림은 다른 문맥에서 닫혀 라이브러리가 오류를 적는다.
    """

    def __init__(self) -> None:
        self._traced = aio_server_interceptor()

    async def intercept_service(
        self, continuation: Continuation, handler_call_details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler:
        handler = await continuation(handler_call_details)
        if handler is None or handler.response_streaming:
            return handler

        async def found(_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
            return handler

        return await self._traced.intercept_service(found, handler_call_details)


class ErrorInterceptor(grpc.aio.ServerInterceptor):
    """처리기가 던진 HanpanError를 상태와 세부로 끝낸다. 다른 예외는 INTERNAL이며 로그에 남는다."""

    async def intercept_service(
        self, continuation: Continuation, handler_call_details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler:
        handler = await continuation(handler_call_details)
        if handler is None:
            return handler
        method = handler_call_details.method
        if handler.unary_unary:
            return grpc.unary_unary_rpc_method_handler(
                _wrap_unary(handler.unary_unary, method),
                handler.request_deserializer,
                handler.response_serializer,
            )
        if handler.unary_stream:
            return grpc.unary_stream_rpc_method_handler(
                _wrap_stream(_with_one_id_form(handler.unary_stream), method),
                handler.request_deserializer,
                handler.response_serializer,
            )
        if handler.stream_stream:
            return grpc.stream_stream_rpc_method_handler(
                _wrap_stream(handler.stream_stream, method),
                handler.request_deserializer,
                handler.response_serializer,
            )
        return handler


def _wrap_unary(behavior: Any, method: str) -> Any:
    async def call(request: Any, context: grpc.aio.ServicerContext) -> Any:
        limit_s = DEFAULT_DEADLINE_S if context.time_remaining() is None else None
        try:
            async with asyncio.timeout(limit_s):
                return await behavior(unify_ids(request), context)
        except TimeoutError:
            _refuse(context, Unavailable("기한 안에 끝내지 못했습니다"))
        except HanpanError as error:
            _refuse(context, error)
        except grpc.aio.AbortError:
            raise
        except Exception:
            log.exception("rpc.failed", method=method)
            _refuse(context, Internal())
        return None

    return call


def _with_one_id_form(behavior: Any) -> Any:
    """요청 하나를 받는 스트림이 번호를 우리 표기로 읽게 한다. 요청이 이어지는 스트림은 스스로 읽는다."""

    def call(request: Any, context: grpc.aio.ServicerContext) -> AsyncIterator[Any]:
        answers: AsyncIterator[Any] = behavior(unify_ids(request), context)
        return answers

    return call


def _wrap_stream(behavior: Any, method: str) -> Any:
    async def call(request: Any, context: grpc.aio.ServicerContext) -> AsyncIterator[Any]:
        try:
            async for item in behavior(request, context):
                yield item
        except HanpanError as error:
            _refuse(context, error)
        except grpc.aio.AbortError:
            raise
        except Exception:
            log.exception("rpc.failed", method=method)
            _refuse(context, Internal())

    return call


def _refuse(context: grpc.aio.ServicerContext, error: HanpanError) -> None:
    """상태를 적어 둔다. 처리기가 돌아오면 이 상태로 끝나고 답은 버려진다.

    context.abort를 쓰지 않는 까닭: 예외로 끝나므로 추적이 거절마다 스택을 글로 만든다(거절은 흔하고
    빨라야 한다).
    """
    context.set_code(getattr(grpc.StatusCode, error.grpc_code))
    context.set_details(error.message)
    context.set_trailing_metadata(status_metadata(error))
