"""판과 순위표의 답의 모양. OpenAPI의 정본이고, 시험이 실제 답을 여기에 맞춰 본다."""

from __future__ import annotations

from rest_framework import serializers

from matches import history
from matches.models import MODE_MAX_CHARS
from matches.outcome import SCORE_LIMIT
from matches.ratings.leaderboard import AROUND_DEFAULT, LIMIT_DEFAULT, LIMIT_MAX
from matches.results.outside import PLAYERS_MAX, PLAYERS_MIN
from players.api.fields import IdField

MATCH_STATUSES = ("created", "running", "finalized", "aborted")


class ModeRating(serializers.Serializer):
    """한 모드의 레이팅."""

    mode = serializers.CharField()
    rating = serializers.FloatField()
    games = serializers.IntegerField()


class Me(serializers.Serializer):
    """나."""

    player_id = IdField()
    name = serializers.CharField()
    is_bot = serializers.BooleanField()
    created_at_ms = serializers.IntegerField()
    ratings = ModeRating(many=True)


class RatingWindow(serializers.Serializer):
    """만나는 레이팅 차이: 처음 폭, 기다린 1초마다 넓어지는 폭, 상한, 그리고 누구와도 만나기까지."""

    base = serializers.IntegerField()
    per_s = serializers.IntegerField()
    cap = serializers.IntegerField()
    open_after_ms = serializers.IntegerField()


class ModeQueue(serializers.Serializer):
    """모드 하나의 대기열."""

    mode = serializers.CharField()
    waiting = serializers.IntegerField()
    oldest_wait_ms = serializers.IntegerField()
    min_players = serializers.IntegerField()
    max_players = serializers.IntegerField()
    rating_window = RatingWindow()


class LeaderboardQuery(serializers.Serializer):
    """순위표의 질의."""

    limit = serializers.IntegerField(required=False, min_value=1, max_value=LIMIT_MAX, default=LIMIT_DEFAULT)
    cursor = serializers.CharField(required=False, help_text="앞 답의 next_cursor")
    include_bots = serializers.BooleanField(
        required=False, default=False, help_text="참이면 봇도 등수를 차지한다"
    )


class LeaderboardEntry(serializers.Serializer):
    """순위표 한 줄."""

    rank = serializers.IntegerField()
    player_id = IdField()
    name = serializers.CharField()
    rating = serializers.FloatField()
    games = serializers.IntegerField()
    is_bot = serializers.BooleanField()


class Leaderboard(serializers.Serializer):
    """순위표 한 쪽. next_cursor가 null이면 끝이다."""

    mode = serializers.CharField()
    entries = LeaderboardEntry(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class AroundQuery(serializers.Serializer):
    """내 둘레의 질의."""

    limit = serializers.IntegerField(
        required=False, min_value=1, max_value=LIMIT_MAX, default=AROUND_DEFAULT, help_text="나도 센 줄의 수"
    )
    include_bots = serializers.BooleanField(
        required=False, default=False, help_text="참이면 봇도 등수를 차지한다"
    )


class AroundMe(serializers.Serializer):
    """내 등수와 둘레. 순위표에 없으면 rank가 null이고 entries가 비어 있다."""

    mode = serializers.CharField()
    rank = serializers.IntegerField(allow_null=True)
    entries = LeaderboardEntry(many=True)


class PlayerResult(serializers.Serializer):
    """선수 한 사람의 결과."""

    player_id = IdField()
    place = serializers.IntegerField()
    score = serializers.IntegerField()
    rating_before = serializers.FloatField()
    rating_after = serializers.FloatField()
    conceded = serializers.BooleanField(help_text="판을 포기했는가")


class RatingChange(serializers.Serializer):
    """선수 한 사람의 레이팅 변화."""

    player_id = IdField()
    mu_before = serializers.FloatField()
    mu_after = serializers.FloatField()
    sigma_before = serializers.FloatField()
    sigma_after = serializers.FloatField()


class OpenMatch(serializers.Serializer):
    """밖의 게임 서버가 여는 판."""

    match_id = IdField(required=False, help_text="없으면 새로 짓는다. 같은 번호는 같은 판이다")
    mode = serializers.CharField(max_length=MODE_MAX_CHARS)
    player_ids = serializers.ListField(child=IdField(), min_length=PLAYERS_MIN, max_length=PLAYERS_MAX)


class OpenedMatch(serializers.Serializer):
    """연 판."""

    match_id = IdField()


class FinalResult(serializers.Serializer):
    """밖의 판에서 선수 한 사람의 성적. 등수는 1부터이고 비기면 나눈다."""

    player_id = IdField()
    place = serializers.IntegerField(min_value=1, max_value=PLAYERS_MAX)
    score = serializers.IntegerField(min_value=1 - SCORE_LIMIT, max_value=SCORE_LIMIT - 1)


class FinalizeMatch(serializers.Serializer):
    """밖의 판의 결과."""

    mode = serializers.CharField(max_length=MODE_MAX_CHARS)
    results = serializers.ListField(child=FinalResult(), min_length=1, max_length=PLAYERS_MAX)


class FinalizedMatch(serializers.Serializer):
    """반영된 판. already_finalized면 이번 부름은 아무것도 바꾸지 않았다."""

    match_id = IdField()
    status = serializers.ChoiceField(choices=["finalized"])
    already_finalized = serializers.BooleanField()
    results = PlayerResult(many=True)


class Match(serializers.Serializer):
    """판 하나. 끝나기 전에는 results와 rating_changes가 비어 있고 ended_at_ms가 null이다."""

    match_id = IdField()
    mode = serializers.CharField()
    status = serializers.ChoiceField(choices=MATCH_STATUSES)
    abort_code = serializers.CharField(allow_blank=True)
    region = serializers.CharField()
    server_id = serializers.CharField()
    player_ids = serializers.ListField(child=IdField())
    created_at_ms = serializers.IntegerField()
    started_at_ms = serializers.IntegerField(allow_null=True)
    ended_at_ms = serializers.IntegerField(allow_null=True)
    results = PlayerResult(many=True)
    rating_changes = RatingChange(many=True)


class MyMatchesQuery(serializers.Serializer):
    """내 판들의 질의."""

    limit = serializers.IntegerField(
        required=False, min_value=1, max_value=history.LIMIT_MAX, default=history.LIMIT_DEFAULT
    )
    cursor = serializers.CharField(required=False, help_text="앞 답의 next_cursor")


class MyMatch(Match):
    """목록의 판 하나. 한 판의 답에서 rating_changes만 뺀 것이다."""

    rating_changes = None  # type: ignore[assignment]  # DRF는 None으로 물려받은 칸을 뺀다


class MyMatches(serializers.Serializer):
    """내 판들의 한 쪽. live는 지금 앉아 있는 판이고, next_cursor가 null이면 끝이다."""

    live = MyMatch(allow_null=True)
    matches = MyMatch(many=True)
    next_cursor = serializers.CharField(allow_null=True)
