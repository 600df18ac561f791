"""줄이 어떠한지 matchmaking에 묻는다. 짜는 규칙은 그쪽만 알므로 여기서 다시 셈하지 않는다."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from django.conf import settings

from hanpan.v1 import matchmaking_pb2, matchmaking_pb2_grpc
from kernel.errors import InvalidArgument, Unavailable
from rpc.channels import make_sync_channel
from rpc.pool import AskRule, first_answer_sync


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
    except InvalidArgument:  # 모드를 묻지 않았다: 리전이 다른 matchmaking이라 물을 곳이 없는 것이다
        raise Unavailable("matchmaking이 답하지 않습니다") from None
    return {queue.mode: queue for queue in answer.queues}


def ask_queue(request: matchmaking_pb2.ExplainQueueRequest) -> matchmaking_pb2.ExplainQueueResponse:
    """앞에서부터 묻고, 닿지 않으면 다음에 묻는다.

    Raises:
        InvalidArgument: 모르는 모드다.
        Unavailable: 어느 matchmaking도 답하지 않는다.
    """
    answer: matchmaking_pb2.ExplainQueueResponse = first_answer_sync(
        settings.MATCHMAKING_ADDRESSES,
        stub_of,
        lambda stub, deadline_s: stub.ExplainQueue(request, timeout=deadline_s),
        AskRule(
            is_answer=lambda error, _is_told: isinstance(error, InvalidArgument),
            nobody=lambda _failures: Unavailable("matchmaking이 답하지 않습니다"),
        ),
    )
    return answer


@cache
def stub_of(address: str) -> Any:
    """그 matchmaking을 부르는 손잡이. 프로세스마다 주소에 하나다."""
    make_stub: Any = matchmaking_pb2_grpc.MatchmakingServiceStub
    return make_stub(make_sync_channel(address))
