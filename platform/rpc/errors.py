"""오류 나무와 gRPC 상태 사이를 오간다. 코드는 google.rpc.ErrorInfo.reason에 실린다."""

from __future__ import annotations

from typing import Any

import grpc
import grpc.aio
from google.protobuf import any_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2

from kernel.errors import HanpanError, Internal, Unavailable, error_from_code

# 오래 사는 스트림이 끊겼을 때의 예외. 한 번 묻는 부름은 peer와 pool이 오류 나무로 옮긴다.
StreamFailure = grpc.aio.AioRpcError

DOMAIN = "hanpan"
DETAILS_KEY = "grpc-status-details-bin"
# ErrorInfo.metadata의 열쇠들. 원문과 값은 받은 쪽이 읽는 이의 언어로 옮기게 한다.
_RETRY_AFTER_MS = "retry_after_ms"
_SOURCE = "source"
_PARAM_PREFIX = "param."


def status_metadata(error: HanpanError) -> tuple[tuple[str, bytes], ...]:
    """오류를 상태 세부 메타데이터로 바꾼다."""
    info = error_details_pb2.ErrorInfo(reason=error.code, domain=DOMAIN)
    info.metadata[_SOURCE] = error.source
    info.metadata.update({_PARAM_PREFIX + name: text for name, text in text_params(error).items()})
    if error.retry_after_ms is not None:
        info.metadata[_RETRY_AFTER_MS] = str(error.retry_after_ms)
    detail = any_pb2.Any()
    detail.Pack(info)
    status = status_pb2.Status(
        code=code_pb2.Code.Value(error.grpc_code), message=error.message, details=[detail]
    )
    return ((DETAILS_KEY, status.SerializeToString()),)


def is_answered(error: Any) -> bool:
    """상대가 오류 나무로 답했는가. 아니면 답을 듣지 못한 것이라, 멱등한 물음은 다른 곳에 다시 해도 된다."""
    return any(key == DETAILS_KEY for key, _ in error.trailing_metadata() or ())


def text_params(error: HanpanError) -> dict[str, str]:
    """오류의 값들을 글로."""
    return {name: str(value) for name, value in error.params.items()}


def error_from_rpc(error: Any) -> HanpanError:
    """받은 gRPC 실패(asyncio나 스레드의)를 오류 나무로 되돌린다. 닿지 않음과 기한 초과는 Unavailable이다."""
    for key, value in error.trailing_metadata() or ():
        if key != DETAILS_KEY:
            continue
        status = status_pb2.Status.FromString(value)
        for detail in status.details:
            info = error_details_pb2.ErrorInfo()
            if detail.Is(info.DESCRIPTOR) and detail.Unpack(info) and info.domain == DOMAIN:
                return _from_info(info, status.message)
    if error.code() in {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
    }:
        return Unavailable("내부 서비스에 닿지 않습니다")
    return Internal()


def _from_info(info: error_details_pb2.ErrorInfo, message: str) -> HanpanError:
    """원문이 없는 옛 상대의 까닭은 그 한국어가 곧 원문이다."""
    retry_after = info.metadata.get(_RETRY_AFTER_MS)
    params = {
        key.removeprefix(_PARAM_PREFIX): text
        for key, text in info.metadata.items()
        if key.startswith(_PARAM_PREFIX)
    }
    return error_from_code(
        info.reason,
        info.metadata.get(_SOURCE) or message,
        retry_after_ms=int(retry_after) if retry_after else None,
        params=params,
    )
