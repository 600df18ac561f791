"""`manage.py undrain SERVER`: 드레인을 거둔다. 아직 끝나지 않은 서버는 다시 판을 받는다."""

from __future__ import annotations

from typing import Any

from django.core.management import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from fleet.authority import CommandAuthority
from fleet.management.fleet_command import FleetCommand
from fleet.orders import DrainOrders, Order
from fleet.wiring import drain_orders
from kernel.errors import Unavailable
from redisstore.servers.rows import ServerState

# 드레인을 마치고 스스로 끝난 프로세스가 되살아나 등록되고, 적힌 뜻(5초마다 맞춘다)을 따를 때까지.
RETURN_S = 60.0


class Command(FleetCommand):
    """드레인 거두기."""

    help = gettext_noop("드레인을 거둔다")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("server", help=_("서버의 이름"))
        parser.add_argument("--reason", default="manage.py undrain", help=_("감사에 남을 까닭"))
        parser.add_argument("--wait", action="store_true", help=_("다시 판을 받을 때까지 기다린다"))

    def act(self, **options: Any) -> None:
        order = Order(server_id=options["server"], intended=False, reason=options["reason"])
        orders = drain_orders()
        receipt = orders.give(order, CommandAuthority())
        told = (
            _("%(server)s 서버의 드레인을 거두었습니다")
            if receipt.changed
            else _("%(server)s 서버는 드레인하려던 것이 아니었습니다")
        )
        self.stdout.write(told % {"server": order.server_id})
        self.warn_unless_applied(receipt)
        if options["wait"]:
            self._wait(orders, order.server_id)

    def _wait(self, orders: DrainOrders, server_id: str) -> None:
        if self.wait(lambda: _is_ready(orders, server_id), RETURN_S):
            self.stdout.write(_("%(server)s 서버가 판을 받습니다") % {"server": server_id})
            return
        late = _("%(server)s 서버가 %(seconds)d초가 지나도 판을 받지 않습니다")
        self.fail(late % {"server": server_id, "seconds": RETURN_S})


def _is_ready(orders: DrainOrders, server_id: str) -> bool:
    try:
        row = orders.fleet().find(server_id)
    except Unavailable:
        return False
    return row is not None and row.state is ServerState.READY
