"""대기표의 사진 한 장에서 판을 짜는 순수한 규칙. 시각은 인자로 받고, 저장소와 망을 모른다.

레이팅 순서의 연결 리스트에서 오래 기다린 표부터 가까운 이웃을 모은다. 정렬이 O(n log n)이고 걷기는 O(n)이다:
가장 좁은 창의 절반 안에 있는 이웃은 언제나 함께 뽑히므로, 멀리까지 걷는 표들은 서로 그보다 멀리 있고
이웃 하나를 지나가는 표는 많아야 `4 x cap / base`개다.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from gameservices.rules.base import ModeSpec, WindowSpec


class Waiting(Protocol):
    """매칭이 보는 대기표의 칸. 시각은 밀리초, 레이팅은 점수다."""

    @property
    def ticket_id(self) -> str: ...

    @property
    def rating(self) -> float: ...

    @property
    def joined_ms(self) -> int: ...


T = TypeVar("T", bound=Waiting)


@dataclass(frozen=True, slots=True)
class Group(Generic[T]):
    """한 판이 될 대기표들. 들어온 순서이고, 이 순서가 판의 자리다."""

    tickets: tuple[T, ...]


def window_at(joined_ms: int, now_ms: int, spec: WindowSpec) -> float:
    """그때 받아들이는 레이팅 차이. 기다릴수록 넓어지고 상한에서 멈춘다."""
    waited_ms = max(0, now_ms - joined_ms)
    return min(spec.cap, spec.base + spec.per_s * waited_ms / 1000)


def form_matches(tickets: Iterable[T], now_ms: int, spec: ModeSpec) -> list[Group[T]]:
    """지금 시작할 수 있는 판들. 오래 기다린 표의 판이 앞에 온다. 넣은 순서는 답을 바꾸지 않는다.

    한 판의 모든 두 사람은 서로의 창 안에 있다. 사람이 덜 찬 모임은 `min_players`번째 사람이 들어온 뒤
    `fill_wait_ms`를 기다리며, 기다리는 동안 그 표들은 다른 판에 끼지 않는다.
    """
    line = Line(sorted(tickets, key=by_rating), now_ms, spec)
    return [group for group in line.groups(spec) if may_start(group.tickets, now_ms, spec)]


def by_rating(ticket: Waiting) -> tuple[float, int, str]:
    """`Line`이 받는 순서."""
    return (ticket.rating, ticket.joined_ms, ticket.ticket_id)


def by_age(ticket: Waiting) -> tuple[int, str]:
    """오래 기다린 순서."""
    return (ticket.joined_ms, ticket.ticket_id)


def may_start(chosen: Sequence[Waiting], now_ms: int, spec: ModeSpec) -> bool:
    """모인 표들(들어온 순서)로 지금 시작하는가."""
    if len(chosen) < spec.min_players:
        return False
    if len(chosen) == spec.max_players:
        return True
    return now_ms - chosen[spec.min_players - 1].joined_ms >= spec.fill_wait_ms


class Line(Generic[T]):
    """레이팅 순서로 늘어선 표들의 이중 연결 리스트. 뽑힌 표는 빠진다."""

    def __init__(self, tickets: list[T], now_ms: int, spec: ModeSpec) -> None:
        self.tickets = tickets
        count = len(tickets)
        self._ratings = [ticket.rating for ticket in tickets]
        self._windows = [window_at(ticket.joined_ms, now_ms, spec.rating_window) for ticket in tickets]
        self._left = list(range(-1, count - 1))
        self._right = list(range(1, count + 1))
        self.taken = bytearray(count)
        self.oldest_first = sorted(range(count), key=lambda index: by_age(tickets[index]))

    def groups(self, spec: ModeSpec) -> list[Group[T]]:
        """오래 기다린 표부터 모임을 짓고 줄에서 뺀다. 사람이 모자라 시작하지 못하는 모임도 있다."""
        groups = []
        for anchor in self.oldest_first:
            if self.taken[anchor]:
                continue
            members = self.gather(anchor, spec.max_players)
            self.take(members)
            groups.append(Group(tuple(sorted((self.tickets[index] for index in members), key=by_age))))
        return groups

    def gather(self, anchor: int, limit: int) -> list[int]:
        """`anchor`에서 가까운 순서로, 이미 모인 모두와 서로 받아들이는 표를 `limit`명까지 모은다."""
        ratings, windows, count = self._ratings, self._windows, len(self._ratings)
        center = lowest = highest = ratings[anchor]
        floor, ceiling = center - windows[anchor], center + windows[anchor]
        members = [anchor]
        left, right = self._left[anchor], self._right[anchor]
        while len(members) < limit:
            # 모인 모두의 창을 벗어난 쪽은 더 가도 없다(바닥과 천장은 좁아지기만 한다).
            if left >= 0 and ratings[left] < floor:
                left = -1
            if right < count and ratings[right] > ceiling:
                right = count
            if left < 0 and right >= count:
                break
            if right >= count or (left >= 0 and self._left_is_nearer(center, left, right)):
                candidate, left = left, self._left[left]
            else:
                candidate, right = right, self._right[right]
            rating, window = ratings[candidate], windows[candidate]
            if rating - window <= lowest and highest <= rating + window:
                members.append(candidate)
                lowest, highest = min(lowest, rating), max(highest, rating)
                floor, ceiling = max(floor, rating - window), min(ceiling, rating + window)
        return members

    def _left_is_nearer(self, center: float, left: int, right: int) -> bool:
        to_left, to_right = center - self._ratings[left], self._ratings[right] - center
        if to_left == to_right:
            return by_age(self.tickets[left]) < by_age(self.tickets[right])
        return to_left < to_right

    def take(self, members: list[int]) -> None:
        """표들을 줄에서 뺀다."""
        count = len(self._ratings)
        for index in members:
            before, after = self._left[index], self._right[index]
            if before >= 0:
                self._right[before] = after
            if after < count:
                self._left[after] = before
            self.taken[index] = 1
