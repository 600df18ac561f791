"""`manage.py fleet`: 등록부의 서버들을 한눈에. `--json`이면 기계가 읽는 글로."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from fleet.management.fleet_command import FleetCommand
from fleet.wiring import drain_orders
from redisstore.servers.rows import Fleet, ServerRow

COLUMNS = (
    gettext_lazy("이름"), gettext_lazy("상태"), gettext_lazy("무리"), gettext_lazy("도는 판"),
    gettext_lazy("부하/수용량"), gettext_lazy("가장 긴 판"), gettext_lazy("남은 유예"),
    gettext_lazy("버전"), gettext_lazy("하트비트"), gettext_lazy("주소"),
)  # fmt: skip


class Command(FleetCommand):
    """서버들."""

    help = gettext_noop("session 서버들의 상태, 부하, 버전, 하트비트의 나이를 보인다")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help=_("기계가 읽을 JSON으로"))

    def act(self, **options: Any) -> None:
        fleet = drain_orders().fleet()
        if options["json"]:
            rows = [{**asdict(row), "age_ms": fleet.age_ms(row)} for row in fleet.servers]
            self.stdout.write(json.dumps(rows, ensure_ascii=False))
        else:
            self.stdout.write("\n".join("\t".join(map(str, line)) for line in (COLUMNS, *_lines(fleet))))


def _lines(fleet: Fleet) -> list[tuple[str, ...]]:
    return [_line(row, fleet.age_ms(row)) for row in fleet.servers]


def _line(row: ServerRow, age_ms: int | None) -> tuple[str, ...]:
    grace_left = "-" if row.drain_left_ms is None else _seconds(row.drain_left_ms)
    return (
        row.server_id,
        row.state.value,
        row.pool or "-",
        str(row.running),
        f"{row.load}/{row.capacity}",
        _seconds(row.longest_left_ms),
        grace_left,
        row.version or "-",
        "-" if age_ms is None else _seconds(age_ms, digits=1),
        row.address or "-",
    )


def _seconds(milliseconds: int, digits: int = 0) -> str:
    return _("%(seconds)s초") % {"seconds": f"{milliseconds / 1000:.{digits}f}"}
