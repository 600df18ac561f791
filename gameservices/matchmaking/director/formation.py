"""대기표의 사진 한 장에서 판을 짜는 순수한 규칙. 시각은 인자로 받고, 저장소와 망을 모른다.

레이팅 순서의 연결 리스트에서 오래 기다린 표부터 가까운 이웃을 모은다. 정렬이 O(n log n)이고 걷기는 O(n)이다:
가장 좁은 창의 절반 안에 있는 이웃은 언제나 함께 뽑히므로, 멀리까지 걷는 표들은 서로 그보다 멀리 있고
이웃 하나를 지나가는 표는 많아야 `4 x cap / base`개다.

창이 다 열린 표(`open_after_ms`를 기다린 표)는 상대의 창도 묻지 않는다: 줄에 둘뿐이면 한쪽만 열려도 만난다.
그런 표는 열린 표를 찾아 끝까지 걷기도 하지만, 걷고 나면 모임이 다 찼거나 열린 표가 남지 않아, 그런 걸음은
열린 표 `max_players`개에 한 번쯤이다.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gameservices.rules.base import ModeSpec, WindowSpec
from redisstore.tickets.rows import Ticket


@dataclass(frozen=True, slots=True)
class Group:
    """한 판이 될 대기표들. 들어온 순서이고, 이 순서가 판의 자리다."""

    tickets: tuple[Ticket, ...]


def window_at(joined_ms: int, now_ms: int, spec: WindowSpec) -> float:
    """그때 받아들이는 레이팅 차이. 기다릴수록 넓어지고 상한에서 멈췄다가, 다 열리면 무한하다."""
    waited_ms = max(0, now_ms - joined_ms)
    if waited_ms >= spec.open_after_ms:
        return math.inf
    return min(spec.cap, spec.base + spec.per_s * waited_ms / 1000)


def form_matches(tickets: Iterable[Ticket], now_ms: int, spec: ModeSpec) -> list[Group]:
    """지금 시작할 수 있는 판들. 오래 기다린 표의 판이 앞에 온다. 넣은 순서는 답을 바꾸지 않는다.

    한 판의 모든 두 사람은 서로의 창 안에 있거나, 한쪽의 창이 다 열려 있다. 사람이 덜 찬 모임은
    `min_players`번째 사람이 들어온 뒤 `fill_wait_ms`를 기다리며(창이 다 열린 사람이 있으면 더 기다리지
    않는다), 기다리는 동안 그 표들은 다른 판에 끼지 않는다.
    """
    line = Line(sorted(tickets, key=by_rating), now_ms, spec)
    return [group for group in line.groups(spec) if may_start(group.tickets, now_ms, spec)]


def by_rating(ticket: Ticket) -> tuple[float, int, str]:
    """`Line`이 받는 순서."""
    return (ticket.rating, ticket.joined_ms, ticket.ticket_id)


def by_age(ticket: Ticket) -> tuple[int, str]:
    """오래 기다린 순서."""
    return (ticket.joined_ms, ticket.ticket_id)


def may_start(chosen: Sequence[Ticket], now_ms: int, spec: ModeSpec) -> bool:
    """모인 표들(들어온 순서)로 지금 시작하는가."""
    if len(chosen) < spec.min_players:
        return False
    if len(chosen) == spec.max_players:
        return True
    return starts_at_ms(chosen, spec) <= now_ms


def starts_at_ms(chosen: Sequence[Ticket], spec: ModeSpec) -> int:
    """덜 찼지만 시작할 수 있는 모임이 시작하는 때. 가장 오래 기다린 이가 지나기 전이다."""
    filled_ms = chosen[spec.min_players - 1].joined_ms + spec.fill_wait_ms
    return min(filled_ms, chosen[0].joined_ms + spec.rating_window.open_after_ms)


def startable_since_ms(chosen: Sequence[Ticket], formed_ms: int, spec: ModeSpec) -> int:
    """`formed_ms`에 짜인 모임(들어온 순서)이 처음으로 시작할 수 있었던 때.

    모두가 와 있고, 창이 서로를 받아들이고, 사람이 덜 찼으면 더 올 사람을 기다릴 만큼 기다린 때다. 그 뒤로
    흐른 시간만이 우리가 늦은 것이다: 상대가 없어 기다린 시간은 누구의 잘못도 아니다.
    """
    everyone_came_ms = max(ticket.joined_ms for ticket in chosen)
    ready_ms = _accepting_since_ms(chosen, everyone_came_ms, formed_ms, spec.rating_window)
    if len(chosen) < spec.max_players:
        ready_ms = max(ready_ms, starts_at_ms(chosen, spec))
    return min(ready_ms, formed_ms)


def _accepting_since_ms(chosen: Sequence[Ticket], from_ms: int, until_ms: int, spec: WindowSpec) -> int:
    """`from_ms`와 `until_ms` 사이에서 모두가 서로를 받아들이기 시작한 때. 창은 넓어지기만 해 반씩 좁힌다."""

    def accepting(at_ms: int) -> bool:
        windows = [(each.rating, window_at(each.joined_ms, at_ms, spec)) for each in chosen]
        closed = [(rating, window) for rating, window in windows if window != math.inf]
        low = min((rating for rating, _ in closed), default=0.0)
        high = max((rating for rating, _ in closed), default=0.0)
        return all(max(rating - low, high - rating) <= window for rating, window in closed)

    return bisect_left(range(from_ms, until_ms), True, key=accepting) + from_ms


class Line:
    """레이팅 순서로 늘어선 표들의 이중 연결 리스트. 뽑힌 표는 빠진다."""

    def __init__(self, tickets: list[Ticket], now_ms: int, spec: ModeSpec) -> None:
        self.tickets = tickets
        count = len(tickets)
        self._ratings = [ticket.rating for ticket in tickets]
        self._windows = [window_at(ticket.joined_ms, now_ms, spec.rating_window) for ticket in tickets]
        self._left = list(range(-1, count - 1))
        self._right = list(range(1, count + 1))
        self.taken = bytearray(count)
        self.oldest_first = sorted(range(count), key=lambda index: by_age(tickets[index]))

    def groups(self, spec: ModeSpec) -> list[Group]:
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
        center = ratings[anchor]
        is_open = windows[anchor] == math.inf
        # 다 열린 표는 누구와도 맞으므로, 이 넷은 아직 열리지 않은 이들만의 것이다.
        lowest, highest = (math.inf, -math.inf) if is_open else (center, center)
        floor, ceiling = center - windows[anchor], center + windows[anchor]
        members = [anchor]
        left, right = self._left[anchor], self._right[anchor]
        while len(members) < limit:
            # 모인 모두의 창을 벗어난 쪽에는 다 열린 표만 남는다(바닥과 천장은 좁아지기만 한다).
            if left >= 0 and ratings[left] < floor:
                left = self._next_open(left, self._left) if is_open else -1
            if right < count and ratings[right] > ceiling:
                right = self._next_open(right, self._right) if is_open else count
            if left < 0 and right >= count:
                break
            if right >= count or (left >= 0 and self._left_is_nearer(center, left, right)):
                candidate, left = left, self._left[left]
            else:
                candidate, right = right, self._right[right]
            rating, window = ratings[candidate], windows[candidate]
            if window == math.inf:
                members.append(candidate)
            elif rating - window <= lowest and highest <= rating + window:
                members.append(candidate)
                lowest, highest = min(lowest, rating), max(highest, rating)
                floor, ceiling = max(floor, rating - window), min(ceiling, rating + window)
        return members

    def _next_open(self, index: int, step: list[int]) -> int:
        """그 표부터 `step` 쪽으로 가장 가까운 다 열린 표. 열린 표는 모두 닫힌 표보다 오래되어, 닫힌 표가 모을
        차례에는 하나도 남지 않는다."""
        while 0 <= index < len(self._ratings) and self._windows[index] != math.inf:
            index = step[index]
        return index

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
