"""`manage.py drain SERVER`: session 서버를 드레인한다. 마지막 판 뒤에 프로세스가 스스로 끝난다."""

from __future__ import annotations

from typing import Any

from django.core.management import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from fleet.authority import CommandAuthority
from fleet.management.fleet_command import FleetCommand
from fleet.orders import DrainOrders, Order
from fleet.preview import DrainPreview
from fleet.wiring import drain_orders
from kernel.errors import Unavailable
from redisstore.servers.rows import ServerRow, ServerState

SETTLE_S = 30.0


class Command(FleetCommand):
    """드레인."""

    help = gettext_noop("session 서버를 드레인한다: 새 판은 곧바로 멈추고 도는 판은 유예 동안 기다린다")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("server", help=_("서버의 이름(예: session1)"))
        parser.add_argument("--grace-ms", type=int, help=_("도는 판을 기다리는 상한(기본은 서버의 값)"))
        parser.add_argument("--reason", default="manage.py drain", help=_("감사에 남을 까닭"))
        parser.add_argument("--wait", action="store_true", help=_("드레인이 끝날 때까지 기다리며 보인다"))

    def act(self, **options: Any) -> None:
        orders = drain_orders()
        server_id, grace_ms = options["server"], options["grace_ms"]
        before = orders.fleet().find(server_id)
        receipt = orders.give(
            Order(server_id=server_id, intended=True, reason=options["reason"], grace_ms=grace_ms),
            CommandAuthority(),
        )
        self.stdout.write(
            _("%(server)s 서버를 드레인합니다: %(told)s")
            % {"server": server_id, "told": told(receipt.preview)}
        )
        self.warn_unless_applied(receipt)
        if options["wait"] and before is not None:
            self._wait(orders, before, receipt.preview.grace_ms)

    def _wait(self, orders: DrainOrders, before: ServerRow, grace_ms: int) -> None:
        said = ""

        def is_done() -> bool:
            nonlocal said
            try:
                row = orders.fleet().find(before.server_id)
            except Unavailable:
                row, progress = before, _("Redis가 답하지 않습니다")
            else:
                progress = _progress(row)
            if is_emptied(row, before):
                return True
            if progress != said:
                self.stdout.write(progress)
                said = progress
            return False

        if self.wait(is_done, grace_ms / 1000 + SETTLE_S):
            self.stdout.write(_("%(server)s 서버가 비었습니다") % {"server": before.server_id})
            return
        late = _("%(server)s 서버가 유예와 %(seconds)d초가 지나도 비지 않았습니다")
        self.fail(late % {"server": before.server_id, "seconds": SETTLE_S})


def told(preview: DrainPreview) -> str:
    """앞날을 한 줄로."""
    if not preview.matches:
        return _("도는 판이 없습니다")
    cut = _(". 그보다 긴 판은 무효가 됩니다") if preview.cuts_matches else ""
    line = ngettext(
        "판 %(count)d개, 길어야 %(at_most).0f초", "판 %(count)d개, 길어야 %(at_most).0f초", preview.matches
    )
    return line % {"count": preview.matches, "at_most": preview.at_most_ms / 1000} + cut


def is_emptied(row: ServerRow | None, before: ServerRow) -> bool:
    """드레인이 끝났는가: 끝났다고 말하거나, 등록부에서 빠졌거나, 다른 프로세스로 다시 떴다."""
    if row is None or row.state in {ServerState.DRAINED, ServerState.LOST}:
        return True
    return row.boot_id != before.boot_id


def _progress(row: ServerRow | None) -> str:
    if row is None:
        return ""
    line = ngettext(
        "  %(state)s: 판 %(count)d개, 가장 긴 판 %(left).0f초 남음",
        "  %(state)s: 판 %(count)d개, 가장 긴 판 %(left).0f초 남음",
        row.running,
    )
    return line % {"state": row.state, "count": row.running, "left": row.longest_left_ms / 1000}
