"""판의 HTTP 읽기: 나, 순위표, 판 하나."""

from __future__ import annotations

from dataclasses import asdict

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_view import ApiView
from kernel.clock import epoch_ms
from kernel.errors import InvalidArgument, NotFound, Unauthenticated
from kernel.ids import read_match_id
from matches import history, queries
from matches.api import serializers
from matches.cursor import decode_cursor, encode_cursor
from matches.lookup import find_match, live_match
from matches.models import OutsideMatch
from matches.outcome import MODE_PATTERN, StoredMatch
from matches.ratings.leaderboard import LeaderboardPage, read_around, read_page
from matches.results import outside
from players.api.authentication import player_of
from players.models import Player
from redisstore.live_matches import CREATED, RUNNING, LiveMatch
from redisstore.platform_client import redis_gate
from redisstore.tickets.reads import player_guard_sync
from redisstore.tickets.rows import MATCH_PREFIX


class MeView(ApiView):
    """GET /api/v1/me"""

    @extend_schema(operation_id="me", responses=serializers.Me)
    def get(self, request: Request) -> Response:
        """나와 나의 모드별 레이팅."""
        player_id = player_of(request).player_id
        player = Player.objects.filter(pk=player_id).first()
        if player is None:
            raise Unauthenticated("이 토큰의 선수는 더 이상 없습니다")
        ratings = queries.ratings_of_player(player_id)
        return Response(
            {
                "player_id": str(player.id),
                "name": player.name,
                "is_bot": player.is_bot,
                "created_at_ms": epoch_ms(player.created_at),
                "ratings": [
                    {"mode": rating.mode, "rating": rating.mu, "games": rating.games} for rating in ratings
                ],
            }
        )


class LeaderboardView(ApiView):
    """GET /api/v1/leaderboards/{mode}"""

    @extend_schema(
        operation_id="leaderboard",
        auth=[],
        parameters=[serializers.LeaderboardQuery, OpenApiParameter("mode", str, OpenApiParameter.PATH)],
        responses=serializers.Leaderboard,
    )
    def get(self, request: Request, mode: str) -> Response:
        """모드의 순위표. 한 판도 없는 모드는 비어 있다."""
        _check_mode(mode)
        query = serializers.LeaderboardQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        fields = query.validated_data
        board = _board_name(mode, fields["include_bots"])
        text = fields.get("cursor")
        after = decode_cursor(settings.CURSOR_SECRET, board, text) if text else None
        page = read_page(mode, fields["limit"], after, include_bots=fields["include_bots"])
        return Response(_leaderboard(mode, board, page))


class AroundMeView(ApiView):
    """GET /api/v1/leaderboards/{mode}/around-me"""

    @extend_schema(
        operation_id="leaderboard_around_me",
        parameters=[serializers.AroundQuery, OpenApiParameter("mode", str, OpenApiParameter.PATH)],
        responses=serializers.AroundMe,
    )
    def get(self, request: Request, mode: str) -> Response:
        """내 등수와 둘레. 순위표에 없으면 rank가 null이고 entries가 비어 있다."""
        _check_mode(mode)
        query = serializers.AroundQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        fields = query.validated_data
        player_id = player_of(request).player_id
        around = read_around(mode, player_id, fields["limit"], include_bots=fields["include_bots"])
        entries = [asdict(entry) for entry in around.entries]
        return Response({"mode": mode, "rank": around.rank, "entries": entries})


def _check_mode(mode: str) -> None:
    if not MODE_PATTERN.fullmatch(mode):
        raise InvalidArgument("mode의 모양이 틀립니다")


def _board_name(mode: str, include_bots: bool) -> str:
    """쪽 표시가 매이는 순위표. 봇을 넣은 표와 뺀 표는 등수가 다르다."""
    return f"{mode}+bots" if include_bots else mode


def _leaderboard(mode: str, board: str, page: LeaderboardPage) -> dict[str, object]:
    following = page.following
    return {
        "mode": mode,
        "entries": [asdict(entry) for entry in page.entries],
        "next_cursor": encode_cursor(settings.CURSOR_SECRET, board, following) if following else None,
    }


class MatchView(ApiView):
    """GET /api/v1/matches/{match_id}"""

    @extend_schema(
        operation_id="match",
        auth=[],
        parameters=[
            OpenApiParameter("match_id", {"type": "string", "format": "uuid"}, OpenApiParameter.PATH)
        ],
        responses=serializers.Match,
    )
    def get(self, request: Request, match_id: str) -> Response:
        """판 하나. 끝난 판은 MariaDB에서, 도는 판은 Redis에서 읽는다."""
        match_id = read_match_id(match_id)
        match find_match(match_id, stored=queries.stored_match, live=_outside_or_live):
            case StoredMatch() as stored:
                return Response(_stored(stored))
            case OutsideMatch() as opened:
                return Response(_outside(opened))
            case LiveMatch() as live:
                return Response(_live(live))
        raise NotFound("그런 판이 없습니다")


class MyMatchesView(ApiView):
    """GET /api/v1/me/matches"""

    @extend_schema(
        operation_id="my_matches", parameters=[serializers.MyMatchesQuery], responses=serializers.MyMatches
    )
    def get(self, request: Request) -> Response:
        """내가 둔 판들(새것부터)과 지금 앉아 있는 판."""
        query = serializers.MyMatchesQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        player_id, text = player_of(request).player_id, query.validated_data.get("cursor")
        after = history.decode_place(settings.CURSOR_SECRET, player_id, text) if text else None
        # 도는 판을 먼저 읽는다: 그 사이에 끝나면 두 번 보일 뿐 빠지지 않고, 겹친 것은 끝난 판이 이긴다.
        live = _live_match_of(player_id)
        page = history.read_history(player_id, query.validated_data["limit"], after)
        ended = {match.match_id for match in page.matches}
        place = page.following
        return Response(
            {
                "live": _without_changes(_live(live)) if live and live.match_id not in ended else None,
                "matches": [_without_changes(_stored(match)) for match in page.matches],
                "next_cursor": history.encode_place(settings.CURSOR_SECRET, player_id, place)
                if place
                else None,
            }
        )


def _outside_or_live(match_id: str) -> OutsideMatch | LiveMatch | None:
    return outside.find(match_id) or live_match(match_id)


def _live_match_of(player_id: str) -> LiveMatch | None:
    guard = player_guard_sync(redis_gate(), settings.REGION, player_id) or ""
    return live_match(guard.removeprefix(MATCH_PREFIX)) if guard.startswith(MATCH_PREFIX) else None


def _without_changes(match: dict[str, object]) -> dict[str, object]:
    """목록의 판에는 모든 선수의 sigma까지는 싣지 않는다. `results`에 레이팅의 앞뒤가 있다."""
    return {name: value for name, value in match.items() if name != "rating_changes"}


def _stored(match: StoredMatch) -> dict[str, object]:
    return {
        "match_id": match.match_id,
        "mode": match.mode,
        "status": match.status,
        "abort_code": match.abort_code,
        "region": match.region,
        "server_id": match.server_id,
        "player_ids": list(match.player_ids),
        "created_at_ms": match.created_at_ms,
        "started_at_ms": match.started_at_ms,
        "ended_at_ms": match.ended_at_ms,
        "results": [asdict(result) for result in match.results],
        "rating_changes": [asdict(change) for change in match.changes],
    }


def _outside(match: OutsideMatch) -> dict[str, object]:
    return {
        "match_id": str(match.match_id),
        "mode": match.mode,
        "status": CREATED,
        "abort_code": "",
        "region": outside.REGION,
        "server_id": match.service,
        "player_ids": match.player_ids,
        "created_at_ms": epoch_ms(match.created_at),
        "started_at_ms": None,
        "ended_at_ms": None,
        "results": [],
        "rating_changes": [],
    }


def _live(match: LiveMatch) -> dict[str, object]:
    return {
        "match_id": match.match_id,
        "mode": match.mode,
        # 끝났지만 아직 반영되지 않은 판은 밖에서는 도는 판이다: 결과가 없는 finalized는 없다.
        "status": CREATED if match.status == CREATED else RUNNING,
        "abort_code": "",
        "region": match.region,
        "server_id": match.server_id,
        "player_ids": list(match.player_ids),
        "created_at_ms": match.created_at_ms,
        "started_at_ms": match.started_at_ms or None,
        "ended_at_ms": match.ended_at_ms or None,
        "results": [],
        "rating_changes": [],
    }
