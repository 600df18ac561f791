"""DRF의 선수 인증: `Authorization: Bearer <접근 토큰>`. 서명을 보고, 로그아웃했는지 본다(revocations)."""

from __future__ import annotations

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.credentials.bearer import CHALLENGE, BearerView, bearer_token
from kernel.errors import Unauthenticated
from players.identity.tokens import PlayerClaims
from players.wiring import revocations, token_verifier

PLAYER_SCHEME = "player"


class SignedAuthentication(BaseAuthentication):
    """서명만 본다. `request.user`가 PlayerClaims가 되고, 토큰이 없거나 틀리면 Unauthenticated다."""

    def authenticate(self, request: Request) -> tuple[PlayerClaims, None]:
        return token_verifier().verify(bearer_token(request)), None

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


class PlayerAuthentication(SignedAuthentication):
    """로그아웃한 토큰도 거절한다."""

    def authenticate(self, request: Request) -> tuple[PlayerClaims, None]:
        claims, _ = super().authenticate(request)
        revocations().check(claims)
        return claims, None


class PlayerView(BearerView):
    """선수만 부를 수 있는 뷰."""

    authentication_classes: tuple[type[SignedAuthentication], ...] = (PlayerAuthentication,)


def player_of(request: Request) -> PlayerClaims:
    """PlayerAuthentication을 지난 요청의 선수."""
    claims: object = request.user
    if not isinstance(claims, PlayerClaims):
        raise Unauthenticated
    return claims


class PlayerAuthenticationScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """OpenAPI에 보이는 이 인증의 이름과 종류. 서명만 보는 뷰는 스스로 이 이름을 말한다(`PLAYER_SCHEME`)."""

    target_class = PlayerAuthentication
    name = PLAYER_SCHEME

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
