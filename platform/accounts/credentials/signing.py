"""Ed25519 JWT의 서명과 검증, 그 열쇠 파일. 누구의 토큰인지는 모른다. Django를 모르므로 gateway도 쓴다.

열쇠 폴더에는 current.pem(개인), current.pub.pem, 그리고 바꾸는 동안에만 previous.pub.pem이 있다.
검증만 하는 프로세스는 공개 파일만 있으면 된다. 시각은 초 정수다.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from kernel.errors import Unauthenticated

PRIVATE: Final = "current.pem"
PUBLIC: Final = "current.pub.pem"
PREVIOUS_PUBLIC: Final = "previous.pub.pem"
ALGORITHM: Final = "EdDSA"
ISSUER: Final = "hanpan"
TOKEN_MAX_CHARS: Final = 2048
HEADERS_KEPT: Final = 16


class KeysMissing(Exception):
    """열쇠 파일이 없거나 다른 종류다. `manage.py setup`이 만든다."""


def system_now_s() -> int:
    """지금의 유닉스 초."""
    return int(time.time())


def key_id(public_key: Ed25519PublicKey) -> str:
    """열쇠의 이름. RFC 7638의 sha256 지문이라 같은 열쇠는 어디서나 같은 이름이다."""
    x = _base64url(public_key.public_bytes(Encoding.Raw, PublicFormat.Raw))
    canonical = json.dumps({"crv": "Ed25519", "kty": "OKP", "x": x}, separators=(",", ":"), sort_keys=True)
    return _base64url(hashlib.sha256(canonical.encode()).digest())


class TokenSigner:
    """한 쓰임(`audience`)의 토큰을 개인 열쇠로 만든다."""

    def __init__(
        self, private_key: Ed25519PrivateKey, *, audience: str, now_s: Callable[[], int] = system_now_s
    ) -> None:
        self._private_key = private_key
        self._audience = audience
        self._kid = key_id(private_key.public_key())
        self._now_s = now_s

    def sign(self, claims: Mapping[str, object], *, ttl_s: int) -> str:
        """`claims`를 담은 토큰. `ttl_s`초 동안 산다."""
        now_s = self._now_s()
        body = {"iss": ISSUER, "aud": self._audience, **claims, "iat": now_s, "exp": now_s + ttl_s}
        return jwt.encode(body, self._private_key, ALGORITHM, headers={"kid": self._kid})


class TokenReader:
    """한 쓰임의 토큰을 공개 열쇠들로 검증한다. 열쇠는 `kid`로 고르며, 모르는 `kid`는 위조로 본다."""

    def __init__(
        self,
        public_keys: Mapping[str, Ed25519PublicKey],
        *,
        audience: str,
        required: tuple[str, ...],
        now_s: Callable[[], int] = system_now_s,
    ) -> None:
        self._public_keys = dict(public_keys)
        self._audience = audience
        self._required = [*required, "iat", "exp"]
        self._now_s = now_s
        # 한 열쇠의 토큰들은 머리가 같다: 머리는 열쇠마다 한 번만 읽는다(거절된 것은 기억하지 않는다).
        self._key_for = lru_cache(HEADERS_KEPT)(self._find_key)

    def read(self, token: object) -> Mapping[str, object]:
        """토큰이 말하는 것. `exp`는 정수다.

        Raises:
            Unauthenticated: 없거나, 모양이 틀리거나, 위조되었거나, 지났거나, 다른 곳에 쓰는 토큰이다.
        """
        if not isinstance(token, str) or not 0 < len(token) <= TOKEN_MAX_CHARS:
            raise Unauthenticated("접근 토큰이 없거나 모양이 틀립니다")
        try:
            claims = self._signed_claims(token)
        except (jwt.InvalidTokenError, ValueError) as error:
            raise Unauthenticated("접근 토큰이 올바르지 않습니다") from error
        expires_at_s = claims["exp"]
        if not isinstance(expires_at_s, int):
            raise Unauthenticated("접근 토큰의 내용이 올바르지 않습니다")
        if expires_at_s <= self._now_s():
            raise Unauthenticated("접근 토큰이 지났습니다")
        return claims

    def _signed_claims(self, token: str) -> dict[str, object]:
        public_key = self._key_for(token.partition(".")[0])
        claims: dict[str, object] = jwt.decode(
            token,
            public_key,
            algorithms=[ALGORITHM],
            audience=self._audience,
            issuer=ISSUER,
            # 시각은 위에서 우리 시계로 본다.
            options={"require": self._required, "verify_exp": False, "verify_iat": False},
        )
        return claims

    def _find_key(self, header_segment: str) -> Ed25519PublicKey:
        header = jwt.get_unverified_header(f"{header_segment}..")
        kid = header.get("kid")
        public_key = self._public_keys.get(kid) if isinstance(kid, str) else None
        if public_key is None or header.get("alg") != ALGORITHM:
            raise jwt.InvalidTokenError("unknown kid or algorithm")
        return public_key


# ---- 열쇠 파일


def ensure_keys(folder: Path) -> bool:
    """없으면 만든다. 여럿이 함께 불러도 개인 열쇠는 하나만 남는다. 만들었으면 True."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    private_pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    created = _write_once(folder / PRIVATE, private_pem, mode=0o600)
    public_pem = (
        load_private_key(folder).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    _write_once(folder / PUBLIC, public_pem, mode=0o644)
    return created


def load_private_key(folder: Path) -> Ed25519PrivateKey:
    """지금의 개인 열쇠.

    Raises:
        KeysMissing: 개인 열쇠가 없다.
    """
    path = folder / PRIVATE
    key = load_pem_private_key(_read(path), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise KeysMissing(f"{path}: Ed25519 열쇠가 아닙니다")
    return key


def load_public_keys(folder: Path) -> dict[str, Ed25519PublicKey]:
    """지금과 직전의 공개 열쇠. {kid: 열쇠}.

    Raises:
        KeysMissing: 지금의 공개 열쇠가 없다.
    """
    keys = [_public_key(folder / PUBLIC)]
    if (folder / PREVIOUS_PUBLIC).exists():
        keys.append(_public_key(folder / PREVIOUS_PUBLIC))
    return {key_id(key): key for key in keys}


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _write_once(path: Path, content: bytes, *, mode: int) -> bool:
    # 다 쓴 파일을 이름에 잇는다. 반만 쓰인 열쇠를 남이 읽지 못하고, 먼저 온 쪽만 남는다.
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.link(draft, path)
        return True
    except FileExistsError:
        return False
    finally:
        draft.unlink()


def _public_key(path: Path) -> Ed25519PublicKey:
    key = load_pem_public_key(_read(path))
    if not isinstance(key, Ed25519PublicKey):
        raise KeysMissing(f"{path}: Ed25519 열쇠가 아닙니다")
    return key


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise KeysMissing(f"{path}: 열쇠가 없습니다. manage.py setup을 먼저 돌리세요") from error
