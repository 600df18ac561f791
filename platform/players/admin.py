"""직원이 보는 선수 목록. 고치지 못한다. 로그인 자격과 기기는 보이지 않는다."""

from django.contrib import admin

from audit.read_only import ReadOnlyAdmin
from players.models import Player


@admin.register(Player)
class PlayerAdmin(ReadOnlyAdmin):
    """선수."""

    list_display = ("id", "name", "is_bot", "created_at")
    search_fields = ("=id", "name__startswith")
    ordering = ("-id",)
