"""별 모으기: 네모난 마당을 움직이며 별을 줍고, 많이 주운 순서로 순위를 정한다.

위치는 1/16칸 단위의 정수다. 부동 소수를 쓰지 않아 같은 씨앗과 입력은 어느 기계에서나 같은 상태를 만든다.
엔티티 번호는 선수가 자리 번호, 별이 그 다음부터다.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import isqrt
from random import Random
from typing import ClassVar

from gameservices.rules.base import EntityState, InputField, ModeSpec, StateField

UNIT = 16  # 한 칸
STEP = 10  # 한 틱에 가는 거리: 20 Hz에서 초당 12.5칸
DIAGONAL_STEP = 7  # 10 / sqrt(2)
REACH = 24  # 별에 닿는 거리: 한 칸 반
RESPAWN_TICKS = 10  # 주운 별이 다른 곳에 다시 나기까지 0.5초
AREA_PER_STAR = 288  # 칸^2. 가장 가까운 별이 평균 8칸쯤, 0.7초 거리가 된다
BUCKET_SHIFT = 6  # 별을 찾는 격자의 한 변 64(네 칸). REACH보다 커서 이웃 두 줄만 보면 된다
MAX_SCORE = 65_535

PLAYER, STAR = 0, 1
NO_SLOT = 255

_SPEED = {(dx, dy): DIAGONAL_STEP if dx and dy else STEP for dx in (-1, 0, 1) for dy in (-1, 0, 1)}


class StarCollect:
    """별 모으기 한 판. 별의 수와 마당의 크기는 선수 수를 따라 자란다."""

    modes: ClassVar[tuple[ModeSpec, ...]] = (
        ModeSpec(name="duel", min_players=2, max_players=2, duration_ms=20_000),
        ModeSpec(name="arena", min_players=2, max_players=100, duration_ms=60_000, fill_wait_ms=10_000),
    )
    input_fields: ClassVar[tuple[InputField, ...]] = (InputField("dx", -1, 1), InputField("dy", -1, 1))
    state_fields: ClassVar[tuple[StateField, ...]] = (
        StateField("x", "i16", UNIT),
        StateField("y", "i16", UNIT),
        StateField("kind", "u8"),
        StateField("score", "u16"),
        StateField("slot", "u8"),
    )

    def __init__(self, *, mode: ModeSpec, player_count: int, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - 놀이의 난수다. 같은 씨앗이 같은 판을 만들어야 한다
        self._player_count = player_count
        self._ticks_left = mode.duration_ticks
        self._tick = 0
        star_count = 4 + 2 * player_count
        self._edge = isqrt(AREA_PER_STAR * star_count) * UNIT
        self._velocity = [(0, 0)] * player_count
        self._scores = [0] * player_count
        self._conceded: set[int] = set()
        self._entities: dict[int, EntityState] = {}
        self._buckets: dict[tuple[int, int], list[int]] = {}
        self._respawns: dict[int, list[int]] = {}
        self._touched: list[int] = []
        self._removed: list[int] = []
        self._leaving: list[int] = []
        self._place_players()
        for star in range(player_count, player_count + star_count):
            self._place_star(star)

    @property
    def is_over(self) -> bool:
        return self._ticks_left <= 0 or self._player_count - len(self._conceded) < 2

    @property
    def setup(self) -> Mapping[str, int]:
        """`edge`: 마당 한 변의 칸 수. 위치는 0과 이 값 사이다."""
        return {"edge": self._edge // UNIT}

    def apply_input(self, slot: int, values: Sequence[int]) -> None:
        dx, dy = values
        speed = _SPEED[dx, dy]
        self._velocity[slot] = (dx * speed, dy * speed)

    def idle(self, slot: int) -> None:
        self._velocity[slot] = (0, 0)

    def leave(self, slot: int) -> None:
        if slot in self._conceded:
            return
        self._conceded.add(slot)
        del self._entities[slot]
        self._leaving.append(slot)

    def step(self) -> None:
        if self.is_over:
            return
        self._tick += 1
        self._ticks_left -= 1
        self._touched = []
        self._removed, self._leaving = self._leaving, []
        for star in self._respawns.pop(self._tick, ()):
            self._place_star(star)
            self._touched.append(star)
        self._move_players()
        self._collect_stars()

    def entities(self) -> Mapping[int, EntityState]:
        return self._entities

    def touched(self) -> Collection[int]:
        return self._touched

    def removed(self) -> Collection[int]:
        return self._removed

    def entity_of_slot(self, slot: int) -> int:
        return slot

    def scores(self) -> list[int]:
        return list(self._scores)

    def conceded(self) -> Collection[int]:
        return frozenset(self._conceded)

    def _place_players(self) -> None:
        """선수들을 격자의 칸 가운데에 흩는다. 자리 번호가 유불리를 정하지 않게 칸을 섞는다."""
        per_row = isqrt(self._player_count - 1) + 1
        cells = [(column, row) for row in range(per_row) for column in range(per_row)]
        self._random.shuffle(cells)
        for slot, (column, row) in enumerate(cells[: self._player_count]):
            x = self._edge * (2 * column + 1) // (2 * per_row)
            y = self._edge * (2 * row + 1) // (2 * per_row)
            self._entities[slot] = (x, y, PLAYER, 0, slot)

    def _place_star(self, star: int) -> None:
        """별을 아무 데나 놓되 가장자리에서 한 칸은 띄운다."""
        x = self._random.randrange(UNIT, self._edge - UNIT)
        y = self._random.randrange(UNIT, self._edge - UNIT)
        self._entities[star] = (x, y, STAR, 0, NO_SLOT)
        self._buckets.setdefault((x >> BUCKET_SHIFT, y >> BUCKET_SHIFT), []).append(star)

    def _move_players(self) -> None:
        entities, edge = self._entities, self._edge
        for slot, (vx, vy) in enumerate(self._velocity):
            if not (vx or vy) or slot in self._conceded:
                continue
            x, y, kind, score, _ = entities[slot]
            new_x, new_y = min(max(x + vx, 0), edge), min(max(y + vy, 0), edge)
            if new_x != x or new_y != y:
                entities[slot] = (new_x, new_y, kind, score, slot)
                self._touched.append(slot)

    def _collect_stars(self) -> None:
        """둘이 같은 틱에 한 별에 닿으면 틱마다 돌아가는 순서가 주인을 정한다(자리 번호는 유리하지 않다)."""
        count = self._player_count
        for turn in range(count):
            slot = (self._tick + turn) % count
            if slot in self._conceded:
                continue
            x, y, _, _, _ = self._entities[slot]
            for column in range((x - REACH) >> BUCKET_SHIFT, ((x + REACH) >> BUCKET_SHIFT) + 1):
                for row in range((y - REACH) >> BUCKET_SHIFT, ((y + REACH) >> BUCKET_SHIFT) + 1):
                    bucket = self._buckets.get((column, row))
                    if bucket:
                        self._take_from(bucket, slot, x, y)

    def _take_from(self, bucket: list[int], slot: int, x: int, y: int) -> None:
        taken = []
        for star in bucket:
            star_x, star_y, _, _, _ = self._entities[star]
            if (star_x - x) ** 2 + (star_y - y) ** 2 <= REACH * REACH:
                taken.append(star)
        for star in taken:
            bucket.remove(star)
            del self._entities[star]
            self._removed.append(star)
            self._respawns.setdefault(self._tick + RESPAWN_TICKS, []).append(star)
            self._scores[slot] = min(self._scores[slot] + 1, MAX_SCORE)
        if taken:
            self._entities[slot] = (x, y, PLAYER, self._scores[slot], slot)
            self._touched.append(slot)


RULES = StarCollect
