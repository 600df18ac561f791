"""Lua 스크립트를 파일에서 읽어 EVALSHA로 부른다. SCRIPT FLUSH와 Redis 재시작 뒤에도 돈다.

파일 하나에 스크립트 하나이고, 머리말에 KEYS, ARGV, 답, 단위, 불변조건이 있다.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from redis.exceptions import NoScriptError

from redisstore.client import AsyncRedis, SyncRedis

LUA_DIR = Path(__file__).parent / "lua"


class Script:
    """Lua 파일 하나. 같은 객체를 asyncio와 스레드 클라이언트가 함께 쓴다."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.text = (LUA_DIR / f"{name}.lua").read_text(encoding="utf-8")
        self.sha = hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()

    async def run(self, client: AsyncRedis, keys: list[str], args: list[str | int | float]) -> Any:
        """스크립트를 부르고 답을 그대로 준다. 서버가 모르면 한 번 올린다(아직 아무것도 실행되지 않았다)."""
        try:
            return await client.evalsha(self.sha, len(keys), *keys, *args)  # type: ignore[misc]
        except NoScriptError:
            return await client.eval(self.text, len(keys), *keys, *args)  # type: ignore[misc]

    def run_sync(self, client: SyncRedis, keys: list[str], args: list[str | int | float]) -> Any:
        """`run`의 스레드판."""
        try:
            return client.evalsha(self.sha, len(keys), *keys, *args)
        except NoScriptError:
            return client.eval(self.text, len(keys), *keys, *args)
