"""적어 두었으나 아직 MariaDB에 쓰이지 않은 결과들. 운영 페이지와 명령이 함께 읽는다."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from kernel.errors import InvalidArgument
from matches.outcome import decode_outcome
from redisstore.platform_client import redis_gate
from redisstore.results import PendingResult, WriteFailure, pending_sync

SHOWN = 100


@dataclass(frozen=True, slots=True)
class PendingRow:
    """한 줄. 우리가 읽을 수 없는 줄은 판의 번호가 비어 있다. `failure`가 None이면 아직 실패한 적이 없다."""

    match_id: str
    mode: str
    status: str
    server_id: str
    players: int
    age_ms: int
    failure: WriteFailure | None


@dataclass(frozen=True, slots=True)
class PendingResults:
    """지금의 일지. `oldest_age_ms`는 비었으면 None, `rows`는 오래된 것부터 `SHOWN`개까지다."""

    count: int
    oldest_age_ms: int | None
    rows: tuple[PendingRow, ...]


def read_pending() -> PendingResults:
    """적혀 있는 결과들.

    Raises:
        Unavailable: Redis가 답하지 않는다.
    """
    view = pending_sync(redis_gate(), settings.REGION, count=SHOWN)
    rows = tuple(_row(written, view.failures) for written in view.oldest)
    return PendingResults(view.depth, rows[0].age_ms if rows else None, rows)


def _row(written: PendingResult, failures: dict[str, WriteFailure]) -> PendingRow:
    try:
        outcome = decode_outcome(written.payload)
    except InvalidArgument:
        return PendingRow("", "", "", "", 0, written.age_ms, None)
    return PendingRow(
        outcome.match_id,
        outcome.mode,
        outcome.status,
        outcome.server_id,
        len(outcome.players),
        written.age_ms,
        failures.get(outcome.match_id),
    )
