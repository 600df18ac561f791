"""레이팅의 변화를 SVG의 좌표로 옮긴다. 순수하다.

그림판은 가로 0-1000, 세로 0-300이고 화면의 크기에 맞춰 늘어난다. 글자는 늘어나면 안 되므로 그림 밖에 둔다.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 1000
HEIGHT: Final = 300
MARGIN: Final = 12
MIN_SPAN: Final = 40.0
TICKS_WANTED: Final = 4
_NICE_STEPS: Final = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class Dot:
    """판 하나 뒤의 레이팅과 그 자리. `match_id`가 비면 첫 판 앞의 레이팅이다."""

    x: float
    y: float
    rating: float
    match_id: str


@dataclass(frozen=True, slots=True)
class Tick:
    """세로 눈금. `from_top`은 위에서부터의 몫(0에서 1)이다."""

    rating: int
    y: float
    from_top: float


@dataclass(frozen=True, slots=True)
class Chart:
    """선, 선 아래의 넓이, 점, 눈금."""

    line: str
    area: str
    dots: tuple[Dot, ...]
    ticks: tuple[Tick, ...]


def draw_chart(before: float, after: Sequence[tuple[str, float]]) -> Chart | None:
    """`before`에서 시작해 판마다의 (match_id, 레이팅)을 오래된 것부터. 판이 없으면 None이다."""
    if not after:
        return None
    ratings = [before, *(rating for _, rating in after)]
    low, high, step = _range(min(ratings), max(ratings))
    ids = ["", *(match_id for match_id, _ in after)]
    width = WIDTH - 2 * MARGIN
    dots = tuple(
        Dot(
            round(MARGIN + width * index / (len(ratings) - 1), 1),
            _y(rating, low, high),
            rating,
            ids[index],
        )
        for index, rating in enumerate(ratings)
    )
    line = "M" + "L".join(f"{dot.x},{dot.y}" for dot in dots)
    area = f"{line}L{dots[-1].x},{HEIGHT}L{dots[0].x},{HEIGHT}Z"
    return Chart(line, area, dots, _ticks(low, high, step))


def _range(low: float, high: float) -> tuple[float, float, int]:
    """보기 좋은 눈금에 맞춘 아래, 위, 간격."""
    if high - low < MIN_SPAN:
        middle = (low + high) / 2
        low, high = middle - MIN_SPAN / 2, middle + MIN_SPAN / 2
    step = _nice_step((high - low) / TICKS_WANTED)
    return math.floor(low / step) * step, math.ceil(high / step) * step, step


def _nice_step(rough: float) -> int:
    power = 10 ** math.floor(math.log10(rough))
    return max(1, int(next(nice * power for nice in _NICE_STEPS if nice * power >= rough)))


def _y(rating: float, low: float, high: float) -> float:
    height = HEIGHT - 2 * MARGIN
    return round(MARGIN + height * (high - rating) / (high - low), 1)


def _ticks(low: float, high: float, step: int) -> tuple[Tick, ...]:
    count = round((high - low) / step)
    ratings = [low + step * index for index in range(count + 1)]
    return tuple(
        Tick(round(rating), _y(rating, low, high), round(_y(rating, low, high) / HEIGHT, 4))
        for rating in reversed(ratings)
    )
