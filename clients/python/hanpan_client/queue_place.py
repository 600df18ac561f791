"""줄에서 내가 선 자리: 서버가 마지막으로 말한 대기표. 소켓을 모르는 순수한 코드다.

대기표는 선수의 것이다. 새 hello가 기다리던 표를 이으면 `queue.joined`가 묻지 않았는데 오고, 다른 소켓이
거두면 `queue.cancelled`가 그렇게 온다.
"""

from __future__ import annotations

from .messages import Event, MatchFound, QueueCancelled, QueueJoined, QueueTimeout


class QueuePlace:
    """`ticket`은 지금 기다리는 표다."""

    __slots__ = ("ticket",)

    def __init__(self) -> None:
        self.ticket: QueueJoined | None = None

    def observe(self, event: Event) -> None:
        """사건이 줄에 끼친 일을 적는다."""
        match event:
            case QueueJoined():
                self.ticket = event
            case QueueCancelled() | QueueTimeout() if self._is_mine(event.ticket_id):
                self.ticket = None
            case MatchFound():
                self.ticket = None

    def forget(self) -> None:
        """소켓이 끊겼다. 표가 남았으면 다음 hello 뒤에 다시 듣는다."""
        self.ticket = None

    def _is_mine(self, ticket_id: str) -> bool:
        return self.ticket is not None and self.ticket.ticket_id == ticket_id
