"""보기만 하는 관리 화면의 바탕. 판과 레이팅은 화면에서 고치지 않는다."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from unfold.admin import ModelAdmin


class ReadOnlyAdmin(ModelAdmin):
    """더하기, 고치기, 지우기가 없는 목록과 상세."""

    show_full_result_count = False  # 큰 표에서 COUNT(*)를 두 번 세지 않는다
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
