"""감사의 표. 행은 더해지기만 한다: 고치거나 지우는 문장은 트리거가 거절한다(migrations/0002)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

ACTOR_MAX_CHARS = 150
TARGET_MAX_CHARS = 128
REASON_MAX_CHARS = 200


class ActorKind(models.TextChoices):
    """누구의 갈래."""

    STAFF = "staff", pgettext_lazy("choice", "직원")
    SERVICE = "service", pgettext_lazy("choice", "서비스")
    COMMAND = "command", pgettext_lazy("choice", "명령")


class AuditVerdict(models.TextChoices):
    """한 일이 어떻게 되었는가. ALLOWED는 뜻이 같은 트랜잭션에 쓰였다는 것이다."""

    ALLOWED = "allowed", pgettext_lazy("choice", "허락")
    DENIED = "denied", pgettext_lazy("choice", "거부")
    FAILED = "failed", pgettext_lazy("choice", "실패")


class AuditRecord(models.Model):
    """한 일 하나."""

    at = models.DateTimeField(pgettext_lazy("field", "때"), auto_now_add=True)
    # 한 번의 시킴. COMMIT의 결과를 모르고 다시 적어도 한 행이고, 허락 뒤의 실패는 같은 번호를 쓴다.
    deed_id = models.CharField(pgettext_lazy("field", "시킴"), max_length=36)
    actor_kind = models.CharField(
        pgettext_lazy("field", "누구의 갈래"), max_length=16, choices=ActorKind.choices
    )
    actor = models.CharField(pgettext_lazy("field", "누구"), max_length=ACTOR_MAX_CHARS)
    # 그때 가졌던 역할이나 범위. 뒤에 바뀌어도 그때의 것이 남는다.
    roles = models.CharField(pgettext_lazy("field", "역할"), max_length=128, blank=True)
    action = models.CharField(pgettext_lazy("field", "한 일"), max_length=64)
    target = models.CharField(pgettext_lazy("field", "무엇에"), max_length=TARGET_MAX_CHARS)
    result = models.CharField(pgettext_lazy("field", "결과"), max_length=16, choices=AuditVerdict.choices)
    code = models.CharField(pgettext_lazy("field", "오류 코드"), max_length=32, blank=True)
    reason = models.CharField(pgettext_lazy("field", "까닭"), max_length=REASON_MAX_CHARS, blank=True)
    details = models.JSONField(pgettext_lazy("field", "자세히"), default=dict)
    trace_id = models.CharField(pgettext_lazy("field", "추적 번호"), max_length=32, blank=True)

    class Meta:
        db_table = "audit_record"
        verbose_name = pgettext_lazy("model", "감사 기록")
        verbose_name_plural = pgettext_lazy("models", "감사 기록")
        default_permissions = ("view",)
        constraints = (
            models.UniqueConstraint(fields=["deed_id", "result"], name="audit_record_deed_result_uniq"),
            models.CheckConstraint(
                condition=Q(result=AuditVerdict.ALLOWED, code="")
                | (~Q(result=AuditVerdict.ALLOWED) & ~Q(code="")),
                name="audit_record_code_tells_why",
            ),
            models.CheckConstraint(condition=~Q(actor=""), name="audit_record_actor_not_empty"),
            models.CheckConstraint(condition=~Q(action=""), name="audit_record_action_not_empty"),
        )
        indexes = (
            models.Index(fields=["actor"], name="audit_record_actor_idx"),
            models.Index(fields=["action"], name="audit_record_action_idx"),
            models.Index(fields=["target"], name="audit_record_target_idx"),
        )

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.target} {self.result}"
