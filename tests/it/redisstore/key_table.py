"""POLICIES.md의 키 표로 쓰인 Redis를 훑는다: 모르는 키, 틀린 형, 없는 수명을 찾는다."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from redisstore.client import AsyncRedis

POLICIES = Path(__file__).resolve().parents[3] / "POLICIES.md"
ROW = re.compile(r"^\| `(?P<key>[^`]+)` \| `\w+` \| (?P<type>\w+) \| (?P<ttl>[^|]+) \|", re.MULTILINE)
ENDLESS = ("없음", "커밋되면")


@dataclass(frozen=True, slots=True)
class KeyRow:
    """표의 한 줄."""

    pattern: re.Pattern[str]
    type: str
    is_endless: bool


def key_rows() -> list[KeyRow]:
    """표 전체."""
    return [
        KeyRow(_pattern(row["key"]), row["type"], row["ttl"].strip().startswith(ENDLESS))
        for row in ROW.finditer(POLICIES.read_text(encoding="utf-8"))
    ]


def _pattern(key: str) -> re.Pattern[str]:
    parts = re.split(r"<\w+>", key)
    return re.compile(r"[^:{}]+".join(map(re.escape, parts)))


async def strange_keys(client: AsyncRedis) -> list[str]:
    """표에 없거나, 형이 다르거나, 수명이 있어야 하는데 없는 키와 그 까닭."""
    rows, strange = key_rows(), []
    async for key in client.scan_iter(count=1000):
        row = next((row for row in rows if row.pattern.fullmatch(key)), None)
        kind, ttl_ms = await client.type(key), await client.pttl(key)
        if row is None:
            strange.append(f"{key}: 표에 없다")
        elif kind not in {row.type, "none"}:
            strange.append(f"{key}: {row.type}이 아니라 {kind}이다")
        elif ttl_ms == -1 and not row.is_endless:
            strange.append(f"{key}: 수명이 없다")
    return strange
