"""줄의 HTTP 읽기: 지금 몇이 기다리고 누구와 만날 수 있는지. 누가 기다리는지는 말하지 않는다."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_view import ApiView
from kernel.errors import NotFound
from matches.api import serializers
from matches.queue_reads import mode_queues


class QueueView(ApiView):
    """GET /api/v1/queues/{mode}"""

    @extend_schema(
        operation_id="queue",
        auth=[],
        parameters=[OpenApiParameter("mode", str, OpenApiParameter.PATH)],
        responses=serializers.ModeQueue,
    )
    def get(self, _request: Request, mode: str) -> Response:
        """모드 하나의 대기열. 많아야 1초 묵은 값이다."""
        queue = mode_queues().get(mode)
        if queue is None:
            raise NotFound("그런 모드가 없습니다")
        return Response(
            {
                "mode": queue.mode,
                "waiting": queue.waiting,
                "oldest_wait_ms": queue.oldest_wait_ms,
                "min_players": queue.min_players,
                "max_players": queue.max_players,
                "rating_window": {
                    "base": queue.window_base,
                    "per_s": queue.window_per_s,
                    "cap": queue.window_cap,
                    "open_after_ms": queue.window_open_after_ms,
                },
            },
            headers={"Cache-Control": "no-store"},
        )
