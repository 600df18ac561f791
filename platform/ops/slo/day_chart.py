"""하루의 나쁜 일의 몫을 SVG의 좌표로 옮긴다. 순수하다.

그림판은 가로 0-1000, 세로 0-100이고 화면에 맞춰 늘어난다. 세로의 끝은 참을 몫의 두 배와 가장 나빴던 때 가운데
큰 것이라, 참을 몫의 줄이 늘 보인다.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ops.slo.history import DAY_S, STEP_S

WIDTH: Final = 1000
HEIGHT: Final = 100


@dataclass(frozen=True, slots=True)
class DayChart:
    """선(끊긴 곳은 비어 있다), 참을 몫의 줄의 높이, 가장 나빴던 몫."""

    line: str
    allowed_y: float
    worst: float


def draw_day(points: Sequence[tuple[float, float]], *, now_s: float, allowed: float) -> DayChart | None:
    """(시각, 몫)들을 그린다. 점이 없으면 None이다."""
    if not points:
        return None
    worst = max(share for _, share in points)
    top = max(2 * allowed, worst)
    parts, last_s = [], None
    for at_s, share in points:
        x = round(WIDTH * (1 - (now_s - at_s) / DAY_S), 1)
        y = _y(share, top)
        joined = last_s is not None and at_s - last_s <= STEP_S * 1.5
        # 홀로 있는 점도 보이게 짧은 선으로 시작한다.
        parts.append(f"L{x},{y}" if joined else f"M{x},{y}h1")
        last_s = at_s
    return DayChart("".join(parts), _y(allowed, top), worst)


def _y(share: float, top: float) -> float:
    return round(HEIGHT * (1 - share / top), 1)
