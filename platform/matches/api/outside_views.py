"""밖의 게임 서버의 HTTP: 판을 열고 결과를 낸다. 서비스 토큰이 있어야 한다."""

from __future__ import annotations

from dataclasses import asdict

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_view import ApiView
from accounts.credentials.service_authentication import service_of
from kernel.ids import read_match_id
from matches.api import serializers
from matches.outcome import PlayerOutcome
from matches.results import outside


class OutsideMatchesView(ApiView):
    """POST /api/v1/matches"""

    @extend_schema(
        operation_id="match_open", request=serializers.OpenMatch, responses={201: serializers.OpenedMatch}
    )
    def post(self, request: Request) -> Response:
        """판을 연다. 같은 match_id로 다시 부르면 같은 답이다."""
        form = serializers.OpenMatch(data=request.data)
        form.is_valid(raise_exception=True)
        fields = form.validated_data
        wish = outside.OutsideMatchRequest(
            mode=fields["mode"],
            player_ids=fields["player_ids"],
            service=service_of(request).name,
            match_id=fields.get("match_id", ""),
        )
        match = outside.open_match(wish)
        return Response({"match_id": str(match.match_id)}, status=201)


class FinalizeView(ApiView):
    """POST /api/v1/matches/{match_id}/finalize"""

    @extend_schema(
        operation_id="match_finalize",
        parameters=[
            OpenApiParameter("match_id", {"type": "string", "format": "uuid"}, OpenApiParameter.PATH)
        ],
        request=serializers.FinalizeMatch,
        responses=serializers.FinalizedMatch,
    )
    def post(self, request: Request, match_id: str) -> Response:
        """결과를 낸다(멱등)."""
        match_id = read_match_id(match_id)
        form = serializers.FinalizeMatch(data=request.data)
        form.is_valid(raise_exception=True)
        results = [
            PlayerOutcome(player_id=row["player_id"], place=row["place"], score=row["score"])
            for row in form.validated_data["results"]
        ]
        stored = outside.finalize(
            match_id,
            form.validated_data["mode"],
            results,
            service=service_of(request).name,
        )
        return Response(
            {
                "match_id": stored.match_id,
                "status": stored.status,
                "already_finalized": stored.already_finalized,
                "results": [asdict(result) for result in stored.results],
            }
        )
