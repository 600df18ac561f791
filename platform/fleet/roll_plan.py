"""차례로 갈아 끼우기의 한 걸음: 지금의 등록부와 적힌 뜻을 보고 다음에 할 일을 정한다. 순수하다.

서버 하나의 길은 pending → draining → returning → opening이다. 드레인된 프로세스는 스스로 끝나고, 되살리는
것은 런타임이나 오케스트레이터다. 새 프로세스(`boot_id`가 다르다)가 빈 채 등록되면 뜻을 거두어 판을 받게 한다.
어디서든 기다림이 지나치면 그 자리에서 멈추고, 남은 서버는 건드리지 않는다.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from fleet.preview import takes_matches
from kernel.messages import to_tell
from redisstore.servers.rows import Fleet, ServerRow, ServerState

SETTLE_MS: Final = 30_000  # 유예가 다한 뒤 결과를 쓰고 프로세스가 끝날 때까지
OPEN_TIMEOUT_MS: Final = 15_000  # 뜻을 거둔 뒤 판을 받기까지. 하트비트는 1초마다다


class TurnPhase(Enum):
    """차례가 된 서버의 지금."""

    PENDING = "pending"
    DRAINING = "draining"
    RETURNING = "returning"
    OPENING = "opening"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """차례가 된 서버. `waited_ms`는 이 단계에서 기다린 시간, `intended`는 MariaDB에 적힌 뜻이다."""

    server_id: str
    phase: TurnPhase
    boot_before: str
    waited_ms: int
    grace_ms: int
    return_timeout_ms: int
    intended: bool


@dataclass(frozen=True, slots=True)
class Wait:
    """아직 할 일이 없다."""


@dataclass(frozen=True, slots=True)
class Begin:
    """드레인을 시작한다. `boot_id`는 지금의 프로세스다."""

    boot_id: str


@dataclass(frozen=True, slots=True)
class Enter:
    """다음 단계로. `undrain`이면 뜻을 거두며 간다."""

    phase: TurnPhase
    undrain: bool = False


@dataclass(frozen=True, slots=True)
class Advance:
    """다음 서버로. `note`는 건너뛴 까닭이다."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class Halt:
    """더 갈 수 없다."""

    reason: str


Step = Wait | Begin | Enter | Advance | Halt


def next_step(turn: Turn, fleet: Fleet) -> Step:
    """차례가 된 서버에 할 일."""
    row = fleet.find(turn.server_id)
    if turn.phase is TurnPhase.PENDING:
        return _pending(turn, row, fleet)
    if turn.phase is TurnPhase.DRAINING:
        return _draining(turn, row)
    if turn.phase is TurnPhase.RETURNING:
        return _returning(turn, row)
    return _opening(turn, row)


def _pending(turn: Turn, row: ServerRow | None, fleet: Fleet) -> Step:
    if row is None or row.state is ServerState.LOST:
        return Advance(to_tell("등록부에 없어 건너뜀"))
    if not any(takes_matches(other) for other in fleet.servers if other.server_id != turn.server_id):
        return Halt(to_tell("새 판을 받을 다른 서버가 없습니다"))
    return Begin(row.boot_id)


def _draining(turn: Turn, row: ServerRow | None) -> Step:
    if not turn.intended:
        return Halt(to_tell("누군가 드레인을 거두었습니다"))
    if row is None or row.state is ServerState.LOST or row.boot_id != turn.boot_before:
        return Enter(TurnPhase.RETURNING)
    if turn.waited_ms > turn.grace_ms + SETTLE_MS:
        return Halt(to_tell("유예가 지나도 끝나지 않습니다"))
    return Wait()


def _returning(turn: Turn, row: ServerRow | None) -> Step:
    if row is not None and row.state is not ServerState.LOST and row.boot_id != turn.boot_before:
        return Enter(TurnPhase.OPENING, undrain=True)
    if turn.waited_ms > turn.return_timeout_ms:
        return Halt(to_tell("새 프로세스가 등록되지 않습니다. 서버는 드레인된 채 둡니다"))
    return Wait()


def _opening(turn: Turn, row: ServerRow | None) -> Step:
    if turn.intended:
        return Halt(to_tell("누군가 다시 드레인하기로 했습니다"))
    if row is not None and row.boot_id != turn.boot_before and row.state is ServerState.READY:
        return Advance()
    if turn.waited_ms > OPEN_TIMEOUT_MS:
        return Halt(to_tell("새 프로세스가 준비되지 않습니다"))
    return Wait()
