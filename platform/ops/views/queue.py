"""줄: 모드마다의 길이와 기다린 시간의 나눔, 그리고 표마다 왜 아직 기다리는가."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings

from hanpan.v1 import matchmaking_pb2
from kernel.errors import InvalidArgument, Unavailable
from matches.queue_reads import ask_queue
from ops.views.page import OpsPage

BAR_HEIGHT = 100
SHOWN = 100
REASONS = {
    matchmaking_pb2.WAIT_REASON_ALONE: "alone",
    matchmaking_pb2.WAIT_REASON_OUT_OF_WINDOW: "out_of_window",
    matchmaking_pb2.WAIT_REASON_FILLING: "filling",
    matchmaking_pb2.WAIT_REASON_NO_SERVER: "no_server",
    matchmaking_pb2.WAIT_REASON_SOON: "soon",
}


@dataclass(frozen=True, slots=True)
class WaitBar:
    """기다린 시간 한 칸. 위 경계(초)가 없으면 그보다 오래 기다린 나머지다. 높이는 0에서 BAR_HEIGHT다."""

    under_s: int | None
    over_s: int
    count: int
    height: float

    @property
    def top(self) -> float:
        """막대의 위 끝."""
        return BAR_HEIGHT - self.height


class QueuePage(OpsPage):
    """/ops/queue/?mode=. matchmaking이 멈춰도 쪽은 열리고 그렇다고 말한다."""

    nav_key = "queue"
    template_name = "ops/queue.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        wanted = self.request.GET.get("mode", "")
        try:
            answer = _explain(wanted)
            if not any(queue.mode == wanted for queue in answer.queues):
                wanted = _busiest(answer)
                answer = _explain(wanted)
        except Unavailable:
            return {**context, "is_down": True}
        shown = next((queue for queue in answer.queues if queue.mode == wanted), None)
        return {
            **context,
            "queues": answer.queues,
            "mode": wanted,
            "shown": shown,
            "bars": _bars(shown) if shown else (),
            "tickets": [(ticket, REASONS.get(ticket.reason, "")) for ticket in answer.tickets],
            "has_no_server": answer.free_places == 0,
        }


def _busiest(answer: matchmaking_pb2.ExplainQueueResponse) -> str:
    """고르지 않았으면 가장 오래 기다리는 모드를 보인다."""
    return str(max(answer.queues, key=lambda queue: queue.oldest_wait_ms).mode)


def _bars(queue: matchmaking_pb2.ModeQueue) -> tuple[WaitBar, ...]:
    bounds_s = [bound // 1000 for bound in queue.wait_bounds_ms]
    most = max(queue.wait_counts, default=0) or 1
    return tuple(
        WaitBar(under, over, count, BAR_HEIGHT * count / most)
        for under, over, count in zip([*bounds_s, None], [0, *bounds_s], queue.wait_counts, strict=True)
    )


def _explain(mode: str) -> matchmaking_pb2.ExplainQueueResponse:
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
        return _explain("")
