"""판과 순위표의 답의 모양. OpenAPI의 정본이고, 시험이 실제 답을 여기에 맞춰 본다."""

from __future__ import annotations

from rest_framework import serializers

from matches.leaderboard import LIMIT_DEFAULT, LIMIT_MAX

MATCH_STATUSES = ("created", "running", "finalized", "aborted")


class ModeRating(serializers.Serializer):
    """한 모드의 레이팅."""

    mode = serializers.CharField()
    rating = serializers.FloatField()
    games = serializers.IntegerField()


class Me(serializers.Serializer):
    """나."""

    player_id = serializers.UUIDField()
    name = serializers.CharField()
    created_at_ms = serializers.IntegerField()
    ratings = ModeRating(many=True)


class LeaderboardQuery(serializers.Serializer):
    """순위표의 질의."""

    limit = serializers.IntegerField(required=False, min_value=1, max_value=LIMIT_MAX, default=LIMIT_DEFAULT)
    cursor = serializers.CharField(required=False, help_text="앞 답의 next_cursor")


class LeaderboardEntry(serializers.Serializer):
    """순위표 한 줄."""

    rank = serializers.IntegerField()
    player_id = serializers.UUIDField()
    name = serializers.CharField()
    rating = serializers.FloatField()
    games = serializers.IntegerField()


class Leaderboard(serializers.Serializer):
    """순위표 한 쪽. next_cursor가 null이면 끝이다."""

    mode = serializers.CharField()
    entries = LeaderboardEntry(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class PlayerResult(serializers.Serializer):
    """선수 한 사람의 결과."""

    player_id = serializers.UUIDField()
    place = serializers.IntegerField()
    score = serializers.IntegerField()
    rating_before = serializers.FloatField()
    rating_after = serializers.FloatField()


class RatingChange(serializers.Serializer):
    """선수 한 사람의 레이팅 변화."""

    player_id = serializers.UUIDField()
    mu_before = serializers.FloatField()
    mu_after = serializers.FloatField()
    sigma_before = serializers.FloatField()
    sigma_after = serializers.FloatField()


class Match(serializers.Serializer):
    """판 하나. 끝나기 전에는 results와 rating_changes가 비어 있고 ended_at_ms가 null이다."""

    match_id = serializers.UUIDField()
    mode = serializers.CharField()
    status = serializers.ChoiceField(choices=MATCH_STATUSES)
    abort_code = serializers.CharField(allow_blank=True)
    region = serializers.CharField()
    server_id = serializers.CharField()
    player_ids = serializers.ListField(child=serializers.UUIDField())
    created_at_ms = serializers.IntegerField()
    started_at_ms = serializers.IntegerField(allow_null=True)
    ended_at_ms = serializers.IntegerField(allow_null=True)
    results = PlayerResult(many=True)
    rating_changes = RatingChange(many=True)
