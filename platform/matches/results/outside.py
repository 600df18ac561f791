"""밖의 게임 서버가 연 판: 열기, 읽기, 결과 내기. 쓰는 것은 모두 막히는 호출이다.

결과는 우리 판과 같은 트랜잭션(finalize.py)이 쓴다. 여기서는 그 판의 결과가 맞는지만 본다.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import Error as DatabaseFailure

from database.codes import DUPLICATE_KEY, error_code
from database.transactions import run_transaction
from kernel.clock import epoch_ms
from kernel.errors import InvalidArgument, MatchNotOver, NotFound
from kernel.ids import new_id
from matches.lookup import find_match, live_match
from matches.models import MatchResult, OutsideMatch
from matches.outcome import MODE_PATTERN, MatchOutcome, PlayerOutcome, StoredMatch
from matches.queries import stored_match
from matches.results.finalize import finalize_match
from players.models import Player
from redisstore.live_matches import LiveMatch

PLAYERS_MIN = 2
PLAYERS_MAX = 500
REGION = "outside"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideMatchRequest:
    """열려는 판. `match_id`가 비면 새로 짓는다."""

    mode: str
    player_ids: Sequence[str]
    service: str
    match_id: str = ""


def open_match(wish: OutsideMatchRequest) -> OutsideMatch:
    """판을 연다. 같은 번호의 같은 판이면 먼저 연 것을 준다.

    Raises:
        InvalidArgument: 모드나 선수가 틀렸다, 또는 그 번호의 다른 판이 있다.
        Unavailable: MariaDB가 멈췄거나, 그 번호가 쓰이는지 알 수 없다.
    """
    player_ids = sorted(wish.player_ids)
    _check(wish.mode, player_ids)
    if wish.match_id and live_match(wish.match_id) is not None:
        raise InvalidArgument("우리 서버에서 도는 판의 번호입니다")
    row = OutsideMatch(
        match_id=wish.match_id or new_id(), mode=wish.mode, player_ids=player_ids, service=wish.service
    )
    try:
        run_transaction(lambda: _insert(row))
    except DatabaseFailure as failure:
        if error_code(failure) != DUPLICATE_KEY:
            raise
        return _same_match(row)
    return row


def find(match_id: str) -> OutsideMatch | None:
    """밖의 판. 모르는 번호면 None."""
    return OutsideMatch.objects.filter(match_id=match_id).first()


def finalize(match_id: str, mode: str, results: Sequence[PlayerOutcome], *, service: str) -> StoredMatch:
    """밖의 판의 결과를 쓴다(멱등). 이미 끝난 우리 판에 같은 결과를 내도 저장된 값을 준다.

    Raises:
        NotFound: 모르는 판이다.
        MatchNotOver: 우리 서버에서 도는 판이다.
        InvalidArgument: 그 판의 모드나 선수가 아니거나 등수가 틀렸다.
        FinalizeConflict: 다른 결과로 이미 끝났다. 아무것도 쓰지 않았다.
        Unavailable: MariaDB가 멈췄거나, 우리 서버에서 도는지 알 수 없다.
    """
    player_ids = sorted(result.player_id for result in results)
    now_ms = int(time.time() * 1000)
    match = find(match_id)
    if match is not None:
        _check_same(match.mode, match.player_ids, mode, player_ids)
        created_at_ms = epoch_ms(match.created_at)
    else:
        _check_stored(match_id, mode, player_ids)
        created_at_ms = now_ms  # 가드가 막아 쓰이지 않는다
    return finalize_match(
        MatchOutcome(
            match_id=match_id, mode=mode, region=REGION, server_id=service, status="finalized", abort_code="",
            players=tuple(results), created_at_ms=created_at_ms, started_at_ms=created_at_ms,
            ended_at_ms=max(now_ms, created_at_ms), ticks=0, seed=0,
        )
    )  # fmt: skip


def _check(mode: str, player_ids: Sequence[str]) -> None:
    if not MODE_PATTERN.fullmatch(mode):
        raise InvalidArgument("mode의 모양이 틀립니다")
    if not PLAYERS_MIN <= len(player_ids) <= PLAYERS_MAX or len(set(player_ids)) != len(player_ids):
        raise InvalidArgument(
            "선수는 서로 다른 {min_players}–{max_players}명이어야 합니다",
            min_players=PLAYERS_MIN,
            max_players=PLAYERS_MAX,
        )


def _insert(row: OutsideMatch) -> None:
    known = Player.objects.filter(pk__in=row.player_ids).count()
    if known != len(row.player_ids):
        raise InvalidArgument("모르는 선수가 있습니다")
    if MatchResult.objects.filter(match_id=row.match_id).exists() and find(str(row.match_id)) is None:
        raise InvalidArgument("이미 끝난 다른 판의 번호입니다")
    row.save(force_insert=True)


def _same_match(wanted: OutsideMatch) -> OutsideMatch:
    first = find(str(wanted.match_id))
    if first is None or (first.mode, first.player_ids) != (wanted.mode, wanted.player_ids):
        raise InvalidArgument("같은 번호로 다른 판이 열려 있습니다")
    return first


def _check_same(
    mode: str, player_ids: Sequence[str], asked_mode: str, asked_player_ids: Sequence[str]
) -> None:
    if mode != asked_mode:
        raise InvalidArgument("그 판의 모드가 아닙니다")
    if sorted(player_ids) != sorted(asked_player_ids):
        raise InvalidArgument("그 판의 선수들이 아닙니다")


def _check_stored(match_id: str, mode: str, player_ids: Sequence[str]) -> None:
    """밖의 판이 아니다. 이미 끝난 우리 판인지, 도는 판인지, 모르는 판인지 가른다."""
    match find_match(match_id, stored=stored_match, live=live_match):
        case StoredMatch() as stored:
            _check_same(stored.mode, stored.player_ids, mode, player_ids)
        case LiveMatch():
            raise MatchNotOver
        case None:
            raise NotFound("그런 판이 없습니다")
