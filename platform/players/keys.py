"""선수 토큰의 열쇠 파일을 만들고 읽는다. Django를 모른다.

`<keys_dir>/player/`에 current.pem(개인), current.pub.pem, 그리고 바꾸는 동안에만 previous.pub.pem이 있다.
검증만 하는 프로세스는 공개 파일만 있으면 된다.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from players.tokens import PlayerTokenIssuer, PlayerTokenVerifier, key_id

PRIVATE: Final = "current.pem"
PUBLIC: Final = "current.pub.pem"
PREVIOUS_PUBLIC: Final = "previous.pub.pem"


class KeysMissing(Exception):
    """열쇠 파일이 없거나 다른 종류다. `manage.py setup`이 만든다."""


def ensure_player_keys(keys_dir: Path) -> bool:
    """없으면 만든다. 여럿이 함께 불러도 개인 열쇠는 하나만 남는다. 만들었으면 True."""
    folder = keys_dir / "player"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    private_pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    created = _write_once(folder / PRIVATE, private_pem, mode=0o600)
    public_pem = (
        _private_key(folder / PRIVATE)
        .public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    _write_once(folder / PUBLIC, public_pem, mode=0o644)
    return created


def load_issuer(keys_dir: Path, *, ttl_s: int) -> PlayerTokenIssuer:
    """지금의 개인 열쇠로 토큰을 만드는 이.

    Raises:
        KeysMissing: 개인 열쇠가 없다.
    """
    return PlayerTokenIssuer(_private_key(keys_dir / "player" / PRIVATE), ttl_s=ttl_s)


def load_verifier(keys_dir: Path) -> PlayerTokenVerifier:
    """지금과 직전의 공개 열쇠로 토큰을 검증하는 이.

    Raises:
        KeysMissing: 지금의 공개 열쇠가 없다.
    """
    folder = keys_dir / "player"
    public_keys = [_public_key(folder / PUBLIC)]
    if (folder / PREVIOUS_PUBLIC).exists():
        public_keys.append(_public_key(folder / PREVIOUS_PUBLIC))
    return PlayerTokenVerifier({key_id(key): key for key in public_keys})


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


def _private_key(path: Path) -> Ed25519PrivateKey:
    key = load_pem_private_key(_read(path), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise KeysMissing(f"{path}: Ed25519 열쇠가 아닙니다")
    return key


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
