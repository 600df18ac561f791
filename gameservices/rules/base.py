"""규칙이 따르는 모양: 모드의 설정, 입력과 상태의 칸, 그리고 방이 부르는 GameRules 프로토콜.

전송, 선수의 이름, 시계를 모른다. 선수는 자리 번호(slot)로, 시간은 step의 횟수로만 안다.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

TICK_RATE_HZ = 20
MAX_ROOM_PLAYERS = 200
MAX_DURATION_MS = 3_600_000

EntityState = tuple[int, ...]
"""엔티티 하나의 상태. 칸의 순서는 규칙의 `state_fields`와 같다."""


class ModeError(ValueError):
    """모드의 설정이 앞뒤가 맞지 않는다. 어느 칸인지 문구에 있다."""


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ModeError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowSpec:
    """레이팅 창: 처음 폭, 기다린 1초마다 넓어지는 폭, 상한(레이팅 점수), 그리고 다 열리는 때.

    `open_after_ms`를 기다린 표는 누구와도 만난다. 대기표의 수명보다 짧아야 마지막 두 사람이 만난다.
    """

    base: int = 100
    per_s: int = 25
    cap: int = 1000
    open_after_ms: int = 45_000

    def __post_init__(self) -> None:
        _require(0 <= self.base <= self.cap, "rating_window: 0 <= base <= cap 이어야 합니다")
        _require(self.per_s >= 0, "rating_window.per_s: 0 이상이어야 합니다")
        _require(self.open_after_ms >= 0, "rating_window.open_after_ms: 0 이상이어야 합니다")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeSpec:
    """모드 하나의 설정.

    `fill_wait_ms`는 `min_players`가 모인 뒤 `max_players`를 더 기다리는 시간이다(0이면 기다리지 않는다).
    """

    name: str
    min_players: int
    max_players: int
    duration_ms: int
    tick_rate_hz: int = TICK_RATE_HZ
    fill_wait_ms: int = 0
    rating_window: WindowSpec = field(default_factory=WindowSpec)

    def __post_init__(self) -> None:
        _require(
            2 <= self.min_players <= self.max_players <= MAX_ROOM_PLAYERS,
            f"{self.name}: 2 <= min_players <= max_players <= {MAX_ROOM_PLAYERS} 이어야 합니다",
        )
        _require(
            0 < self.tick_rate_hz <= TICK_RATE_HZ and TICK_RATE_HZ % self.tick_rate_hz == 0,
            f"{self.name}.tick_rate_hz: {TICK_RATE_HZ}의 약수여야 합니다",
        )
        _require(
            0 < self.duration_ms <= MAX_DURATION_MS and self.duration_ticks >= 1,
            f"{self.name}.duration_ms: 한 틱 이상, {MAX_DURATION_MS} 이하여야 합니다",
        )
        _require(self.fill_wait_ms >= 0, f"{self.name}.fill_wait_ms: 0 이상이어야 합니다")

    @property
    def duration_ticks(self) -> int:
        """판의 길이(틱)."""
        return self.duration_ms * self.tick_rate_hz // 1000


@dataclass(frozen=True, slots=True)
class InputField:
    """클라이언트 input의 정수 칸 하나와 허용 범위(양 끝 포함)."""

    name: str
    min: int
    max: int


@dataclass(frozen=True, slots=True)
class StateField:
    """상태 칸 하나. `type`은 u8, i8, u16, i16, u32, i32 가운데 하나다.

    화면의 값은 정수를 `scale`로 나눈 것이다.
    """

    name: str
    type: str
    scale: int = 1


class GameRules(Protocol):
    """판 하나의 규칙과 상태. 같은 씨앗과 같은 호출 순서는 언제나 같은 상태를 만든다."""

    modes: ClassVar[tuple[ModeSpec, ...]]
    input_fields: ClassVar[tuple[InputField, ...]]
    state_fields: ClassVar[tuple[StateField, ...]]

    def __init__(self, *, mode: ModeSpec, player_count: int, seed: int) -> None: ...

    @property
    def setup(self) -> Mapping[str, int]:
        """클라이언트가 그릴 때 알아야 하는 이 판의 상수(마당의 크기 따위). 판이 도는 동안 바뀌지 않는다."""
        ...

    @property
    def is_over(self) -> bool:
        """더 돌 것이 없는가(시간이 다했거나 남은 선수가 둘보다 적다)."""
        ...

    def apply_input(self, slot: int, values: Sequence[int]) -> None:
        """다음 step에 쓸 입력을 놓는다. 새 입력이 올 때까지 이어진다. 값의 범위는 부르는 쪽이 이미 보았다."""
        ...

    def idle(self, slot: int) -> None:
        """자리를 비운 선수의 입력을 거둔다."""
        ...

    def leave(self, slot: int) -> None:
        """선수가 판을 포기한다. 여러 번 불러도 같다."""
        ...

    def step(self) -> None:
        """한 틱 나아간다. 끝난 판에서는 아무것도 하지 않는다."""
        ...

    def entities(self) -> Mapping[int, EntityState]:
        """지금 있는 모든 엔티티."""
        ...

    def touched(self) -> Collection[int]:
        """마지막 step(과 그 앞의 leave)에서 생겼거나 바뀌었을 수 있는 엔티티. 넉넉해도 된다."""
        ...

    def removed(self) -> Collection[int]:
        """마지막 step(과 그 앞의 leave)에서 사라진 엔티티. 같은 번호가 다시 생겼으면 touched에도 있다."""
        ...

    def entity_of_slot(self, slot: int) -> int:
        """선수의 엔티티 번호. 판이 도는 동안 바뀌지 않는다."""
        ...

    def scores(self) -> list[int]:
        """자리마다의 점수."""
        ...

    def conceded(self) -> Collection[int]:
        """포기한 자리들."""
        ...


def places(scores: Sequence[int], conceded: Collection[int]) -> list[int]:
    """자리마다의 순위(1부터).

    점수가 같으면 같은 순위를 나누고(1, 1, 3), 포기한 선수는 남은 선수 뒤에 선다.
    """
    merits = [(slot not in conceded, score) for slot, score in enumerate(scores)]
    return [1 + sum(other > merit for other in merits) for merit in merits]
