"""밖의 게임 서버가 드는 서비스 토큰. 선수 토큰과 쓰임(aud)도 열쇠도 달라 서로 통하지 않는다.

열쇠는 `<keys_dir>/service/`에 있다. 토큰은 `manage.py issue_service_token`이 만든다.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from accounts.credentials.signing import (
    TokenReader,
    TokenSigner,
    ensure_keys,
    load_private_key,
    load_public_keys,
    system_now_s,
)
from kernel.errors import InvalidArgument, PermissionDenied, Unauthenticated

AUDIENCE: Final = "hanpan.service"
FOLDER: Final = "service"
NAME_PATTERN: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
TTL_DEFAULT_S: Final = 90 * 86_400
TTL_MAX_S: Final = 366 * 86_400


class Scope(StrEnum):
    """서비스가 할 수 있는 일. `<무엇>:<하는 일>`."""

    MATCH_FINALIZE = "match:finalize"
    FLEET_OPERATE = "fleet:operate"


@dataclass(frozen=True, slots=True)
class ServiceClaims:
    """검증된 토큰이 말하는 것."""

    name: str
    scopes: frozenset[str]
    expires_at_s: int

    def require(self, scope: Scope) -> None:
        """그 일을 할 수 있는지 본다.

        Raises:
            PermissionDenied: 토큰에 그 범위가 없다.
        """
        if scope not in self.scopes:
            raise PermissionDenied("이 토큰에는 {scope} 범위가 없습니다", scope=scope)


class ServiceTokenIssuer:
    """개인 열쇠로 서비스 토큰을 만든다."""

    def __init__(self, private_key: Ed25519PrivateKey, *, now_s: Callable[[], int] = system_now_s) -> None:
        self._signer = TokenSigner(private_key, audience=AUDIENCE, now_s=now_s)

    def issue(self, name: str, scopes: Collection[Scope], *, ttl_s: int = TTL_DEFAULT_S) -> str:
        """`name` 서비스의 토큰.

        Raises:
            InvalidArgument: 이름의 모양, 범위, 수명이 틀렸다.
        """
        if not NAME_PATTERN.fullmatch(name):
            raise InvalidArgument("이름은 소문자, 숫자, `.`, `_`, `-`로 64자까지입니다")
        if not scopes or not 0 < ttl_s <= TTL_MAX_S:
            raise InvalidArgument("범위가 하나는 있어야 하고 수명은 1초에서 {max_s}초입니다", max_s=TTL_MAX_S)
        return self._signer.sign({"sub": name, "scope": " ".join(sorted(scopes))}, ttl_s=ttl_s)


class ServiceTokenVerifier:
    """공개 열쇠들로 서비스 토큰을 검증한다."""

    def __init__(
        self, public_keys: Mapping[str, Ed25519PublicKey], *, now_s: Callable[[], int] = system_now_s
    ) -> None:
        self._reader = TokenReader(public_keys, audience=AUDIENCE, required=("sub", "scope"), now_s=now_s)

    def verify(self, token: object) -> ServiceClaims:
        """토큰이 말하는 서비스.

        Raises:
            Unauthenticated: 없거나, 모양이 틀리거나, 위조되었거나, 지났거나, 다른 곳에 쓰는 토큰이다.
        """
        claims = self._reader.read(token)
        name, scope, expires_at_s = claims["sub"], claims["scope"], claims["exp"]
        if not isinstance(name, str) or not NAME_PATTERN.fullmatch(name) or not isinstance(scope, str):
            raise Unauthenticated("접근 토큰의 내용이 올바르지 않습니다")
        return ServiceClaims(name, frozenset(scope.split()), int(str(expires_at_s)))


def ensure_service_keys(keys_dir: Path) -> bool:
    """없으면 만든다. 만들었으면 True."""
    return ensure_keys(keys_dir / FOLDER)


def load_service_issuer(keys_dir: Path) -> ServiceTokenIssuer:
    """지금의 개인 열쇠로 토큰을 만드는 이.

    Raises:
        KeysMissing: 개인 열쇠가 없다.
    """
    return ServiceTokenIssuer(load_private_key(keys_dir / FOLDER))


def load_service_verifier(keys_dir: Path) -> ServiceTokenVerifier:
    """지금과 직전의 공개 열쇠로 토큰을 검증하는 이.

    Raises:
        KeysMissing: 지금의 공개 열쇠가 없다.
    """
    return ServiceTokenVerifier(load_public_keys(keys_dir / FOLDER))
