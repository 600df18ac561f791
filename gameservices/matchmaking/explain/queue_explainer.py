"""ExplainQueue의 몸통: 이 프로세스가 아는 줄을 규칙으로 풀어 proto로 옮긴다. Redis를 묻지 않는다."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from gameservices.matchmaking.explain.wait_reasons import (
    WAIT_BOUNDS_MS,
    Explanation,
    Neighbour,
    WaitReason,
    explain,
    wait_counts,
)
from gameservices.matchmaking.queue.queue_mirror import QueueMirror
from gameservices.rules.base import ModeSpec
from hanpan.v1 import matchmaking_pb2
from kernel.clock import Clock
from kernel.errors import InvalidArgument

MAX_TICKETS: Final = 100
_REASONS: Final = {
    WaitReason.ALONE: matchmaking_pb2.WAIT_REASON_ALONE,
    WaitReason.OUT_OF_WINDOW: matchmaking_pb2.WAIT_REASON_OUT_OF_WINDOW,
    WaitReason.FILLING: matchmaking_pb2.WAIT_REASON_FILLING,
    WaitReason.NO_SERVER: matchmaking_pb2.WAIT_REASON_NO_SERVER,
    WaitReason.SOON: matchmaking_pb2.WAIT_REASON_SOON,
}


class QueueExplainer:
    """줄을 설명하는 이. `free_places`는 마지막으로 본 플릿의 빈자리다."""

    def __init__(
        self,
        *,
        mirror: QueueMirror,
        modes: Mapping[str, ModeSpec],
        free_places: Callable[[], int],
        clock: Clock,
    ) -> None:
        self._mirror = mirror
        self._modes = modes
        self._free_places = free_places
        self._clock = clock

    def explain(self, mode: str, limit: int) -> matchmaking_pb2.ExplainQueueResponse:
        """모드들의 줄과, `mode`가 있으면 오래 기다린 표마다의 까닭.

        Raises:
            InvalidArgument: 모르는 모드다.
        """
        if mode and mode not in self._modes:
            raise InvalidArgument("모르는 모드입니다")
        now_ms, free_places = self._clock.now_ms(), self._free_places()
        explained: list[Explanation] = []
        if mode:
            explained = explain(
                self._mirror.waiting(mode),
                now_ms,
                self._modes[mode],
                limit=min(limit, MAX_TICKETS),
                has_server=free_places > 0,
            )
        return matchmaking_pb2.ExplainQueueResponse(
            at_ms=now_ms,
            queues=[self._queue(name, spec, now_ms) for name, spec in self._modes.items()],
            tickets=[_ticket(each) for each in explained],
            free_places=free_places,
        )

    def _queue(self, mode: str, spec: ModeSpec, now_ms: int) -> matchmaking_pb2.ModeQueue:
        waited_ms = [max(0, now_ms - ticket.joined_ms) for ticket in self._mirror.waiting(mode)]
        return matchmaking_pb2.ModeQueue(
            mode=mode,
            min_players=spec.min_players,
            max_players=spec.max_players,
            waiting=len(waited_ms),
            oldest_wait_ms=max(waited_ms, default=0),
            wait_bounds_ms=WAIT_BOUNDS_MS,
            wait_counts=wait_counts(waited_ms),
            window_base=spec.rating_window.base,
            window_per_s=spec.rating_window.per_s,
            window_cap=spec.rating_window.cap,
            window_open_after_ms=spec.rating_window.open_after_ms,
        )


def _ticket(each: Explanation) -> matchmaking_pb2.ExplainedTicket:
    return matchmaking_pb2.ExplainedTicket(
        ticket_id=each.ticket.ticket_id,
        player_id=each.ticket.player_id,
        name=each.ticket.name,
        rating=each.ticket.rating,
        waited_ms=each.waited_ms,
        window=each.window,
        opens_in_ms=each.opens_in_ms,
        reason=_REASONS[each.reason],
        gathered=each.gathered,
        changes_in_ms=each.changes_in_ms,
        nearest=[_candidate(neighbour) for neighbour in each.nearest],
    )


def _candidate(neighbour: Neighbour) -> matchmaking_pb2.Candidate:
    return matchmaking_pb2.Candidate(
        ticket_id=neighbour.ticket.ticket_id,
        player_id=neighbour.ticket.player_id,
        name=neighbour.ticket.name,
        rating=neighbour.ticket.rating,
        difference=neighbour.difference,
        window=neighbour.window,
        accepted=neighbour.accepted,
    )
