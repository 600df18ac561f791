"""감사 기록의 관리 화면. 보기만 한다."""

from __future__ import annotations

from django.contrib import admin

from audit.models import AuditRecord
from audit.read_only import ReadOnlyAdmin


@admin.register(AuditRecord)
class AuditRecordAdmin(ReadOnlyAdmin):
    """감사 기록."""

    list_display = ("at", "actor", "roles", "action", "target", "result", "code", "reason")
    list_filter = ("result", "action", "actor_kind")
    search_fields = ("=actor", "=target", "=trace_id")
    ordering = ("-id",)
