"""레이팅의 규칙(openskill, Plackett-Luce). 순수하다: 지금 레이팅과 결과를 주면 바뀔 값을 준다.

눈금은 mu 1500, sigma 500, beta 250이고, 같은 등수는 무승부다.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from openskill.models import PlackettLuce

from matches.outcome import MatchOutcome

MU: Final = 1500.0
SIGMA: Final = 500.0
BETA: Final = 250.0
# 판마다 더해지는 불확실성. openskill의 기본 비율(sigma의 1/100)을 우리 눈금으로 옮긴 것이다.
TAU: Final = SIGMA / 100

_model = PlackettLuce(mu=MU, sigma=SIGMA, beta=BETA, tau=TAU)


@dataclass(frozen=True, slots=True)
class RatingValue:
    """한 모드에서의 레이팅."""

    mu: float
    sigma: float
    games: int


NEWCOMER: Final = RatingValue(MU, SIGMA, 0)


@dataclass(frozen=True, slots=True)
class RatingUpdate:
    """판 하나가 선수 하나에게 준 변화."""

    player_id: str
    before: RatingValue
    after: RatingValue


def decide(snapshot: Mapping[str, RatingValue], outcome: MatchOutcome) -> list[RatingUpdate]:
    """결과를 레이팅의 변화로 바꾼다. 선수 순서로 준다.

    `snapshot`에 없는 선수는 처음이다. 중단된 판은 아무것도 바꾸지 않고, 혼자인 판은 판 수만 센다.
    """
    if outcome.status == "aborted":
        return []
    players = sorted(outcome.players, key=lambda player: player.player_id)
    before = [snapshot.get(player.player_id, NEWCOMER) for player in players]
    after = _rated(before, [player.place for player in players])
    return [
        RatingUpdate(player.player_id, old, new)
        for player, old, new in zip(players, before, after, strict=True)
    ]


def _rated(before: list[RatingValue], places: list[int]) -> list[RatingValue]:
    if len(before) == 1:
        return [RatingValue(before[0].mu, before[0].sigma, before[0].games + 1)]
    teams = [[_model.rating(mu=rating.mu, sigma=rating.sigma)] for rating in before]
    rated = _model.rate(teams, ranks=[float(place) for place in places])
    return [
        RatingValue(team[0].mu, team[0].sigma, old.games + 1) for team, old in zip(rated, before, strict=True)
    ]
