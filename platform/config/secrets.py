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
    draft = keys_dir / f".{name}.{os.getpid()}"
    draft.write_text(secrets.token_urlsafe(48), encoding="ascii")
    draft.chmod(0o600)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text(encoding="ascii").strip()
