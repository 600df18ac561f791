"""선수의 접근 토큰(JWT, Ed25519)을 만들고 검증한다. Django를 모르므로 gateway도 쓴다.

열쇠 파일은 players/keys.py가 읽는다. 시각은 초 정수로 받는다.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from accounts.credentials.signing import TokenReader, TokenSigner, system_now_s
from kernel.errors import Unauthenticated
from kernel.ids import is_id, read_id

AUDIENCE: Final = "hanpan.player"


@dataclass(frozen=True, slots=True)
class PlayerClaims:
    """검증된 토큰이 말하는 것."""

    player_id: str
    name: str
    expires_at_s: int
    is_bot: bool = False
    # 들어온 번호. v1.5.0의 토큰에는 없다(빈 글, epoch 0).
    sign_in_id: str = ""
    epoch: int = 0


class PlayerTokenIssuer:
    """개인 열쇠로 토큰을 만든다. platform만 가진다."""

    def __init__(
        self, private_key: Ed25519PrivateKey, *, ttl_s: int, now_s: Callable[[], int] = system_now_s
    ) -> None:
        self._signer = TokenSigner(private_key, audience=AUDIENCE, now_s=now_s)
        self.ttl_s = ttl_s

    def issue(
        self, player_id: str, name: str, *, is_bot: bool = False, sign_in_id: str = "", epoch: int = 0
    ) -> str:
        """이 선수의 토큰. `ttl_s`초 동안 산다. 없는 것(봇이 아님, 들어온 번호 없음)은 싣지 않는다."""
        claims: dict[str, object] = {"sub": player_id, "name": name, "ep": epoch}
        if sign_in_id:
            claims["sid"] = sign_in_id
        if is_bot:
            claims["bot"] = True
        return self._signer.sign(claims, ttl_s=self.ttl_s)


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
        sign_in_id, epoch = claims.get("sid", ""), claims.get("ep", 0)
        if player_id is None or not isinstance(name, str) or not isinstance(expires_at_s, int):
            raise Unauthenticated("접근 토큰의 내용이 올바르지 않습니다")
        if not isinstance(epoch, int) or not (sign_in_id == "" or is_id(sign_in_id)):
            raise Unauthenticated("접근 토큰의 내용이 올바르지 않습니다")
        return PlayerClaims(player_id, name, expires_at_s, claims.get("bot") is True, str(sign_in_id), epoch)
