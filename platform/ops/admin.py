"""관리 화면의 서버 목록: 표가 아니라 등록부(Redis)를 읽어 보이기만 한다."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from adminkit.read_only import ReadOnlyAdmin
from fleet.models import LiveServer
from fleet.wiring import drain_orders
from kernel.errors import Unavailable

# 로그인하기 전에도 언어를 바꿀 수 있게: 틀의 쪽에 단추를 더한다.
admin.site.login_template = "ops/login.html"


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

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """한 대의 쪽은 운영 화면에 있다."""
        return self._no_table(request)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """등록부의 줄은 서버가 스스로 지운다."""
        return self._no_table(request)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """시킨 일은 감사 기록에 있다."""
        return self._no_table(request)

    def _no_table(self, request: HttpRequest) -> HttpResponse:
        """표가 없어 한 줄을 읽을 수 없다.

        Raises:
            Http404: 언제나.
            PermissionDenied: 볼 수 없는 사람이다.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        raise Http404
