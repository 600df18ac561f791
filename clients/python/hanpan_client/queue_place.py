"""줄에서 내가 선 자리: 서버가 마지막으로 말한 대기표. 소켓을 모르는 순수한 코드다.

대기표는 선수의 것이다. 새 hello가 기다리던 표를 이으면 `queue.joined`가 묻지 않았는데 오고, 다른 소켓이
거두면 `queue.cancelled`가 그렇게 온다. 소켓이 닫혀도 서버는 돌아올 틈을 주므로, 줄을 떠나려면 거두어야 한다.
"""

from __future__ import annotations

from .messages import Bye, Event, MatchFound, QueueCancelled, QueueJoined, QueueTimeout


class QueuePlace:
    """`ticket`은 지금 기다리는 표다."""

    __slots__ = ("_is_asked", "ticket")

    def __init__(self) -> None:
        self.ticket: QueueJoined | None = None
        self._is_asked = False

    @property
    def may_wait(self) -> bool:
        """기다리거나, 청의 답을 듣지 못해 기다리는지도 모른다."""
        return self.ticket is not None or self._is_asked

    def asked(self) -> None:
        """줄을 서겠다고 청했다."""
        self._is_asked = True

    def refused(self) -> None:
        """그 청은 거절되었다. 들고 있던 표는 그대로다."""
        self._is_asked = False

    def observe(self, event: Event) -> None:
        """사건이 줄에 끼친 일을 적는다."""
        match event:
            case QueueJoined():
                self.ticket, self._is_asked = event, False
            case QueueCancelled() | QueueTimeout() if self._is_mine(event.ticket_id):
                self.forget()
            case MatchFound() | Bye():
                self.forget()

    def forget(self) -> None:
        """이 소켓의 표가 아니다(판이 되었거나, 소켓이 끊겼다). 표가 남았으면 다음 hello 뒤에 다시 듣는다."""
        self.ticket, self._is_asked = None, False

    def _is_mine(self, ticket_id: str) -> bool:
        return self.ticket is not None and self.ticket.ticket_id == ticket_id
