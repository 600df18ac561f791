"""Lua 스크립트를 파일에서 읽어 EVALSHA로 부른다. SCRIPT FLUSH와 Redis 재시작 뒤에도 돈다.

파일 하나에 스크립트 하나이고, 머리말에 KEYS, ARGV, 답, 단위, 불변조건이 있다.
홀로인 인자가 다섯을 넘는 스크립트는 `named`로 이름을 붙여 ARGV 하나에 받는다.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from redis.exceptions import NoScriptError

from kernel.errors import Unavailable
from redisstore.client import AsyncRedis, SyncRedis, unavailable_on_failure
from redisstore.spans import script_named

ScriptArg = str | int | float
ScriptCall = tuple[list[str], list[ScriptArg]]
"""스크립트 한 번의 부름: KEYS와 ARGV."""

R = TypeVar("R")
LUA_DIR = Path(__file__).parent / "lua"
_encode_json = msgspec.json.Encoder().encode


class Script:
    """Lua 파일 하나. 같은 객체를 asyncio와 스레드 클라이언트가 함께 쓴다."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.text = (LUA_DIR / f"{name}.lua").read_text(encoding="utf-8")
        self.sha = hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()

    async def run(self, client: AsyncRedis, keys: list[str], args: list[ScriptArg]) -> Any:
        """스크립트를 부르고 답을 그대로 준다. 서버가 모르면 한 번 올린다(아직 아무것도 실행되지 않았다)."""
        with script_named(self.name):
            try:
                return await client.evalsha(self.sha, len(keys), *keys, *args)
            except NoScriptError:
                return await client.eval(self.text, len(keys), *keys, *args)

    async def run_many(self, client: AsyncRedis, calls: Sequence[ScriptCall]) -> list[Any]:
        """여러 번의 부름을 한 왕복에 보내고 답을 순서대로 준다. 하나의 실패는 그 자리에 예외로 담긴다.

        부름마다 따로 원자적이다. 서버가 스크립트를 모르면 올리고, 실행되지 못한 부름만 다시 보낸다.
        """
        replies = await self._pipeline(client, calls)
        unknown = [index for index, reply in enumerate(replies) if isinstance(reply, NoScriptError)]
        if unknown:
            await client.script_load(self.text)
            again = await self._pipeline(client, [calls[index] for index in unknown])
            for index, reply in zip(unknown, again, strict=True):
                replies[index] = reply
        return replies

    async def _pipeline(self, client: AsyncRedis, calls: Sequence[ScriptCall]) -> list[Any]:
        pipeline = client.pipeline(transaction=False)
        for keys, args in calls:
            pipeline.evalsha(self.sha, len(keys), *keys, *args)
        with script_named(self.name):
            replies: list[Any] = await pipeline.execute(raise_on_error=False)
        return replies

    def run_sync(self, client: SyncRedis, keys: list[str], args: list[ScriptArg]) -> Any:
        """`run`의 스레드판."""
        with script_named(self.name):
            try:
                return client.evalsha(self.sha, len(keys), *keys, *args)
            except NoScriptError:
                return client.eval(self.text, len(keys), *keys, *args)


def named(**args: ScriptArg | Sequence[ScriptArg]) -> str:
    """이름 붙은 인자들과 목록을 ARGV 하나(JSON)로. Lua는 `local arg = cjson.decode(ARGV[1])`로 읽는다.

    값은 자리로 받을 때와 같은 글이다: 수를 수로 보내면 Lua의 배정밀도를 지나며 달라진다.
    """
    return _encode_json({name: _text(value) for name, value in args.items()}).decode()


def _text(value: ScriptArg | Sequence[ScriptArg]) -> str | list[str]:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return str(value)
    return [each if isinstance(each, str) else str(each) for each in value]


def raise_first(replies: Sequence[Any]) -> None:
    """`run_many`의 답에 섞인 첫 실패를 던진다.

    Raises:
        Exception: 답 가운데 처음 나온 예외.
    """
    for reply in replies:
        if isinstance(reply, Exception):
            raise reply


def decoded(reply: Any, decode: Callable[[Any], R]) -> R | Unavailable:
    """묶음 속 답 하나. Redis의 상태 탓이면 그 자리에 Unavailable을 담고, 우리 잘못이면 던진다."""
    if isinstance(reply, Exception):
        try:
            with unavailable_on_failure():
                raise reply
        except Unavailable as error:
            return error
    return decode(reply)
