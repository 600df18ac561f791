"""직원이 보는 선수 목록. 고치지 못한다. 로그인 자격과 기기는 보이지 않는다."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest

from adminkit.read_only import ReadOnlyAdmin
from kernel.ids import read_id
from players.models import Player
from text.search_key import search_key


@admin.register(Player)
class PlayerAdmin(ReadOnlyAdmin):
    """선수."""

    list_display = ("id", "name", "is_bot", "created_at")
    search_fields = ("=id", "name_key")
    ordering = ("-id",)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """번호이거나, 찾는 이름에 그 글이 들었다. 글은 저장할 때와 같은 함수로 만든 열쇠로 찾는다."""
        if not search_term.strip():
            return queryset, False
        player_id, key = read_id(search_term.strip()), search_key(search_term)
        if player_id is not None:
            return queryset.filter(pk=player_id), False
        return (queryset.filter(Q(name_key__icontains=key)) if key else queryset.none()), False
