"""소켓의 선수 쪽: 누구이고, 무엇을 기다리며, 어느 자리에 앉았는가. 한 번에 한 단계다.

    Greeting --identify--> Idle --ask_*--> Unsure --hold--> Queued --sit--> Seated --stand--> Idle

순수하고, 모든 옮겨 감이 여기에 있다. 자리가 대기표보다 먼저다: 앉은 동안에도 아직 정해지지 않은 기다림
(`Waiting`)은 남고, 일어서면 드러난다.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from opentelemetry.context import Context

from gateway.websocket.ports import HeldSeat


@dataclass(frozen=True, slots=True)
class ConnectedPlayer:
    """이 소켓의 선수."""

    player_id: str
    name: str
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class HeldTicket:
    """기다리는 대기표. `context`는 청할 때의 추적 문맥이고, `give_up_at_s`(단조 초)는 기다림의 끝이다."""

    ticket_id: str
    mode: str
    context: Context
    give_up_at_s: float


@dataclass(frozen=True, slots=True)
class UnansweredAdoption:
    """답을 듣지 못한 대기표 잇기. 소켓이 닫히면 답을 마저 듣고 표를 거둔다."""

    ticket_id: str
    asked: asyncio.Task[Any]


@dataclass(frozen=True, slots=True)
class UnansweredJoin:
    """답을 듣지 못한 대기표 청. 같은 열쇠로 다시 물으면 같은 답이 온다."""

    request_key: str
    mode: str
    asked_at_s: float


@dataclass(frozen=True, slots=True)
class Waiting:
    """들었거나 들었을지도 모르는 대기표."""

    ticket: HeldTicket | None = None
    join: UnansweredJoin | None = None
    adoption: UnansweredAdoption | None = None

    def __bool__(self) -> bool:
        return self.ticket is not None or self.join is not None or self.adoption is not None


NOTHING = Waiting()


@dataclass(frozen=True, slots=True)
class Greeting:
    """아직 누구인지 모른다. resume의 답을 기다리는 동안에는 자리를 쥐고 있다."""

    player: ClassVar[None] = None
    waiting: ClassVar[Waiting] = NOTHING
    seat: HeldSeat | None = None


@dataclass(frozen=True, slots=True)
class Idle:
    """들어왔고, 아무것도 기다리지 않는다."""

    seat: ClassVar[None] = None
    waiting: ClassVar[Waiting] = NOTHING
    player: ConnectedPlayer


@dataclass(frozen=True, slots=True)
class Unsure:
    """대기표를 들었을지도 모른다: 청하거나 이은 답을 아직 듣지 못했다."""

    seat: ClassVar[None] = None
    player: ConnectedPlayer
    waiting: Waiting


@dataclass(frozen=True, slots=True)
class Queued:
    """대기표를 들었다."""

    seat: ClassVar[None] = None
    player: ConnectedPlayer
    waiting: Waiting


@dataclass(frozen=True, slots=True)
class Seated:
    """판의 자리에 앉았다."""

    player: ConnectedPlayer
    seat: HeldSeat
    waiting: Waiting = NOTHING


Phase = Greeting | Idle | Unsure | Queued | Seated


class PlayerSide:
    """소켓 하나의 선수 쪽. `phase`는 누구나 읽고 여기서만 바뀐다."""

    __slots__ = ("phase",)

    def __init__(self) -> None:
        self.phase: Phase = Greeting()

    @property
    def is_busy(self) -> bool:
        """자리를 쥐었거나 대기표를 들었을지도 모른다."""
        return self.phase.seat is not None or bool(self.phase.waiting)

    # ---- 인사와 자리

    def identify(self, player: ConnectedPlayer) -> None:
        """누구인지 알았다."""
        self.phase = _phase_of(player, self.phase.seat, self.phase.waiting)

    def sit(self, seat: HeldSeat) -> None:
        """자리에 앉는다. 인사하지 않은 소켓이면 그 답을 기다린다."""
        self.phase = _phase_of(self.phase.player, seat, self.phase.waiting)

    def stand(self) -> None:
        """자리가 없어졌다."""
        self.phase = _phase_of(self.phase.player, None, self.phase.waiting)

    # ---- 대기표

    def ask_join(self, join: UnansweredJoin) -> None:
        """대기표를 청했다. 답을 들을 때까지 들었을지도 모른다."""
        self._wait(replace(self.phase.waiting, join=join))

    def ask_adoption(self, adoption: UnansweredAdoption) -> None:
        """대기표를 잇겠다고 청했다. 답을 들을 때까지 들었을지도 모른다."""
        self._wait(replace(self.phase.waiting, adoption=adoption))

    def settle_join(self) -> None:
        """청한 것의 끝을 안다."""
        self._wait(replace(self.phase.waiting, join=None))

    def settle_adoption(self) -> None:
        """이으려던 것의 끝을 안다."""
        self._wait(replace(self.phase.waiting, adoption=None))

    def hold(self, ticket: HeldTicket) -> None:
        """대기표를 들었다."""
        self._wait(replace(self.phase.waiting, ticket=ticket))

    def drop_ticket(self) -> None:
        """든 표가 지났거나, 거두어졌거나, 판이 되었다. 답을 듣지 못한 것은 그대로다."""
        self._wait(replace(self.phase.waiting, ticket=None))

    def forget_asked(self) -> None:
        """답을 듣지 못한 것들의 끝을 안다. 든 표는 그대로다."""
        self._wait(replace(self.phase.waiting, join=None, adoption=None))

    def stop_waiting(self) -> None:
        """아무 표도 들지 않았다."""
        self._wait(NOTHING)

    def _wait(self, waiting: Waiting) -> None:
        self.phase = _phase_of(self.phase.player, self.phase.seat, waiting)


def _phase_of(player: ConnectedPlayer | None, seat: HeldSeat | None, waiting: Waiting) -> Phase:
    """아는 것에 맞는 단계. 누구인지 모르는 소켓은 대기표를 들 수 없다."""
    if player is None:
        return Greeting(seat)
    if seat is not None:
        return Seated(player, seat, waiting)
    if waiting.ticket is not None:
        return Queued(player, waiting)
    return Unsure(player, waiting) if waiting else Idle(player)
