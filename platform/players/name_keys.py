"""찾는 이름(name_key)을 채운다: 새 행은 칸이 스스로, 옛 행은 묶음으로.

열쇠를 만드는 함수는 text.search_key 하나다. 데이터베이스는 만들지 않는다.
"""

from __future__ import annotations

from typing import Any, Final

from django.db import models

from text.search_key import KEY_MAX_CHARS, search_key

BATCH_ROWS: Final = 2_000


class NameKeyField(models.CharField):  # type: ignore[type-arg]
    """같은 행의 `name`에서 만드는 찾는 이름. 하나씩 쓸 때도 묶어 쓸 때도 쓰기 직전에 만든다."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # 기본값이 표에도 있어 이 칸을 모르는 지난 판의 프로세스도 행을 만든다.
        shape = {"max_length": KEY_MAX_CHARS, "editable": False, "default": "", "db_default": ""}
        super().__init__(*args, **{**shape, **kwargs})

    def deconstruct(self) -> Any:
        """표에서는 그저 글의 칸이다."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def pre_save(self, model_instance: Any, add: bool) -> str:
        """쓰기 직전의 값."""
        key = search_key(model_instance.name)
        setattr(model_instance, self.attname, key)
        return key


def refresh_all(player_model: Any) -> int:
    """모든 행의 열쇠를 다시 만들고, 달라진 행의 수를 준다. 기본 키의 차례로 묶음마다 읽고 쓴다."""
    changed, last = 0, None
    while True:
        rows = player_model.objects.order_by("pk").only("pk", "name", "name_key")
        batch = list((rows.filter(pk__gt=last) if last else rows)[:BATCH_ROWS])
        if not batch:
            return changed
        changed += _refresh(player_model, batch)
        last = batch[-1].pk


def refresh_missing(player_model: Any) -> int:
    """열쇠가 빈 행만 채운다(지난 판의 프로세스가 만든 것). 색인의 첫머리만 읽는다."""
    changed = 0
    while batch := list(player_model.objects.filter(name_key="").only("pk", "name", "name_key")[:BATCH_ROWS]):
        if not (filled := _refresh(player_model, batch)):
            break  # 열쇠가 빈 글이 되는 이름뿐이다
        changed += filled
    return changed


def _refresh(player_model: Any, batch: list[Any]) -> int:
    stale = []
    for row in batch:
        key = search_key(row.name)
        if row.name_key != key:
            row.name_key = key
            stale.append(row)
    player_model.objects.bulk_update(stale, ["name_key"], batch_size=BATCH_ROWS)
    return len(stale)
