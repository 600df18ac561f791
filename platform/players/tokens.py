"""선수의 접근 토큰(JWT, Ed25519)을 만들고 검증한다. Django를 모르므로 gateway도 쓴다.

열쇠 파일은 players/keys.py가 읽는다. 시각은 초 정수로 받는다.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from accounts.signing import TokenReader, TokenSigner, system_now_s
from kernel.errors import Unauthenticated
from kernel.ids import read_id

AUDIENCE: Final = "hanpan.player"


@dataclass(frozen=True, slots=True)
class PlayerClaims:
    """검증된 토큰이 말하는 것."""

    player_id: str
    name: str
    expires_at_s: int
    is_bot: bool = False


class PlayerTokenIssuer:
    """개인 열쇠로 토큰을 만든다. platform만 가진다."""

    def __init__(
        self, private_key: Ed25519PrivateKey, *, ttl_s: int, now_s: Callable[[], int] = system_now_s
    ) -> None:
        self._signer = TokenSigner(private_key, audience=AUDIENCE, now_s=now_s)
        self.ttl_s = ttl_s

    def issue(self, player_id: str, name: str, *, is_bot: bool = False) -> str:
        """이 선수의 토큰. `ttl_s`초 동안 산다. 봇의 토큰만 `bot`을 싣는다."""
        bot = {"bot": True} if is_bot else {}
        return self._signer.sign({"sub": player_id, "name": name, **bot}, ttl_s=self.ttl_s)


class PlayerTokenVerifier:
    """공개 열쇠들로 토큰을 검증한다."""

    def __init__(
        self, public_keys: Mapping[str, Ed25519PublicKey], *, now_s: Callable[[], int] = system_now_s
    ) -> None:
        self._reader = TokenReader(public_keys, audience=AUDIENCE, required=("sub", "name"), now_s=now_s)

    def verify(self, token: object) -> PlayerClaims:
        """토큰이 말하는 선수.

        Raises:
            Unauthenticated: 없거나, 모양이 틀리거나, 위조되었거나, 지났거나, 다른 곳에 쓰는 토큰이다.
        """
        claims = self._reader.read(token)
        player_id, name, expires_at_s = read_id(claims["sub"]), claims["name"], claims["exp"]
        if player_id is None or not isinstance(name, str) or not isinstance(expires_at_s, int):
            raise Unauthenticated("접근 토큰의 내용이 올바르지 않습니다")
        return PlayerClaims(player_id, name, expires_at_s, claims.get("bot") is True)
