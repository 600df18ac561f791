"""판의 끝을 정확히 한 번 쓰는 트랜잭션. 막히는 호출이며 ORM의 연결을 쓴다.

순서(READ COMMITTED): 결과 INSERT(UNIQUE 가드) → 레이팅 행을 player_id 순서로 잠금 → 변화 INSERT
→ 레이팅 UPDATE → COMMIT.
배달은 한 번 이상이어도 된다: 다시 온 같은 결과는 가드를 만나 저장된 값을 돌려받고, 다른 결과는 충돌이다.
COMMIT 중에 끊겨 결과를 모르면 통째로 다시 돌린다. 이미 반영되었으면 가드가 그렇다고 답한다.
"""

from __future__ import annotations

import time
from typing import Final

from django.db import Error as DatabaseFailure
from django.db import connection

from database.codes import DUPLICATE_KEY, NO_REFERENCED_ROW, error_code
from database.transactions import run_transaction
from kernel.errors import Abandoned, FinalizeConflict, HanpanError, InvalidArgument, Unavailable
from matches.outcome import EndTimes, MatchOutcome, StoredChange, StoredMatch, StoredResult, in_order
from matches.queries import stored_match
from matches.ratings.rating import RatingUpdate, decide
from matches.results import statements
from telemetry import metrics
from telemetry.logs import get_logger
from telemetry.tracing import current_trace_id, span, trace_id_of

log = get_logger(__name__)


class _AlreadyStoredError(Exception):
    """가드에 걸렸다: 이 판의 결과가 이미 있다. 트랜잭션을 되돌리려고 던진다."""


def finalize_match(outcome: MatchOutcome) -> StoredMatch:
    """판의 끝(끝남 또는 중단)을 쓰고 저장된 판을 준다. 몇 번을 불러도 효과는 한 번이다.

    이미 쓰여 있었으면 `already_finalized`가 참이고, 이번 호출은 아무것도 바꾸지 않았다.

    Raises:
        FinalizeConflict: 이 판은 다른 결과나 다른 상태로 이미 끝났다. 아무것도 쓰지 않았다.
        InvalidArgument: 결과가 규칙에 맞지 않거나 모르는 선수가 있다.
        Unavailable: 데이터베이스가 일할 수 없거나 재시도를 다 썼다. 반영되었는지 모를 수 있으니 다시 부른다.
    """
    started_s = time.monotonic()
    result: metrics.FinalizeResult = "failed"
    try:
        with span("match.finalize", parent=outcome.traceparent):
            stored = _finalize(outcome)
        result = "already_finalized" if stored.already_finalized else _counted_as(outcome)
        return stored
    except HanpanError as error:
        result = _RESULT_OF_ERROR.get(type(error), "failed")
        raise
    finally:
        metrics.finalize_total.labels(result=result).inc()
        metrics.finalize_seconds.observe(time.monotonic() - started_s)


def _counted_as(outcome: MatchOutcome) -> metrics.FinalizeResult:
    """지표의 라벨. 모두가 떠난 판은 선수들이 정한 끝이라 판의 성공(SLO)에 들지 않는다."""
    return "abandoned" if outcome.abort_code == Abandoned.code else outcome.status


_RESULT_OF_ERROR: Final[dict[type[HanpanError], metrics.FinalizeResult]] = {
    FinalizeConflict: "conflict",
    InvalidArgument: "invalid",
    Unavailable: "unavailable",
}


def _finalize(outcome: MatchOutcome) -> StoredMatch:
    outcome.check()
    trace_id = trace_id_of(outcome.traceparent) or current_trace_id()
    digest, times = outcome.digest(), EndTimes.of(outcome)
    try:
        changes = run_transaction(lambda: _write(outcome, digest, times, trace_id))
    except _AlreadyStoredError:
        return _meet_guard(outcome, digest)
    except DatabaseFailure as failure:
        if error_code(failure) == NO_REFERENCED_ROW:
            raise InvalidArgument("판의 결과에 모르는 선수가 있습니다") from failure
        raise
    log.info("match.finalized", match_id=outcome.match_id, status=outcome.status, mode=outcome.mode)
    return _fresh(outcome, digest, times, changes)


def _write(outcome: MatchOutcome, digest: str, times: EndTimes, trace_id: str) -> list[RatingUpdate]:
    with connection.cursor() as cursor:
        try:
            statements.insert_result(cursor, outcome, digest=digest, times=times, trace_id=trace_id)
        except DatabaseFailure as failure:
            if error_code(failure) == DUPLICATE_KEY:
                raise _AlreadyStoredError from failure
            raise
        if outcome.status == "aborted":
            statements.insert_aborted_seats(cursor, outcome)
            return []
        player_ids = [player.player_id for player in outcome.players]
        locked = statements.lock_ratings(cursor, player_ids, outcome.mode)
        changes = decide({player_id: rating for player_id, (_, rating) in locked.items()}, outcome)
        statements.insert_changes(cursor, outcome, changes)
        row_ids = {player_id: row_id for player_id, (row_id, _) in locked.items()}
        statements.update_ratings(cursor, outcome.mode, changes, row_ids)
        return changes


def _meet_guard(outcome: MatchOutcome, digest: str) -> StoredMatch:
    stored = run_transaction(lambda: stored_match(outcome.match_id))
    if stored is None:
        # 가드를 세운 쪽이 그 사이에 되돌렸다. 일지가 다시 부르면 된다.
        raise Unavailable("판의 결과를 쓰던 다른 트랜잭션이 되돌려졌습니다")
    if stored.digest != digest:
        log.warning(
            "match.finalize_conflict", match_id=outcome.match_id, stored=stored.status, refused=outcome.status
        )
        raise FinalizeConflict("이 판은 이미 {status}로 끝났고 결과가 다릅니다", status=stored.status)
    return stored


def _fresh(outcome: MatchOutcome, digest: str, times: EndTimes, changes: list[RatingUpdate]) -> StoredMatch:
    """지금 막 쓴 판. 다시 읽으면 나올 것(`stored_match`)과 `already_finalized`만 다르다."""
    return StoredMatch(
        match_id=outcome.match_id,
        status=outcome.status,
        abort_code=outcome.abort_code,
        mode=outcome.mode,
        region=outcome.region,
        server_id=outcome.server_id,
        digest=digest,
        created_at_ms=times.created_at_ms,
        started_at_ms=times.started_at_ms,
        ended_at_ms=times.ended_at_ms,
        player_ids=tuple(player.player_id for player in in_order(outcome.players)),
        results=_fresh_results(outcome, changes),
        changes=tuple(
            StoredChange(
                change.player_id,
                change.before.mu,
                change.before.sigma,
                change.after.mu,
                change.after.sigma,
            )
            for change in sorted(changes, key=lambda change: change.player_id)
        ),
        already_finalized=False,
    )


def _fresh_results(outcome: MatchOutcome, changes: list[RatingUpdate]) -> tuple[StoredResult, ...]:
    if outcome.status == "aborted":
        return ()
    by_player = {change.player_id: change for change in changes}
    return tuple(
        StoredResult(
            player.player_id,
            player.place,
            player.score,
            by_player[player.player_id].before.mu,
            by_player[player.player_id].after.mu,
            player.conceded,
        )
        for player in in_order(outcome.players)
    )
