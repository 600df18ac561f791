"""비밀이 들 수 있는 파일(실행 스크립트, 로그)은 주인만 읽는다."""

from __future__ import annotations

import os
from pathlib import Path

OWNER_ONLY = 0o600


def write_private(path: Path, text: str) -> None:
    """주인만 읽는 파일에 새로 쓴다. 있던 것은 비우고 닫은 뒤에 쓴다."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(descriptor, OWNER_ONLY)
        file.write(text)


def close_to_others(folder: Path) -> None:
    """폴더의 파일들을 주인만 읽게 한다."""
    for path in folder.iterdir():
        if path.is_file():
            path.chmod(OWNER_ONLY)
