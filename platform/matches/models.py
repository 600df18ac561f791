"""판의 표: 레이팅, 판의 결과, 레이팅의 변화. 쓰는 것은 finalize.py의 트랜잭션뿐이다.

정확히 한 번의 마지막 방어선은 두 UNIQUE다: 판마다 결과 하나, (판, 선수)마다 변화 하나.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from players.models import Player

MODE_MAX_CHARS = 32


class MatchStatus(models.TextChoices):
    """MariaDB에 있는 판의 상태. created와 running은 Redis에 산다."""

    FINALIZED = "finalized", pgettext_lazy("choice", "끝남")
    ABORTED = "aborted", pgettext_lazy("choice", "중단됨")


class Rating(models.Model):
    """선수의 모드별 지금 레이팅. 첫 판이 끝날 때 생긴다."""

    player = models.ForeignKey(
        Player,
        models.PROTECT,
        related_name="ratings",
        verbose_name=pgettext_lazy("field", "선수"),
        db_index=False,
    )
    mode = models.CharField(pgettext_lazy("field", "모드"), max_length=MODE_MAX_CHARS)
    mu = models.FloatField(pgettext_lazy("field", "레이팅(mu)"))
    sigma = models.FloatField(pgettext_lazy("field", "불확실성(sigma)"))
    games = models.PositiveIntegerField(pgettext_lazy("field", "판 수"))
    # player.is_bot의 그림자: 순위표의 색인이 봇을 아예 지나지 않는다. matches/bots.py가 맞춘다.
    is_bot = models.BooleanField(pgettext_lazy("field", "봇"), default=False, db_default=False)

    class Meta:
        db_table = "rating"
        verbose_name = pgettext_lazy("model", "레이팅")
        verbose_name_plural = pgettext_lazy("models", "레이팅")
        constraints = (
            models.UniqueConstraint(fields=["player", "mode"], name="rating_player_mode_uniq"),
            models.CheckConstraint(condition=Q(sigma__gt=0), name="rating_sigma_positive"),
            models.CheckConstraint(condition=~Q(mode=""), name="rating_mode_not_empty"),
        )
        indexes = (models.Index(fields=["mode", "is_bot", "-mu", "player"], name="rating_board_idx"),)

    def __str__(self) -> str:
        return f"{self.player_id} {self.mode} {self.mu:.0f}"


class MatchResult(models.Model):
    """끝난 판 하나. 같은 판이 다시 오면 UNIQUE(match_id)가 막는다."""

    match_id = models.UUIDField(pgettext_lazy("field", "판"), unique=True)
    status = models.CharField(pgettext_lazy("field", "상태"), max_length=16, choices=MatchStatus.choices)
    abort_code = models.CharField(pgettext_lazy("field", "중단 코드"), max_length=32, blank=True)
    mode = models.CharField(pgettext_lazy("field", "모드"), max_length=MODE_MAX_CHARS)
    region = models.CharField(pgettext_lazy("field", "리전"), max_length=32)
    server_id = models.CharField(pgettext_lazy("field", "서버"), max_length=64)
    digest = models.CharField(pgettext_lazy("field", "결과의 지문"), max_length=64)
    players = models.JSONField(pgettext_lazy("field", "등수와 점수"))
    queued_at = models.DateTimeField(pgettext_lazy("field", "대기열에 선 때"), null=True)
    created_at = models.DateTimeField(pgettext_lazy("field", "만든 때"))
    started_at = models.DateTimeField(pgettext_lazy("field", "시작한 때"), null=True)
    ended_at = models.DateTimeField(pgettext_lazy("field", "끝난 때"))
    finalized_at = models.DateTimeField(pgettext_lazy("field", "반영한 때"))
    ticks = models.PositiveIntegerField(pgettext_lazy("field", "틱 수"))
    seed = models.PositiveBigIntegerField(pgettext_lazy("field", "씨앗"))
    trace_id = models.CharField(pgettext_lazy("field", "추적 번호"), max_length=32, blank=True)

    class Meta:
        db_table = "match_result"
        verbose_name = pgettext_lazy("model", "판의 결과")
        verbose_name_plural = pgettext_lazy("models", "판의 결과")
        constraints = (
            models.CheckConstraint(
                condition=Q(status=MatchStatus.FINALIZED, abort_code="")
                | (Q(status=MatchStatus.ABORTED) & ~Q(abort_code="")),
                name="match_result_status_known",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__gte=F("created_at"))
                & (
                    Q(started_at__isnull=True)
                    | Q(started_at__gte=F("created_at"), ended_at__gte=F("started_at"))
                ),
                name="match_result_times_ordered",
            ),
            models.CheckConstraint(condition=~Q(mode=""), name="match_result_mode_not_empty"),
        )
        # 운영 화면의 거르기: 색인마다 뒤에 id가 붙어 있어 새것부터 정렬 없이 읽는다.
        indexes = (
            models.Index(fields=["mode"], name="match_result_mode_idx"),
            models.Index(fields=["status"], name="match_result_status_idx"),
        )

    def __str__(self) -> str:
        return f"{self.match_id} {self.status}"


class OutsideMatch(models.Model):
    """밖의 게임 서버가 연 판. 열 때부터 행이 있고, 끝나면 MatchResult가 함께 있다. 지우거나 고치지 않는다."""

    match_id = models.UUIDField(pgettext_lazy("field", "판"), primary_key=True)
    mode = models.CharField(pgettext_lazy("field", "모드"), max_length=MODE_MAX_CHARS)
    # 선수 순으로 늘어놓은 id들. 다시 온 같은 청을 이것으로 알아본다.
    player_ids = models.JSONField(pgettext_lazy("field", "선수들"))
    service = models.CharField(pgettext_lazy("field", "연 서비스"), max_length=64)
    created_at = models.DateTimeField(pgettext_lazy("field", "만든 때"), auto_now_add=True)

    class Meta:
        db_table = "outside_match"
        verbose_name = pgettext_lazy("model", "밖의 판")
        verbose_name_plural = pgettext_lazy("models", "밖의 판")
        constraints = (
            models.CheckConstraint(condition=~Q(mode=""), name="outside_match_mode_not_empty"),
            models.CheckConstraint(condition=~Q(service=""), name="outside_match_service_not_empty"),
        )

    def __str__(self) -> str:
        return f"{self.match_id} {self.mode}"


class AbortedSeat(models.Model):
    """중단된 판에 앉았던 선수. 그런 판에는 레이팅 변화가 없어, 선수로 판을 찾는 길이 이것뿐이다.

    선수에 외래 키 제약을 걸지 않는다: 모르는 선수가 섞여 있어도 중단은 적혀야 한다.
    """

    match = models.ForeignKey(
        MatchResult, models.PROTECT, to_field="match_id", related_name="aborted_seats",
        verbose_name=pgettext_lazy("field", "판"), db_index=False,
    )  # fmt: skip
    player = models.ForeignKey(
        Player,
        models.PROTECT,
        related_name="aborted_seats",
        verbose_name=pgettext_lazy("field", "선수"),
        db_constraint=False,
    )
    mode = models.CharField(pgettext_lazy("field", "모드"), max_length=MODE_MAX_CHARS)

    class Meta:
        db_table = "aborted_seat"
        verbose_name = pgettext_lazy("model", "중단된 판의 자리")
        verbose_name_plural = pgettext_lazy("models", "중단된 판의 자리")
        constraints = (
            models.UniqueConstraint(fields=["match", "player"], name="aborted_seat_match_player_uniq"),
        )

    def __str__(self) -> str:
        return f"{self.match_id} {self.player_id}"


class RatingChange(models.Model):
    """판 하나가 선수 하나의 레이팅에 준 변화. 선수마다 id의 순서가 반영된 순서다."""

    match = models.ForeignKey(
        MatchResult, models.PROTECT, to_field="match_id", related_name="rating_changes",
        verbose_name=pgettext_lazy("field", "판"), db_index=False,
    )  # fmt: skip
    player = models.ForeignKey(
        Player, models.PROTECT, related_name="rating_changes", verbose_name=pgettext_lazy("field", "선수")
    )
    mode = models.CharField(pgettext_lazy("field", "모드"), max_length=MODE_MAX_CHARS)
    mu_before = models.FloatField(pgettext_lazy("field", "앞 mu"))
    sigma_before = models.FloatField(pgettext_lazy("field", "앞 sigma"))
    mu_after = models.FloatField(pgettext_lazy("field", "뒤 mu"))
    sigma_after = models.FloatField(pgettext_lazy("field", "뒤 sigma"))

    class Meta:
        db_table = "rating_change"
        verbose_name = pgettext_lazy("model", "레이팅 변화")
        verbose_name_plural = pgettext_lazy("models", "레이팅 변화")
        constraints = (
            models.UniqueConstraint(fields=["match", "player"], name="rating_change_match_player_uniq"),
            models.CheckConstraint(
                condition=Q(sigma_before__gt=0, sigma_after__gt=0), name="rating_change_sigma_positive"
            ),
        )

    def __str__(self) -> str:
        return f"{self.match_id} {self.player_id} {self.mu_before:.0f}→{self.mu_after:.0f}"
