"""`manage.py undrain SERVER`: 비우려던 뜻을 거둔다. 아직 끝나지 않은 서버는 다시 판을 받는다."""

from __future__ import annotations

from typing import Any

from django.core.management import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from fleet.authority import CommandAuthority
from fleet.orders import Order
from ops.fleet_orders import drain_orders
from ops.management.fleet_command import FleetCommand


class Command(FleetCommand):
    """비우기를 거두기."""

    help = gettext_noop("비우려던 뜻을 거둔다")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("server", help=_("서버의 이름"))
        parser.add_argument("--reason", default="manage.py undrain", help=_("감사에 남을 까닭"))

    def act(self, **options: Any) -> None:
        order = Order(server_id=options["server"], intended=False, reason=options["reason"])
        receipt = drain_orders().give(order, CommandAuthority())
        told = (
            _("%(server)s 서버의 비우기를 거두었습니다")
            if receipt.changed
            else _("%(server)s 서버는 비우려던 것이 아니었습니다")
        )
        self.stdout.write(told % {"server": order.server_id})
        self.warn_unless_applied(receipt)
