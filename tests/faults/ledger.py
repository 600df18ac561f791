"""쓰인 판들의 장부를 처음부터 다시 셈해 본다. finalize의 코드를 쓰지 않고 openskill을 바로 부른다."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

from openskill.models import PlackettLuce

from matches.models import MatchResult, Rating, RatingChange
from matches.outcome import MatchOutcome

FIRST = (1500.0, 500.0)  # POLICIES.md의 첫 레이팅
_model = PlackettLuce(mu=1500.0, sigma=500.0, beta=250.0, tau=5.0)


def assert_exact(outcomes: Iterable[MatchOutcome]) -> None:
    """판마다 결과 하나, 선수마다 변화 하나, 레이팅은 제 변화를 이은 것이고, 다시 셈한 값과 같다."""
    wanted = {outcome.match_id: outcome for outcome in outcomes}
    assert sorted(map(str, MatchResult.objects.values_list("match_id", flat=True))) == sorted(wanted)
    changes = list(RatingChange.objects.order_by("id"))
    seats = [(str(change.match_id), str(change.player_id)) for change in changes]
    assert len(seats) == len(set(seats))
    assert set(seats) == {
        (outcome.match_id, player.player_id) for outcome in wanted.values() for player in outcome.players
    }
    _assert_chained(changes)
    _assert_recomputed(changes, wanted)


def _assert_chained(changes: list[RatingChange]) -> None:
    """변화 줄의 번호는 같은 선수의 줄에서 COMMIT의 순서다(레이팅 행을 쥔 채 넣는다)."""
    chains: dict[tuple[str, str], list[RatingChange]] = defaultdict(list)
    for change in changes:
        chains[str(change.player_id), change.mode].append(change)
    ratings = {(str(row.player_id), row.mode): row for row in Rating.objects.all()}
    assert ratings.keys() == chains.keys()
    for seat, chain in chains.items():
        assert (chain[0].mu_before, chain[0].sigma_before) == FIRST
        for earlier, later in pairwise(chain):
            assert (later.mu_before, later.sigma_before) == (earlier.mu_after, earlier.sigma_after)
        rating = ratings[seat]
        assert (rating.mu, rating.sigma) == (chain[-1].mu_after, chain[-1].sigma_after)
        assert rating.games == len(chain)


def _assert_recomputed(changes: list[RatingChange], wanted: dict[str, MatchOutcome]) -> None:
    current: dict[tuple[str, str], tuple[float, float]] = defaultdict(lambda: FIRST)
    stored = {(str(change.match_id), str(change.player_id)): change for change in changes}
    for match_id in dict.fromkeys(str(change.match_id) for change in changes):
        outcome = wanted[match_id]
        players = sorted(outcome.players, key=lambda player: player.player_id)
        teams = [[_model.rating(*current[player.player_id, outcome.mode])] for player in players]
        rated = _model.rate(teams, ranks=[float(player.place) for player in players])
        for player, (after,) in zip(players, rated, strict=True):
            change = stored[match_id, player.player_id]
            assert (change.mu_after, change.sigma_after) == (after.mu, after.sigma)
            current[player.player_id, outcome.mode] = (after.mu, after.sigma)
