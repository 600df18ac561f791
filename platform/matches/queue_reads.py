"""줄이 어떠한지 matchmaking에 묻는다. 짜는 규칙은 그쪽만 알므로 여기서 다시 셈하지 않는다."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

import grpc
from django.conf import settings

from hanpan.v1 import matchmaking_pb2, matchmaking_pb2_grpc
from kernel.errors import Unavailable
from rpc.channels import CONTROL_DEADLINE_S, make_sync_channel


def mode_queues() -> Mapping[str, matchmaking_pb2.ModeQueue]:
    """모드마다의 대기열. 기다리는 선수가 몇이 묻든 프로세스마다 1초에 한 번만 묻는다.

    Raises:
        Unavailable: 어느 matchmaking도 답하지 않는다.
    """
    return _mode_queues(int(time.monotonic()))


@lru_cache(maxsize=1)
def _mode_queues(_second: int) -> Mapping[str, matchmaking_pb2.ModeQueue]:
    try:
        answer = ask_queue(matchmaking_pb2.ExplainQueueRequest(region=settings.REGION))
    except grpc.RpcError as error:
        raise Unavailable("matchmaking이 답하지 않습니다") from error
    return {queue.mode: queue for queue in answer.queues}


def ask_queue(request: matchmaking_pb2.ExplainQueueRequest) -> matchmaking_pb2.ExplainQueueResponse:
    """앞에서부터 묻고, 닿지 않으면 다음에 묻는다.

    Raises:
        grpc.RpcError: INVALID_ARGUMENT면 모르는 모드, 그 밖에는 어느 matchmaking도 답하지 않는다.
    """
    addresses: Sequence[str] = settings.MATCHMAKING_ADDRESSES
    for address in addresses[:-1]:
        try:
            return _call(address, request)
        except grpc.RpcError as error:
            if status_of(error) is grpc.StatusCode.INVALID_ARGUMENT:
                raise
    return _call(addresses[-1], request)


def status_of(error: grpc.RpcError) -> Any:
    """부름이 받은 gRPC 상태. 부름의 실패가 아니면 None이다."""
    return error.code() if isinstance(error, grpc.Call) else None


def _call(address: str, request: matchmaking_pb2.ExplainQueueRequest) -> matchmaking_pb2.ExplainQueueResponse:
    answer: matchmaking_pb2.ExplainQueueResponse = stub_of(address).ExplainQueue(
        request, timeout=CONTROL_DEADLINE_S
    )
    return answer


@cache
def stub_of(address: str) -> Any:
    """그 matchmaking을 부르는 손잡이. 프로세스마다 주소에 하나다."""
    make_stub: Any = matchmaking_pb2_grpc.MatchmakingServiceStub
    return make_stub(make_sync_channel(address))
