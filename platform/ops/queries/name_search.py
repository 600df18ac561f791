"""선수의 이름에서 찾기: 그렇게 시작하는 이름이 앞에, 그 글이 속에 든 이름이 뒤에 온다. 저마다 이름의 차례다.

앞 글자는 색인의 범위로 찾는다. 속의 글은 이름의 색인만(행은 아니다) 차례로 훑으므로 SCANNED_MAX까지만 본다:
이름 30만에 50-80 ms였고, 상한이면 0.5초쯤이다. 조각 표(n-gram)를 두지 않은 까닭: 손님 하나마다 행이 스물쯤
늘어 들어오는 길이 느려지는데, 찾는 사람은 직원뿐이다.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.db.models import Q, QuerySet

from players.models import Player
from text.search_key import search_key

SCANNED_MAX: Final = 2_000_000
ROWS_EXAMINED_WARNING: Final = 1931
Position = tuple[str, str]
"""쪽의 마지막 줄: (찾는 이름, 선수 번호)."""


@dataclass(frozen=True, slots=True)
class Found:
    """찾은 선수들. `is_complete`가 거짓이면 이름이 너무 많아 끝까지 보지 못했다."""

    rows: tuple[Player, ...]
    is_complete: bool = True


def find_names(query: str, after: Position | None, limit: int) -> Found:
    """`after` 다음의 `limit`명까지. 보이는 글이 없는 `query`는 아무도 찾지 않는다."""
    key = search_key(query)
    if not key:
        return Found(())
    rows: list[Player] = []
    in_prefix = after is None or after[0].startswith(key)
    if in_prefix:
        rows = list(prefix_rows(key, after, limit))
        after = None
    if len(rows) == limit:
        return Found(tuple(rows))
    part_ids, is_complete = _part_ids(key, after, limit - len(rows))
    by_id = Player.objects.in_bulk(part_ids)
    return Found((*rows, *(by_id[player_id] for player_id in part_ids if player_id in by_id)), is_complete)


def prefix_rows(key: str, after: Position | None, limit: int) -> QuerySet[Player]:
    """찾는 이름이 `key`로 시작하는 선수들. 시험이 EXPLAIN한다."""
    # 칸의 정렬이 utf8mb4_bin이라 istartswith(LIKE)는 색인의 범위가 된다. startswith(LIKE BINARY)는 아니다.
    rows = Player.objects.filter(name_key__istartswith=key)
    if after is not None:
        name, player_id = after
        rows = rows.filter(Q(name_key__gt=name) | Q(pk__gt=player_id), name_key__gte=name)
    return rows.order_by("name_key", "pk")[:limit]


def parts_sql(key: str, after: Position | None, limit: int) -> tuple[str, list[Any]]:
    """찾는 이름의 속에(처음은 아닌) `key`가 있는 선수들의 번호. 시험이 EXPLAIN한다."""
    text = key.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    conditions, values = "name_key LIKE %s AND name_key NOT LIKE %s", [f"%{text}%", f"{text}%"]
    if after is not None:
        conditions += " AND name_key >= %s AND (name_key > %s OR id > %s)"
        values += [after[0], after[0], after[1]]
    # 값은 모두 인자로 간다. 글로 들어가는 것은 위의 조건과 두 정수뿐이다.
    sql = (
        f"SELECT id FROM player FORCE INDEX (player_name_key_idx) WHERE {conditions} "  # noqa: S608
        f"ORDER BY name_key, id LIMIT {int(limit)} ROWS EXAMINED {SCANNED_MAX}"
    )
    return sql, values


def _part_ids(key: str, after: Position | None, limit: int) -> tuple[Sequence[Any], bool]:
    with connection.cursor() as cursor:
        cursor.execute(*parts_sql(key, after, limit))
        found = [Player._meta.pk.to_python(row[0]) for row in cursor.fetchall()]
        if len(found) == limit:
            return found, True
        cursor.execute("SHOW WARNINGS")
        return found, all(code != ROWS_EXAMINED_WARNING for _, code, _ in cursor.fetchall())
