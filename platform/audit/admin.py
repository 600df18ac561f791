"""감사 기록의 관리 화면. 보기만 한다."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import pgettext_lazy

from adminkit.read_only import ReadOnlyAdmin
from adminkit.trace_link import trace_link
from audit.models import AuditRecord


@admin.register(AuditRecord)
class AuditRecordAdmin(ReadOnlyAdmin):
    """감사 기록."""

    list_display = ("at", "actor", "roles", "action", "target", "result", "code", "reason", "trace")
    list_filter = ("result", "action", "actor_kind")
    search_fields = ("=actor", "=target", "=trace_id")
    ordering = ("-id",)
    readonly_fields = ("trace",)

    @admin.display(description=pgettext_lazy("field", "추적"))
    def trace(self, record: AuditRecord) -> str:
        """그 일의 추적으로 가는 링크."""
        return trace_link(record.trace_id)
