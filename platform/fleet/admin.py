"""플릿의 관리 화면. 모두 보기만 한다: 시키는 길은 운영 화면, API, 명령이다."""

from __future__ import annotations

from django.contrib import admin

from adminkit.read_only import ReadOnlyAdmin
from fleet.models import DrainIntent, Roll, ServerScope


@admin.register(DrainIntent)
class DrainIntentAdmin(ReadOnlyAdmin):
    """드레인 지시."""

    list_display = ("server_id", "region", "intended", "grace_ms", "actor", "reason", "ordered_at")
    list_filter = ("region", "intended")
    search_fields = ("=server_id",)
    ordering = ("region", "server_id")


@admin.register(Roll)
class RollAdmin(ReadOnlyAdmin):
    """갈아 끼우기."""

    list_display = ("id", "region", "phase", "position", "actor", "reason", "started_at", "finished_at")
    list_filter = ("region", "phase")
    ordering = ("-id",)


@admin.register(ServerScope)
class ServerScopeAdmin(ReadOnlyAdmin):
    """권한을 준 범위. 주고 거두는 일은 `manage.py grant_fleet`이 하고 감사에 남긴다."""

    list_display = ("region", "pool")
    ordering = ("region", "pool")
