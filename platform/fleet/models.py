"""플릿의 표: 서버마다의 드레인 지시, 차례로 갈아 끼우기, 그리고 권한을 주는 범위.

서버 자체는 표에 없다: 살아 있는 등록부(Redis)가 진실이다. 뜻의 진실은 여기이고 Redis의 것은 그 그림자다.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from audit.models import ACTOR_MAX_CHARS, REASON_MAX_CHARS

REGION_MAX_CHARS = 32
SERVER_MAX_CHARS = 64
POOL_MAX_CHARS = 32


class DrainIntent(models.Model):
    """서버 하나를 드레인 지시. 마지막 뜻만 남고, 그 내력은 감사 기록에 있다."""

    region = models.CharField(pgettext_lazy("field", "리전"), max_length=REGION_MAX_CHARS)
    server_id = models.CharField(pgettext_lazy("field", "서버"), max_length=SERVER_MAX_CHARS)
    intended = models.BooleanField(pgettext_lazy("field", "드레인하려는가"))
    # 비면 서버의 기본값(HANPAN_DRAIN_GRACE_MS)이다.
    grace_ms = models.PositiveIntegerField(pgettext_lazy("field", "유예(ms)"), null=True)
    reason = models.CharField(pgettext_lazy("field", "까닭"), max_length=REASON_MAX_CHARS, blank=True)
    actor = models.CharField(pgettext_lazy("field", "누구"), max_length=ACTOR_MAX_CHARS)
    ordered_at = models.DateTimeField(pgettext_lazy("field", "때"), auto_now=True)

    class Meta:
        db_table = "drain_intent"
        verbose_name = pgettext_lazy("model", "드레인 지시")
        verbose_name_plural = pgettext_lazy("models", "드레인 지시")
        default_permissions = ("view",)
        constraints = (
            models.UniqueConstraint(fields=["region", "server_id"], name="drain_intent_server_uniq"),
        )

    def __str__(self) -> str:
        return f"{self.region}/{self.server_id} {'drain' if self.intended else 'undrain'}"


class RollPhase(models.TextChoices):
    """갈아 끼우기의 지금. 앞의 넷은 차례가 된 서버의 것이고, 뒤의 셋은 끝이다."""

    PENDING = "pending", pgettext_lazy("choice", "차례를 기다림")
    DRAINING = "draining", pgettext_lazy("choice", "드레인 중")
    RETURNING = "returning", pgettext_lazy("choice", "다시 뜨기를 기다림")
    OPENING = "opening", pgettext_lazy("choice", "준비되기를 기다림")
    DONE = "done", pgettext_lazy("choice", "끝남")
    STOPPED = "stopped", pgettext_lazy("choice", "멈춤")
    ABORTED = "aborted", pgettext_lazy("choice", "그만둠")


FINISHED_PHASES = frozenset({RollPhase.DONE, RollPhase.STOPPED, RollPhase.ABORTED})


class Roll(models.Model):
    """서버들을 하나씩 드레인하고 다시 띄우는 일 하나. 리전마다 열린 것은 많아야 하나다."""

    region = models.CharField(pgettext_lazy("field", "리전"), max_length=REGION_MAX_CHARS)
    # 열려 있는 동안만 리전의 이름이고 끝나면 NULL이다: UNIQUE가 둘째를 막는다.
    open_key = models.CharField(
        pgettext_lazy("field", "열린 자리"), max_length=REGION_MAX_CHARS, null=True, unique=True
    )
    servers = models.JSONField(pgettext_lazy("field", "서버들(차례대로)"))
    # 시작할 때 그 서버들이 있던 무리. 그만둘 수 있는 사람을 정한다.
    pools = models.JSONField(pgettext_lazy("field", "무리들"))
    position = models.PositiveIntegerField(pgettext_lazy("field", "차례"), default=0)
    phase = models.CharField(
        pgettext_lazy("field", "지금"), max_length=16, choices=RollPhase.choices, default=RollPhase.PENDING
    )
    phase_since = models.DateTimeField(pgettext_lazy("field", "지금의 시작"))
    boot_before = models.CharField(pgettext_lazy("field", "갈기 전의 프로세스"), max_length=32, blank=True)
    grace_ms = models.PositiveIntegerField(pgettext_lazy("field", "유예(ms)"), null=True)
    return_timeout_ms = models.PositiveIntegerField(pgettext_lazy("field", "다시 뜨기를 기다리는 상한(ms)"))
    reason = models.CharField(pgettext_lazy("field", "까닭"), max_length=REASON_MAX_CHARS, blank=True)
    actor_kind = models.CharField(pgettext_lazy("field", "누구의 갈래"), max_length=16)
    actor = models.CharField(pgettext_lazy("field", "누구"), max_length=ACTOR_MAX_CHARS)
    actor_roles = models.CharField(pgettext_lazy("field", "역할"), max_length=128, blank=True)
    note = models.CharField(pgettext_lazy("field", "남은 말"), max_length=200, blank=True)
    started_at = models.DateTimeField(pgettext_lazy("field", "시작"), auto_now_add=True)
    finished_at = models.DateTimeField(pgettext_lazy("field", "끝"), null=True)

    class Meta:
        db_table = "fleet_roll"
        verbose_name = pgettext_lazy("model", "갈아 끼우기")
        verbose_name_plural = pgettext_lazy("models", "갈아 끼우기")
        default_permissions = ("view",)
        constraints = (
            models.CheckConstraint(
                condition=Q(open_key__isnull=True, finished_at__isnull=False)
                | Q(open_key__isnull=False, finished_at__isnull=True),
                name="fleet_roll_open_until_finished",
            ),
        )

    def __str__(self) -> str:
        return f"{self.region} {self.phase} {self.position}/{len(self.servers)}"


class LiveServer(models.Model):
    """등록부(Redis)의 서버. 표는 없다: 관리 화면이 볼 권한을 매달 자리일 뿐이다."""

    class Meta:
        managed = False
        verbose_name = pgettext_lazy("model", "서버(지금)")
        verbose_name_plural = pgettext_lazy("models", "서버(지금)")
        default_permissions = ("view",)


class ServerScope(models.Model):
    """권한을 줄 수 있는 범위: 리전 하나, 또는 그 안의 무리 하나(`pool`이 비면 리전 전체).

    django-guardian이 직원이나 그룹에 이 행의 `operate_serverscope`를 준다. 모든 서버를 운영하는 역할은
    이것이 필요 없다.
    """

    region = models.CharField(pgettext_lazy("field", "리전"), max_length=REGION_MAX_CHARS)
    pool = models.CharField(pgettext_lazy("field", "무리"), max_length=POOL_MAX_CHARS, blank=True)

    class Meta:
        db_table = "server_scope"
        verbose_name = pgettext_lazy("model", "서버의 범위")
        verbose_name_plural = pgettext_lazy("models", "서버의 범위")
        default_permissions = ("view",)
        permissions = (
            ("operate_serverscope", pgettext_lazy("permission", "이 범위의 서버를 드레인하고 갈아 끼운다")),
        )
        constraints = (models.UniqueConstraint(fields=["region", "pool"], name="server_scope_uniq"),)

    def __str__(self) -> str:
        return f"{self.region}/{self.pool or '*'}"
