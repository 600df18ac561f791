"""들어온 기록과 그 갱신 토큰을 쓰는 곳: 들어오기, 갱신, 로그아웃, 치우기. 속도 제한과 접근 토큰은 모른다.

한 집안의 일은 그 행을 잠근 트랜잭션 하나가 한다. 그래서 같은 토큰을 여럿이 함께 내도 저마다 통하는 새 토큰을
받고(글이 아니라 해시만 남으므로 같은 글을 다시 줄 수는 없다), 끝내기와 갱신이 엇갈리지 않는다.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, QuerySet
from django.utils import timezone

from database.transactions import run_transaction
from kernel.ids import new_id
from players.identity.refresh_rules import (
    GOOD,
    RefreshRules,
    RefreshVerdict,
    hash_of,
    judge,
    new_refresh_token,
)
from players.models import Player, RefreshToken, SignIn, SignInEnd
from telemetry import metrics
from telemetry.logs import get_logger

log = get_logger(__name__)
SWEEP_ROWS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """들어온 선수와 그가 쥘 것. `epoch`는 이때의 선수의 epoch다."""

    player: Player
    sign_in_id: str
    epoch: int
    refresh_token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """로그아웃이 끝낸 것: 이번에 끝난 집안의 수와, 밖(gateway)에 알릴 것. `epoch`가 0이면 올린 적이 없다."""

    count: int
    epoch: int = 0
    sign_in_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """거절한 갱신. 다시 쓰인 토큰이었으면 끝낸 집안이 있다. 까닭은 밖에 말하지 않는다."""

    player_id: str = ""
    ended: Ended | None = None


def open_sign_in(player: Player, rules: RefreshRules) -> Session:
    """선수가 들어왔다: 새 집안과 첫 토큰.

    Raises:
        Unavailable: 데이터베이스가 지금은 일할 수 없다.
    """
    sign_in_id, token, now = new_id(), new_refresh_token(), timezone.now()
    expires_at = now + timedelta(seconds=rules.ttl_s)

    def insert() -> int:
        # 답을 잃은 앞 시도가 이미 썼을 수 있다: 같은 값을 다시 써도 같다.
        row = SignIn(
            id=sign_in_id, player=player, created_at=now, refreshed_at=now, expires_at=expires_at
        )  # fmt: skip
        SignIn.objects.bulk_create([row], update_conflicts=True, update_fields=["refreshed_at"])
        _store(token, sign_in_id, now, expires_at)
        return Player.objects.values_list("token_epoch", flat=True).get(pk=player.pk)

    epoch = run_transaction(insert)
    return Session(player=player, sign_in_id=sign_in_id, epoch=epoch, refresh_token=token)


def sign_in_of(refresh_token: str) -> str | None:
    """이 토큰의 집안. 모르는 토큰이면 None이다. 속도 제한이 집안마다 세려고 먼저 본다."""
    found = (
        RefreshToken.objects.filter(pk=hash_of(refresh_token)).values_list("sign_in_id", flat=True).first()
    )
    return None if found is None else str(found)


def refresh(refresh_token: str, rules: RefreshRules, now: datetime | None = None) -> Session | Refused:
    """갱신 토큰을 새것으로 바꾼다. 유예가 지난 옛 토큰이면 그 집안을 끝낸다.

    Raises:
        Unavailable: 데이터베이스가 지금은 일할 수 없다(바뀌었을 수도 있다. 유예 안에 다시 내면 된다).
    """
    presented, successor, at = hash_of(refresh_token), new_refresh_token(), now or timezone.now()
    verdict, session = run_transaction(lambda: _rotate(presented, successor, rules, at))
    metrics.refresh.labels(result=verdict).inc()
    if verdict in GOOD and session is not None:
        return session
    if verdict is RefreshVerdict.REUSED and session is not None:
        player_id = str(session.player.pk)
        log.warning("sign_in.reused", player_id=player_id, sign_in_id=session.sign_in_id)
        return Refused(player_id=player_id, ended=Ended(count=1, sign_in_ids=(session.sign_in_id,)))
    return Refused()


def _rotate(
    presented: str, successor: str, rules: RefreshRules, now: datetime
) -> tuple[RefreshVerdict, Session | None]:
    """열린 트랜잭션 안에서. 다시 돌아도 같은 후손을 한 번만 남긴다."""
    sign_in_id = RefreshToken.objects.filter(pk=presented).values_list("sign_in_id", flat=True).first()
    sign_in = SignIn.objects.select_for_update().filter(pk=sign_in_id).first() if sign_in_id else None
    # 잠근 뒤에 다시 읽는다: 기다리는 동안 남이 바꾸었을 수 있다.
    token = RefreshToken.objects.filter(pk=presented).first() if sign_in else None
    if sign_in is None or token is None:
        return RefreshVerdict.UNKNOWN, None
    verdict = judge(
        rules, now, ended_at=sign_in.ended_at, expires_at=token.expires_at, rotated_at=token.rotated_at
    )
    player = Player.objects.get(pk=sign_in.player_id)
    session = Session(
        player=player, sign_in_id=str(sign_in.pk), epoch=player.token_epoch, refresh_token=successor
    )
    if verdict is RefreshVerdict.REUSED:
        _end(SignIn.objects.filter(pk=sign_in.pk), SignInEnd.REUSED, now)
        return verdict, session
    if verdict not in GOOD:
        return verdict, None
    expires_at = now + timedelta(seconds=rules.ttl_s)
    if verdict is RefreshVerdict.ROTATED:
        RefreshToken.objects.filter(pk=presented).update(rotated_at=now)
    SignIn.objects.filter(pk=sign_in.pk).update(refreshed_at=now, expires_at=expires_at)
    _store(successor, str(sign_in.pk), now, expires_at)
    return verdict, session


def end_sign_in(player_id: str, sign_in_id: str) -> Ended:
    """이 집안을 끝낸다(멱등). 이미 끝났어도 이름을 준다: 밖에 알리다 실패한 이가 다시 부른다.

    Raises:
        Unavailable: 데이터베이스가 지금은 일할 수 없다.
    """
    now = timezone.now()

    def end() -> int:
        return _end(SignIn.objects.filter(pk=sign_in_id, player_id=player_id), SignInEnd.LOGOUT, now)

    if not sign_in_id:  # v1.5.0의 토큰: 집안이 없다
        return Ended(count=0)
    return Ended(count=run_transaction(end), sign_in_ids=(sign_in_id,))


def end_everywhere(player_id: str, known_epoch: int) -> Ended:
    """선수의 모든 집안을 끝내고 epoch를 올린다. `known_epoch`보다 이미 자랐으면 다시 올리지 않는다(멱등).

    Raises:
        Unavailable: 데이터베이스가 지금은 일할 수 없다.
    """
    now = timezone.now()

    def end() -> Ended:
        Player.objects.filter(pk=player_id, token_epoch=known_epoch).update(token_epoch=F("token_epoch") + 1)
        count = _end(SignIn.objects.filter(player_id=player_id), SignInEnd.EVERYWHERE, now)
        epoch = Player.objects.filter(pk=player_id).values_list("token_epoch", flat=True).first()
        return Ended(count=count, epoch=epoch or 0)

    return run_transaction(end)


def sweep_expired(now: datetime | None = None, *, limit: int = SWEEP_ROWS) -> int:
    """지난 토큰과 집안을 많아야 `limit`개씩 치운다. 치운 행의 수를 준다(0이면 더 없다).

    Raises:
        Unavailable: 데이터베이스가 지금은 일할 수 없다.
    """
    before = now or timezone.now()

    def sweep() -> int:
        tokens = RefreshToken.objects.filter(expires_at__lte=before).order_by("expires_at")[:limit]
        removed, _ = RefreshToken.objects.filter(pk__in=[token.pk for token in tokens]).delete()
        # 집안은 제 토큰보다 먼저 지나지 않는다. 남은 토큰이 있으면 함께 지워진다.
        families = SignIn.objects.filter(expires_at__lte=before).order_by("expires_at")[:limit]
        return removed + SignIn.objects.filter(pk__in=[family.pk for family in families]).delete()[0]

    return run_transaction(sweep)


def _store(token: str, sign_in_id: str, now: datetime, expires_at: datetime) -> None:
    row = RefreshToken(token_hash=hash_of(token), sign_in_id=sign_in_id, issued_at=now, expires_at=expires_at)
    RefreshToken.objects.bulk_create([row], update_conflicts=True, update_fields=["issued_at"])


def _end(sign_ins: QuerySet[SignIn], reason: SignInEnd, now: datetime) -> int:
    return sign_ins.filter(ended_at=None).update(ended_at=now, end_reason=reason)
