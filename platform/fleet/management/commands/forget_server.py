"""`manage.py forget_server SERVER`: 돌아오지 않을 서버를 등록부에서 뺀다. 산 서버는 거절한다."""

from __future__ import annotations

from typing import Any

from django.core.management import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from fleet.authority import CommandAuthority
from fleet.management.fleet_command import FleetCommand
from fleet.wiring import drain_orders


class Command(FleetCommand):
    """잊기."""

    help = gettext_noop("하트비트가 끊겨 돌아오지 않을 서버를 등록부에서 뺀다")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("server", help=_("서버의 이름"))
        parser.add_argument("--reason", default="manage.py forget_server", help=_("감사에 남을 까닭"))

    def act(self, **options: Any) -> None:
        drain_orders().forget(options["server"], CommandAuthority(), options["reason"])
        self.stdout.write(_("%(server)s 서버를 등록부에서 뺐습니다") % {"server": options["server"]})
