"""줄의 쪽이 읽는 것: 모드들의 줄과, 오래 기다린 표마다의 까닭."""

from __future__ import annotations

from django.conf import settings

from hanpan.v1 import matchmaking_pb2
from kernel.errors import InvalidArgument, Unavailable
from matches.queue_reads import ask_queue

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
        return ask_queue(request)
    except InvalidArgument:
        if not mode:
            raise Unavailable("matchmaking이 답하지 않습니다") from None
        return explain_queue("")
