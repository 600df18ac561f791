"""DRF의 선수 인증: `Authorization: Bearer <접근 토큰>`. 서명을 보고, 로그아웃했는지 본다(revocations)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.access import Requirement
from accounts.credentials.bearer import CHALLENGE, bearer_token
from kernel.errors import Unauthenticated
from players.identity.tokens import PlayerClaims
from players.wiring import revocations, token_verifier

PLAYER_SCHEME = "player"


class SignedAuthentication(BaseAuthentication):
    """서명만 본다. `request.user`가 PlayerClaims가 되고, 토큰이 없거나 틀리면 Unauthenticated다."""

    def authenticate(self, request: Request) -> tuple[PlayerClaims, None]:
        token = bearer_token(request)
        return token_verifier().verify(token), None

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


class PlayerAuthentication(SignedAuthentication):
    """로그아웃한 토큰도 거절한다."""

    def authenticate(self, request: Request) -> tuple[PlayerClaims, None]:
        claims, _ = super().authenticate(request)
        revocations().check(claims)
        return claims, None


@dataclass(frozen=True, slots=True)
class LivePlayer(Requirement):
    """들어와 있는 선수."""

    authentication = (PlayerAuthentication,)

    def check(self, caller: Any) -> None:
        _player(caller)


@dataclass(frozen=True, slots=True)
class SignedPlayer(Requirement):
    """토큰의 서명이 맞는 선수. 로그아웃한 토큰도 받는다."""

    authentication = (SignedAuthentication,)

    def check(self, caller: Any) -> None:
        _player(caller)


LIVE_PLAYER = LivePlayer()
SIGNED_PLAYER = SignedPlayer()


def player_of(request: Request) -> PlayerClaims:
    """PlayerAuthentication을 지난 요청의 선수."""
    return _player(request.user)


def _player(caller: object) -> PlayerClaims:
    if not isinstance(caller, PlayerClaims):
        raise Unauthenticated
    return caller


class PlayerAuthenticationScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """OpenAPI에 보이는 이 인증의 이름과 종류. 서명만 보는 뷰는 스스로 이 이름을 말한다(`PLAYER_SCHEME`)."""

    target_class = PlayerAuthentication
    name = PLAYER_SCHEME

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
