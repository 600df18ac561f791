"""`manage.py pending_results`: 적어 두었으나 아직 쓰이지 않은 결과들. `--json`이면 기계가 읽는 글로."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import msgspec
from django.core.management import BaseCommand, CommandError, CommandParser
from django.utils.translation import get_language

from kernel.errors import Unavailable
from ops.queries.pending import PendingResults, PendingRow, read_pending


class Command(BaseCommand):
    """쓰이지 않은 결과."""

    help = "적어 두었으나 아직 쓰이지 않은 결과를 보인다(오래된 것부터)"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="기계가 읽을 JSON으로")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            pending = read_pending()
        except Unavailable as error:
            raise CommandError(f"일지를 읽을 수 없습니다: {error.detail_in(get_language())}") from error
        self.stdout.write(_as_json(pending) if options["json"] else _as_table(pending))


def _as_json(pending: PendingResults) -> str:
    return json.dumps(msgspec.to_builtins(asdict(pending)), ensure_ascii=False)


def _as_table(pending: PendingResults) -> str:
    if pending.oldest_age_ms is None:
        return "남은 결과가 없습니다."
    head = f"남은 결과 {pending.count}개, 가장 오래된 것 {pending.oldest_age_ms / 1000:.1f}초"
    return "\n".join([head, *map(_line, pending.rows)])


def _line(row: PendingRow) -> str:
    age_s = row.age_ms / 1000
    return f"{row.match_id or '?'}  {row.mode}  {row.status}  {row.server_id}  {age_s:.1f}초  {_told(row)}"


def _told(row: PendingRow) -> str:
    if row.failure is None:
        return "아직 실패 없음"
    return f"{row.failure.attempts}번 시도, {row.failure.reason} ({row.failure.server_id})"
