"""선수의 접근 토큰(JWT, Ed25519)을 만들고 검증한다. Django를 모르므로 gateway도 쓴다.

열쇠 파일은 players/keys.py가 읽는다. 시각은 초 정수로 받는다.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kernel.errors import Unauthenticated
from kernel.ids import is_id

ALGORITHM: Final = "EdDSA"
ISSUER: Final = "hanpan"
AUDIENCE: Final = "hanpan.player"
TOKEN_MAX_CHARS: Final = 2048


@dataclass(frozen=True, slots=True)
class PlayerClaims:
    """검증된 토큰이 말하는 것."""

    player_id: str
    name: str
    expires_at_s: int


def system_now_s() -> int:
    """지금의 유닉스 초."""
    return int(time.time())


def key_id(public_key: Ed25519PublicKey) -> str:
    """열쇠의 이름. RFC 7638의 sha256 지문이라 같은 열쇠는 어디서나 같은 이름이다."""
    x = _base64url(public_key.public_bytes(Encoding.Raw, PublicFormat.Raw))
    canonical = json.dumps({"crv": "Ed25519", "kty": "OKP", "x": x}, separators=(",", ":"), sort_keys=True)
    return _base64url(hashlib.sha256(canonical.encode()).digest())


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class PlayerTokenIssuer:
    """개인 열쇠로 토큰을 만든다. platform만 가진다."""

    def __init__(
        self, private_key: Ed25519PrivateKey, *, ttl_s: int, now_s: Callable[[], int] = system_now_s
    ) -> None:
        self._private_key = private_key
        self._kid = key_id(private_key.public_key())
        self._now_s = now_s
        self.ttl_s = ttl_s

    def issue(self, player_id: str, name: str) -> str:
        """이 선수의 토큰. `ttl_s`초 동안 산다."""
        now_s = self._now_s()
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": player_id,
            "name": name,
            "iat": now_s,
            "exp": now_s + self.ttl_s,
        }
        return jwt.encode(claims, self._private_key, ALGORITHM, headers={"kid": self._kid})


class PlayerTokenVerifier:
    """공개 열쇠들로 토큰을 검증한다. 열쇠는 `kid`로 고르며, 모르는 `kid`는 위조로 본다."""

    def __init__(
        self, public_keys: Mapping[str, Ed25519PublicKey], *, now_s: Callable[[], int] = system_now_s
    ) -> None:
        self._public_keys = dict(public_keys)
        self._now_s = now_s

    def verify(self, token: object) -> PlayerClaims:
        """토큰이 말하는 선수.

        Raises:
            Unauthenticated: 없거나, 모양이 틀리거나, 위조되었거나, 지났거나, 다른 곳에 쓰는 토큰이다.
        """
        if not isinstance(token, str) or not 0 < len(token) <= TOKEN_MAX_CHARS:
            raise Unauthenticated("접근 토큰이 없거나 모양이 틀립니다")
        try:
            claims = self._signed_claims(token)
        except (jwt.InvalidTokenError, ValueError) as error:
            raise Unauthenticated("접근 토큰이 올바르지 않습니다") from error
        return self._checked(claims)

    def _signed_claims(self, token: str) -> dict[str, object]:
        header = jwt.get_unverified_header(token)
        kid = header.get("kid")
        public_key = self._public_keys.get(kid) if isinstance(kid, str) else None
        if public_key is None or header.get("alg") != ALGORITHM:
            raise jwt.InvalidTokenError("unknown kid or algorithm")
        claims: dict[str, object] = jwt.decode(
            token,
            public_key,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            # 시각은 아래에서 우리 시계로 본다.
            options={"require": ["sub", "name", "iat", "exp"], "verify_exp": False, "verify_iat": False},
        )
        return claims

    def _checked(self, claims: Mapping[str, object]) -> PlayerClaims:
        player_id, name, expires_at_s = claims["sub"], claims["name"], claims["exp"]
        if not is_id(player_id) or not isinstance(name, str) or not isinstance(expires_at_s, int):
            raise Unauthenticated("접근 토큰의 내용이 올바르지 않습니다")
        if expires_at_s <= self._now_s():
            raise Unauthenticated("접근 토큰이 지났습니다")
        return PlayerClaims(str(player_id), name, expires_at_s)
