"""키 폴더(var/keys)의 비밀을 읽고, 없으면 만드는 곳. 폴더는 커밋하지 않는다."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def read_secret(keys_dir: Path, name: str) -> str:
    """비밀 하나를 읽는다. 없으면 만들어 둔다(여러 프로세스가 함께 떠도 하나만 남는다)."""
    path = keys_dir / name
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        pass
    keys_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = keys_dir / f".{name}.{os.getpid()}.{secrets.token_hex(4)}"
    # 처음부터 남이 못 읽게 연다. 쓴 뒤에 권한을 바꾸면 그 사이에 읽힌다.
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text(encoding="ascii").strip()


def append_private(path: Path, text: str) -> None:
    """주인만 읽는 파일에 덧붙인다. 남이 읽게 열려 있던 것이면 닫고 나서 쓴다."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(descriptor, 0o600)
        file.write(text)
