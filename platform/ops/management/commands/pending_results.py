"""`manage.py pending_results`: 적어 두었으나 아직 쓰이지 않은 결과들. `--json`이면 기계가 읽는 글로."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import msgspec
from django.core.management import CommandError, CommandParser
from django.utils.translation import get_language, gettext_noop, ngettext
from django.utils.translation import gettext as _

from adminkit.terminal_command import TerminalCommand
from kernel.errors import Unavailable
from ops.queries.pending import PendingResults, PendingRow, read_pending


class Command(TerminalCommand):
    """쓰이지 않은 결과."""

    help = gettext_noop("적어 두었으나 아직 쓰이지 않은 결과를 보인다(오래된 것부터)")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help=_("기계가 읽을 JSON으로"))

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            pending = read_pending()
        except Unavailable as error:
            raise CommandError(
                _("일지를 읽을 수 없습니다: %(why)s") % {"why": error.detail_in(get_language())}
            ) from error
        self.stdout.write(_as_json(pending) if options["json"] else _as_table(pending))


def _as_json(pending: PendingResults) -> str:
    return json.dumps(msgspec.to_builtins(asdict(pending)), ensure_ascii=False)


def _as_table(pending: PendingResults) -> str:
    if pending.oldest_age_ms is None:
        return _("남은 결과가 없습니다.")
    head = ngettext(
        "남은 결과 %(count)d개, 가장 오래된 것 %(oldest).1f초",
        "남은 결과 %(count)d개, 가장 오래된 것 %(oldest).1f초",
        pending.count,
    ) % {"count": pending.count, "oldest": pending.oldest_age_ms / 1000}
    return "\n".join([head, *map(_line, pending.rows)])


def _line(row: PendingRow) -> str:
    age = _("%(seconds)s초") % {"seconds": f"{row.age_ms / 1000:.1f}"}
    return f"{row.match_id or '?'}  {row.mode}  {row.status}  {row.server_id}  {age}  {_told(row)}"


def _told(row: PendingRow) -> str:
    if row.failure is None:
        return _("아직 실패 없음")
    tried = ngettext("%(count)d번 시도", "%(count)d번 시도", row.failure.attempts) % {
        "count": row.failure.attempts
    }
    return f"{tried}, {row.failure.reason} ({row.failure.server_id})"
