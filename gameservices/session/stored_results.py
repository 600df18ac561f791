"""MariaDB에 쓰인 결과와 선수의 이름을 읽고 쓴다. 막히는 호출이라 DbExecutor의 스레드에서만 부른다."""

from __future__ import annotations

from database.transactions import run_transaction
from gameservices.session.rooms.outcomes import KnownPlayer, Verdict
from matches.outcome import MatchOutcome
from matches.queries import stored_match
from matches.results.finalize import finalize_match
from players.models import Player


def write_outcome(outcome: MatchOutcome) -> Verdict:
    """결과를 쓴다(멱등).

    Raises:
        FinalizeConflict: 다른 결과가 먼저 쓰였다.
        InvalidArgument: 쓸 수 없는 결과다.
        Unavailable: MariaDB가 멈췄다. 쓰였는지 모른다.
    """
    report = finalize_match(outcome)
    player_ids = tuple(player.player_id for player in outcome.players)
    return Verdict(report.match_id, report.abort_code, player_ids, report.results)


def read_verdict(match_id: str) -> Verdict | None:
    """쓰인 결과. 없으면 None.

    Raises:
        Unavailable: MariaDB가 멈췄다.
    """
    stored = run_transaction(lambda: stored_match(match_id))
    if stored is None:
        return None
    return Verdict(stored.match_id, stored.abort_code, stored.player_ids, stored.results)


def read_player(player_id: str) -> KnownPlayer | None:
    """저장된 선수. 모르는 선수면 None.

    Raises:
        Unavailable: MariaDB가 멈췄다.
    """
    row = run_transaction(lambda: Player.objects.filter(pk=player_id).values("name", "is_bot").first())
    return None if row is None else KnownPlayer(**row)
