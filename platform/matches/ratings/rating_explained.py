"""레이팅 변화의 셈을 풀어 보인다: 무엇을 기대했고, 무엇이 나왔고, 얼마를 곱했는가. 순수하다.

openskill(Plackett-Luce)의 식 그대로다. Weng & Lin, "A Bayesian Approximation Method for Online Ranking",
JMLR 12(2011)의 알고리즘 4이며, 시험이 `rating.decide`의 값과 맞춰 본다. 값을 바꾸는 일은 rating이 한다.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matches.ratings.rating import BETA, TAU


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingWork:
    """선수 하나의 셈. `mu_after = mu + step x (observed - expected)`이고 `step = spread_squared / scale`이다.

    `spread_squared`는 판마다 더하는 불확실성(tau)을 얹은 sigma²이고, `shrink`는 그것에 곱하는 몫이다.
    """

    mu: float
    sigma: float
    spread_squared: float
    expected: float
    observed: float
    step: float
    shrink: float

    @property
    def mu_after(self) -> float:
        """바뀐 mu."""
        return self.mu + self.step * (self.observed - self.expected)

    @property
    def sigma_after(self) -> float:
        """바뀐 sigma."""
        return math.sqrt(self.spread_squared * self.shrink)


@dataclass(frozen=True, slots=True)
class MatchWork:
    """판 하나의 셈. `scale`은 모두의 불확실성을 모은 c다."""

    scale: float
    players: tuple[RatingWork, ...]


KAPPA = 0.0001  # sigma²가 0이 되지 않게 하는 바닥(openskill의 기본값)


def work_out(before: Sequence[tuple[float, float]], places: Sequence[int]) -> MatchWork:
    """판의 셈. `before`는 자리마다의 (mu, sigma), `places`는 등수(같으면 비김)다. 둘 이상이어야 한다."""
    spreads = [sigma**2 + TAU**2 for _, sigma in before]
    scale = math.sqrt(sum(spread + BETA**2 for spread in spreads))
    strength = [math.exp(mu / scale) for mu, _ in before]
    # 등수 q의 사람이 남은 사람들 가운데에서 뽑힐 때의 몫. 비긴 사람들은 a로 나눈다.
    pools = [sum(strength[other] for other, place in enumerate(places) if place >= own) for own in places]
    ties = [sum(place == own for place in places) for own in places]
    players = []
    for index, (mu, sigma) in enumerate(before):
        expected = variance = 0.0
        for round_, place in enumerate(places):
            if place <= places[index]:
                share = strength[index] / pools[round_]
                expected += share / ties[round_]
                variance += share * (1 - share) / ties[round_]
        spread = spreads[index]
        shrink = 1 - (spread / scale**2) * variance * math.sqrt(spread) / scale
        players.append(
            RatingWork(
                mu=mu,
                sigma=sigma,
                spread_squared=spread,
                expected=expected,
                observed=1 / ties[index],
                step=spread / scale,
                shrink=max(shrink, KAPPA),
            )
        )
    return MatchWork(scale, tuple(players))
