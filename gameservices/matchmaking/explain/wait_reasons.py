"""줄에 선 표가 왜 아직 기다리는지를 짜는 규칙 그대로에서 푸는 순수한 코드. 시각은 인자로 받는다."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import Final

from gameservices.matchmaking.director.formation import (
    Line,
    by_age,
    by_rating,
    may_start,
    starts_at_ms,
    window_at,
)
from gameservices.rules.base import ModeSpec, WindowSpec
from redisstore.tickets.rows import Ticket

NEAREST: Final = 3
WAIT_BOUNDS_MS: Final = (1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 45_000, 60_000)


class WaitReason(Enum):
    """기다리는 까닭. 뜻은 matchmaking.proto의 WaitReason에 있다."""

    ALONE = "alone"
    OUT_OF_WINDOW = "out_of_window"
    FILLING = "filling"
    NO_SERVER = "no_server"
    SOON = "soon"


@dataclass(frozen=True, slots=True)
class Neighbour:
    """레이팅이 가까운 표 하나."""

    ticket: Ticket
    difference: float
    window: float
    accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """표 하나의 까닭. `changes_in_ms`는 시작하거나 창이 닿기까지이고, 모르면 0이다. `opens_in_ms`는 누구와도
    만나게 되기까지이고 이미 그러면 0이다(그때 `window`는 무한하다)."""

    ticket: Ticket
    waited_ms: int
    window: float
    opens_in_ms: int
    reason: WaitReason
    gathered: int
    changes_in_ms: int
    nearest: tuple[Neighbour, ...]


def explain(
    tickets: Iterable[Ticket], now_ms: int, spec: ModeSpec, *, limit: int, has_server: bool
) -> list[Explanation]:
    """오래 기다린 표부터 `limit`개. 모임은 매칭이 지금 짓는 것 그대로다."""
    line = Line(sorted(tickets, key=by_rating), now_ms, spec)
    group_of = {ticket.ticket_id: group.tickets for group in line.groups(spec) for ticket in group.tickets}
    explained = []
    for index in line.oldest_first[:limit]:
        ticket = line.tickets[index]
        nearest = _nearest(line.tickets, index, now_ms, spec.rating_window)
        group = group_of[ticket.ticket_id]
        explained.append(_explained(ticket, group, nearest, now_ms, spec, has_server=has_server))
    return explained


def _explained(
    ticket: Ticket,
    group: Sequence[Ticket],
    nearest: tuple[Neighbour, ...],
    now_ms: int,
    spec: ModeSpec,
    *,
    has_server: bool,
) -> Explanation:
    if may_start(group, now_ms, spec):
        reason = WaitReason.SOON if has_server else WaitReason.NO_SERVER
    elif len(group) >= spec.min_players:
        reason = WaitReason.FILLING
    else:
        # 창 안에 있던 사람이 모두 먼저 온 이의 판으로 갔을 수도 있다.
        is_near = any(near.accepted for near in nearest)
        reason = WaitReason.ALONE if is_near or not nearest else WaitReason.OUT_OF_WINDOW
    return Explanation(
        ticket=ticket,
        waited_ms=max(0, now_ms - ticket.joined_ms),
        window=window_at(ticket.joined_ms, now_ms, spec.rating_window),
        opens_in_ms=max(0, ticket.joined_ms + spec.rating_window.open_after_ms - now_ms),
        reason=reason,
        gathered=len(group),
        changes_in_ms=_changes_in_ms(reason, ticket, group, nearest, now_ms, spec),
        nearest=nearest,
    )


def _changes_in_ms(
    reason: WaitReason,
    ticket: Ticket,
    members: Sequence[Ticket],
    nearest: Sequence[Neighbour],
    now_ms: int,
    spec: ModeSpec,
) -> int:
    if reason is WaitReason.FILLING:
        return max(0, starts_at_ms(members, spec) - now_ms)
    if reason is WaitReason.OUT_OF_WINDOW and nearest:
        return _meets_in_ms(ticket, nearest[0], now_ms, spec.rating_window)
    return 0


def _meets_in_ms(ticket: Ticket, other: Neighbour, now_ms: int, window: WindowSpec) -> int:
    """두 창이 모두 차이에 닿거나 먼저 온 쪽의 창이 다 열리기까지. 늦게 온 쪽의 창이 늦게 닿는다."""
    first_ms, last_ms = sorted((ticket.joined_ms, other.ticket.joined_ms))
    meets_ms: float = first_ms + window.open_after_ms
    if other.difference <= window.cap and window.per_s:
        needed_ms = 1000 * (other.difference - window.base) / window.per_s
        meets_ms = min(meets_ms, last_ms + needed_ms)
    return max(0, round(meets_ms - now_ms))


def _nearest(tickets: Sequence[Ticket], index: int, now_ms: int, window: WindowSpec) -> tuple[Neighbour, ...]:
    """레이팅이 가까운 표들. 순서대로 늘어서 있어 양옆의 몇만 보면 된다."""
    own = tickets[index]
    own_window = window_at(own.joined_ms, now_ms, window)
    around = [*tickets[max(0, index - NEAREST) : index], *tickets[index + 1 : index + 1 + NEAREST]]
    found = []
    for other in around:
        difference = abs(other.rating - own.rating)
        others_window = window_at(other.joined_ms, now_ms, window)
        accepted = difference <= min(own_window, others_window) or math.inf in {own_window, others_window}
        found.append(Neighbour(other, difference, others_window, accepted))
    found.sort(key=lambda each: (each.difference, by_age(each.ticket)))
    return tuple(found[:NEAREST])


def wait_counts(waited_ms: Iterable[int]) -> list[int]:
    """기다린 시간의 나눔. 칸은 WAIT_BOUNDS_MS의 경계들 사이이고 끝의 한 칸은 나머지다."""
    ordered = sorted(waited_ms)
    edges = [0, *(bisect_left(ordered, bound_ms) for bound_ms in WAIT_BOUNDS_MS), len(ordered)]
    return [after - before for before, after in pairwise(edges)]
