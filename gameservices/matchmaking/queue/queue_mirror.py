"""줄을 싸게 보는 눈: 대기표는 프로세스가 기억하고, 매번 이름만 받아 새 것만 읽는다.

진실은 Redis다. 여기의 기억이 틀려도 claim이 거절할 뿐이다. 주인이 바뀐 표는 잊고 다음 사진에서 다시 읽는다.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from gameservices.matchmaking.ports import TicketTable
from redisstore.tickets.rows import Ticket


@dataclass(frozen=True, slots=True)
class QueueSnapshot:
    """한 순간의 줄. 시각은 Redis의 ms.

    `ghosts`는 줄에 이름만 남은 표, `vanished`는 이 프로세스가 빼지 않았는데 줄에서 사라진 표다.
    """

    now_ms: int
    waiting: Mapping[str, list[Ticket]]
    ghosts: Mapping[str, list[str]]
    vanished: list[Ticket]


class QueueMirror:
    """모드마다 지금 줄에 있는 표의 기억."""

    def __init__(self, tickets: TicketTable, modes: Sequence[str]) -> None:
        self._tickets = tickets
        self._modes = tuple(modes)
        self._known: dict[str, dict[str, Ticket]] = {mode: {} for mode in modes}

    def add(self, ticket: Ticket) -> None:
        """방금 만든 표. 다음 사진에서 다시 읽지 않는다."""
        self._known[ticket.mode][ticket.ticket_id] = ticket

    def forget(self, tickets: Iterable[Ticket]) -> None:
        """이 프로세스가 줄에서 뺀 표들. 사라진 표로 세지 않는다."""
        for ticket in tickets:
            self._known[ticket.mode].pop(ticket.ticket_id, None)

    def move(self, ticket_id: str, gateway_id: str, conn_id: int) -> None:
        """이 프로세스가 주인을 바꾼 표. 모르는 표면 읽을 때 새 주인을 안다."""
        for known in self._known.values():
            if ticket_id in known:
                known[ticket_id] = replace(known[ticket_id], gateway_id=gateway_id, conn_id=conn_id)

    def forget_id(self, ticket_id: str) -> None:
        """`forget`의 이름판."""
        for known in self._known.values():
            known.pop(ticket_id, None)

    def mode_of(self, ticket_id: str) -> str:
        """기억하는 표의 모드. 모르면 빈 글."""
        return next((mode for mode, known in self._known.items() if ticket_id in known), "")

    def waiting(self, mode: str) -> list[Ticket]:
        """그 모드에서 기다리는 것으로 아는 표들. 마지막 사진에서 많아야 한 바퀴 늦다."""
        return list(self._known[mode].values())

    def gateways(self) -> set[str]:
        """기억하는 표들의 gateway."""
        return {ticket.gateway_id for known in self._known.values() for ticket in known.values()}

    async def look(self) -> QueueSnapshot:
        """줄의 사진을 찍는다.

        Raises:
            Unavailable: Redis가 예산 안에 답하지 않았다. 기억은 그대로다.
        """
        # 찍는 동안 들어온 표를 사라진 것으로 보지 않도록, 찍기 전에 알던 것만 견준다.
        before = {mode: dict(known) for mode, known in self._known.items()}
        snapshot = await self._tickets.snapshot(self._modes)
        unknown = [
            ticket_id
            for mode, ticket_ids in snapshot.waiting.items()
            for ticket_id in ticket_ids
            if ticket_id not in self._known[mode]
        ]
        fetched = await self._tickets.fetch(unknown) if unknown else {}
        for status in fetched.values():
            self.add(status.ticket)
        vanished = []
        for mode, known in before.items():
            gone = known.keys() - set(snapshot.waiting[mode])
            vanished += [known[ticket_id] for ticket_id in gone if ticket_id in self._known[mode]]
        self.forget(vanished)
        return QueueSnapshot(
            snapshot.now_ms,
            {mode: self._present(mode, ids) for mode, ids in snapshot.waiting.items()},
            {mode: self._absent(mode, ids) for mode, ids in snapshot.waiting.items()},
            vanished,
        )

    def _present(self, mode: str, ticket_ids: list[str]) -> list[Ticket]:
        known = self._known[mode]
        return [known[ticket_id] for ticket_id in ticket_ids if ticket_id in known]

    def _absent(self, mode: str, ticket_ids: list[str]) -> list[str]:
        known = self._known[mode]
        return [ticket_id for ticket_id in ticket_ids if ticket_id not in known]
