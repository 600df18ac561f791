"""직원이 보는 판과 레이팅. 고치지 못한다: 쓰는 길은 finalize의 트랜잭션 하나뿐이다."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import pgettext_lazy

from adminkit.read_only import ReadOnlyAdmin
from matches.models import MatchResult, Rating, RatingChange


@admin.register(MatchResult)
class MatchResultAdmin(ReadOnlyAdmin):
    """판의 결과."""

    list_display = ("match_id", "status", "mode", "server_id", "ended_at", "abort_code")
    list_filter = ("status", "mode")
    search_fields = ("=match_id",)
    ordering = ("-id",)


@admin.register(Rating)
class RatingAdmin(ReadOnlyAdmin):
    """레이팅."""

    list_display = ("player", "mode", "mu", "sigma", "games")
    list_select_related = ("player",)
    list_filter = ("mode",)
    search_fields = ("=player__id",)
    ordering = ("-id",)


@admin.register(RatingChange)
class RatingChangeAdmin(ReadOnlyAdmin):
    """레이팅 변화."""

    list_display = ("match_number", "player", "mode", "mu_before", "mu_after")
    list_select_related = ("player",)
    search_fields = ("=match__match_id", "=player__id")
    ordering = ("-id",)

    @admin.display(description=pgettext_lazy("field", "판"), ordering="match_id")
    def match_number(self, change: RatingChange) -> str:
        """판의 번호."""
        return str(change.match_id)
