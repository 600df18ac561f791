"""선수 토큰의 열쇠. `<keys_dir>/player/`에 있다. Django를 모른다."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from accounts.credentials.signing import ensure_keys, load_private_key, load_public_keys
from players.identity.tokens import PlayerTokenIssuer, PlayerTokenVerifier

FOLDER: Final = "player"


def ensure_player_keys(keys_dir: Path) -> bool:
    """없으면 만든다. 만들었으면 True."""
    return ensure_keys(keys_dir / FOLDER)


def load_issuer(keys_dir: Path, *, ttl_s: int) -> PlayerTokenIssuer:
    """지금의 개인 열쇠로 토큰을 만드는 이.

    Raises:
        KeysMissing: 개인 열쇠가 없다.
    """
    return PlayerTokenIssuer(load_private_key(keys_dir / FOLDER), ttl_s=ttl_s)


def load_verifier(keys_dir: Path) -> PlayerTokenVerifier:
    """지금과 직전의 공개 열쇠로 토큰을 검증하는 이.

    Raises:
        KeysMissing: 지금의 공개 열쇠가 없다.
    """
    return PlayerTokenVerifier(load_public_keys(keys_dir / FOLDER))
