"""`manage.py fleet`: 등록부의 서버들을 한눈에. `--json`이면 기계가 읽는 글로."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management import CommandParser

from ops.fleet_orders import drain_orders
from ops.management.fleet_command import FleetCommand
from redisstore.server_rows import Fleet, ServerRow

COLUMNS = (
    "서버", "상태", "무리", "판", "부하/수용량", "가장 긴 판", "남은 유예", "판번호", "소식", "주소",
)  # fmt: skip


class Command(FleetCommand):
    """서버들."""

    help = "session 서버들의 상태, 부하, 판번호, 소식의 나이를 보인다"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="기계가 읽을 JSON으로")

    def act(self, **options: Any) -> None:
        fleet = drain_orders().fleet()
        if options["json"]:
            rows = [{**asdict(row), "age_ms": fleet.age_ms(row)} for row in fleet.servers]
            self.stdout.write(json.dumps(rows, ensure_ascii=False))
        else:
            self.stdout.write("\n".join("\t".join(line) for line in (COLUMNS, *_lines(fleet))))


def _lines(fleet: Fleet) -> list[tuple[str, ...]]:
    return [_line(row, fleet.age_ms(row)) for row in fleet.servers]


def _line(row: ServerRow, age_ms: int | None) -> tuple[str, ...]:
    grace_left = "-" if row.drain_left_ms is None else f"{row.drain_left_ms / 1000:.0f}초"
    return (
        row.server_id,
        row.state.value,
        row.pool or "-",
        str(row.running),
        f"{row.load}/{row.capacity}",
        f"{row.longest_left_ms / 1000:.0f}초",
        grace_left,
        row.version or "-",
        "-" if age_ms is None else f"{age_ms / 1000:.1f}초",
        row.address or "-",
    )
