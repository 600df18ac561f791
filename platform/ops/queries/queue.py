"""줄이 왜 그러한지 matchmaking에 묻는다. 짜는 규칙은 그쪽만 알므로 여기서 다시 셈하지 않는다."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import grpc
from django.conf import settings

from hanpan.v1 import matchmaking_pb2, matchmaking_pb2_grpc
from kernel.errors import Unavailable
from rpc.channels import CONTROL_DEADLINE_S, make_sync_channel

SHOWN = 100
REASONS = {
    matchmaking_pb2.WAIT_REASON_ALONE: "alone",
    matchmaking_pb2.WAIT_REASON_OUT_OF_WINDOW: "out_of_window",
    matchmaking_pb2.WAIT_REASON_FILLING: "filling",
    matchmaking_pb2.WAIT_REASON_NO_SERVER: "no_server",
    matchmaking_pb2.WAIT_REASON_SOON: "soon",
}


def explain_queue(mode: str) -> matchmaking_pb2.ExplainQueueResponse:
    """모드들의 줄과 `mode`의 오래 기다린 표들. 모르는 모드면 표 없이 모드들만 답한다.

    Raises:
        Unavailable: 어느 matchmaking도 답하지 않는다.
    """
    request = matchmaking_pb2.ExplainQueueRequest(region=settings.REGION, mode=mode, limit=SHOWN)
    try:
        return _ask(request)
    except grpc.RpcError as error:
        if mode and _status(error) is grpc.StatusCode.INVALID_ARGUMENT:
            return explain_queue("")
        raise Unavailable("matchmaking이 답하지 않습니다") from error


def _ask(request: matchmaking_pb2.ExplainQueueRequest) -> matchmaking_pb2.ExplainQueueResponse:
    """앞에서부터 묻고, 닿지 않으면 다음에 묻는다."""
    addresses: Sequence[str] = settings.MATCHMAKING_ADDRESSES
    for address in addresses[:-1]:
        try:
            return _call(address, request)
        except grpc.RpcError as error:
            if _status(error) is grpc.StatusCode.INVALID_ARGUMENT:
                raise
    return _call(addresses[-1], request)


def _call(address: str, request: matchmaking_pb2.ExplainQueueRequest) -> matchmaking_pb2.ExplainQueueResponse:
    answer: matchmaking_pb2.ExplainQueueResponse = _stub(address).ExplainQueue(
        request, timeout=CONTROL_DEADLINE_S
    )
    return answer


@cache
def _stub(address: str) -> Any:
    make_stub: Any = matchmaking_pb2_grpc.MatchmakingServiceStub
    return make_stub(make_sync_channel(address))


def _status(error: grpc.RpcError) -> Any:
    return error.code() if isinstance(error, grpc.Call) else None
