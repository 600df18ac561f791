"""관리 화면의 서버 목록: 표가 아니라 등록부(Redis)를 읽어 보이기만 한다."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from audit.read_only import ReadOnlyAdmin
from fleet.models import LiveServer
from kernel.errors import Unavailable
from ops.fleet_orders import drain_orders


@admin.register(LiveServer)
class LiveServerAdmin(ReadOnlyAdmin):
    """등록부의 서버들. 표가 아니라 Redis를 읽는다."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            fleet = drain_orders().fleet()
        except Unavailable:
            fleet = None
        rows = [(row, fleet.age_ms(row)) for row in fleet.servers] if fleet else []
        context = {
            **self.admin_site.each_context(request),
            "title": self.opts.verbose_name_plural,
            "opts": self.opts,
            "rows": rows,
            "redis_is_down": fleet is None,
        }
        return TemplateResponse(request, "ops/admin_servers.html", context)
