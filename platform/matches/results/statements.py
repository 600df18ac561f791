"""finalize가 쓰는 SQL 문장들. 다섯 문장으로 끝내려고 ORM 대신 글로 적었다. 표의 모양은 models.py가 정한다.

모든 함수는 열린 트랜잭션 안에서 부른다.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from django.db.backends.utils import CursorWrapper

from matches.outcome import EndTimes, MatchOutcome, in_order
from matches.ratings.rating import NEWCOMER, RatingUpdate, RatingValue

Row = list[str | int | float]
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - 시간대 없는 UTC

_INSERT_RESULT = """
INSERT INTO match_result
  (match_id, status, abort_code, mode, region, server_id, digest, players,
   queued_at, created_at, started_at, ended_at, finalized_at, ticks, seed, trace_id)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, UTC_TIMESTAMP(6), %s, %s, %s)"""

# 봇의 표시는 선수의 것을 옮겨 적는다. 모르는 선수는 외래 키가 거절한다.
# 없던 행은 만들고 있던 행은 배타 잠금을 잡아 그대로 돌려준다. 한 문장이 player_id 순서로 지나므로, 처음 두는
# 선수가 섞인 판들도 서로 거꾸로 기다리지 않는다(읽어 잠근 뒤에 만들면 거꾸로가 되고, 교착으로 드러났다).
_IS_BOT = "COALESCE((SELECT is_bot FROM player WHERE id = %s), 0)"
_FIRST_RATING = f"(%s, %s, {NEWCOMER.mu!r}, {NEWCOMER.sigma!r}, {NEWCOMER.games}, {_IS_BOT})"
_LOCK_RATINGS = """
INSERT INTO rating (player_id, mode, mu, sigma, games, is_bot) VALUES {}
ON DUPLICATE KEY UPDATE games = games RETURNING id, player_id, mu, sigma, games"""

_INSERT_CHANGES = """
INSERT INTO rating_change
  (match_id, player_id, mode, mu_before, sigma_before, mu_after, sigma_after) VALUES {}"""

_INSERT_ABORTED_SEATS = "INSERT INTO aborted_seat (match_id, player_id, mode) VALUES {}"

# 기본 키로 겹치게 하여 잠근 행만 만진다. UNIQUE(player, mode)로 겹치면 틈까지 잠긴다.
_UPDATE_RATINGS = """
INSERT INTO rating (id, player_id, mode, mu, sigma, games) VALUES {}
ON DUPLICATE KEY UPDATE mu = VALUES(mu), sigma = VALUES(sigma), games = VALUES(games)"""


def insert_result(
    cursor: CursorWrapper, outcome: MatchOutcome, *, digest: str, times: EndTimes, trace_id: str
) -> None:
    """판의 결과 한 줄. 같은 판이 이미 있으면 1062로 실패한다: 이것이 가드다.

    지문과 시각은 그 결과에서 한 번 셈한 것이다(다시 하는 트랜잭션과 부른 쪽의 답이 같은 것을 쓴다).
    """
    cursor.execute(
        _INSERT_RESULT,
        [
            outcome.match_id, outcome.status, outcome.abort_code, outcome.mode, outcome.region,
            outcome.server_id, digest, msgspec.json.encode(in_order(outcome.players)).decode(),
            _utc_or_null(times.queued_at_ms), _utc(times.created_at_ms), _utc_or_null(times.started_at_ms),
            _utc(times.ended_at_ms), outcome.ticks, outcome.seed, trace_id,
        ],
    )  # fmt: skip


def lock_ratings(
    cursor: CursorWrapper, player_ids: Sequence[str], mode: str
) -> dict[str, tuple[int, RatingValue]]:
    """선수들의 레이팅 행을 player_id 순서로 잠그고 {선수: (행 번호, 레이팅)}을 준다. 없던 행은 만들어 잠근다.

    없는 행은 READ COMMITTED에서 잠기지 않는다. 만들지 않고 넘어가면 첫 판 둘이 서로를 덮어쓴다.
    """
    cursor.execute(
        _LOCK_RATINGS.format(", ".join([_FIRST_RATING] * len(player_ids))),
        [value for player_id in sorted(player_ids) for value in (player_id, mode, player_id)],
    )
    return {
        str(player_id): (row_id, RatingValue(mu, sigma, games))
        for row_id, player_id, mu, sigma, games in cursor.fetchall()
    }


def insert_changes(cursor: CursorWrapper, outcome: MatchOutcome, changes: Sequence[RatingUpdate]) -> None:
    """선수마다 변화 한 줄. (판, 선수)가 이미 있으면 1062로 실패한다."""
    values: list[Row] = [
        [
            outcome.match_id, change.player_id, outcome.mode,
            change.before.mu, change.before.sigma, change.after.mu, change.after.sigma,
        ]
        for change in changes
    ]  # fmt: skip
    _execute_rows(cursor, _INSERT_CHANGES, values)


def update_ratings(
    cursor: CursorWrapper, mode: str, changes: Sequence[RatingUpdate], row_ids: dict[str, int]
) -> None:
    """잠근 레이팅 행들을 한 문장으로 바꾼다. `lock_ratings`가 준 행 번호가 있어야 한다."""
    values: list[Row] = [
        [
            row_ids[change.player_id], change.player_id, mode,
            change.after.mu, change.after.sigma, change.after.games,
        ]
        for change in changes
    ]  # fmt: skip
    _execute_rows(cursor, _UPDATE_RATINGS, values)


def insert_aborted_seats(cursor: CursorWrapper, outcome: MatchOutcome) -> None:
    """중단된 판에 앉았던 선수마다 한 줄. 겹친 트랜잭션이 서로 기다리지 않도록 선수 순으로 넣는다."""
    values: list[Row] = [
        [outcome.match_id, player_id, outcome.mode]
        for player_id in sorted(player.player_id for player in outcome.players)
    ]
    _execute_rows(cursor, _INSERT_ABORTED_SEATS, values)


def _execute_rows(cursor: CursorWrapper, statement: str, rows: Sequence[Row]) -> None:
    marks = "(" + ", ".join(["%s"] * len(rows[0])) + ")"
    cursor.execute(statement.format(", ".join([marks] * len(rows))), [value for row in rows for value in row])


def _utc(time_ms: int) -> str:
    # 드라이버에 바로 주는 값이라 시간대 없는 UTC다(Django도 이렇게 저장한다). datetime보다 글이 빨리 실린다.
    return (_EPOCH + timedelta(milliseconds=time_ms)).isoformat(" ", "milliseconds")


def _utc_or_null(time_ms: int | None) -> str | None:
    return None if time_ms is None else _utc(time_ms)
