"""`manage.py grant_fleet USER --region R [--pool P]`: 직원에게 리전이나 무리 하나의 서버를 맡긴다.

`--revoke`는 거둔다. 모든 서버를 맡는 역할(operator, admin)에는 필요 없다.
준 일도 거둔 일도 감사에 남는다.
"""

from __future__ import annotations

from typing import Any

from django.core.management import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from guardian.shortcuts import assign_perm, remove_perm

from accounts.models import Staff
from audit.actions import Action
from audit.recorder import AuditEntry, record
from database.transactions import run_transaction
from fleet.authority import OPERATE_SCOPE, CommandAuthority
from fleet.management.fleet_command import FleetCommand
from fleet.models import ServerScope
from fleet.orders import check_reason
from kernel.errors import InvalidArgument, NotFound


class Command(FleetCommand):
    """범위를 맡기기."""

    help = gettext_noop("직원에게 리전이나 무리 하나의 서버를 맡기거나(--revoke) 거둔다")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help=_("직원의 아이디"))
        parser.add_argument("--region", required=True, help=_("리전"))
        parser.add_argument("--pool", help=_("무리(말하지 않으면 리전 전체)"))
        parser.add_argument("--reason", default="manage.py grant_fleet", help=_("감사에 남을 까닭"))
        parser.add_argument("--revoke", action="store_true", help=_("거둔다"))

    def act(self, **options: Any) -> None:
        region, pool = options["region"], options["pool"] or ""
        if not region or options["pool"] == "":
            # 빈 글은 셸의 빈 변수다: 무리 하나를 맡기려다 리전 전체를 맡기게 두지 않는다.
            raise InvalidArgument("리전과 무리는 빈 글일 수 없습니다. 리전 전체면 --pool을 빼십시오")
        check_reason(options["reason"])
        staff = Staff.objects.filter(username=options["username"]).first()
        if staff is None:
            raise NotFound("그런 직원이 없습니다")
        revoke = options["revoke"]
        action = Action.GRANT_REVOKE if revoke else Action.GRANT_GIVE
        details = {"permission": OPERATE_SCOPE, "region": region, "pool": pool}
        entry = AuditEntry(
            action=action, target=f"staff:{staff.username}"[:128], reason=options["reason"], details=details
        )

        def job() -> None:
            scope, _ = ServerScope.objects.get_or_create(region=region, pool=pool)
            (remove_perm if revoke else assign_perm)(OPERATE_SCOPE, staff, scope)
            record(CommandAuthority().actor, entry)

        run_transaction(job)
        told = _("%(user)s: %(where)s를 거두었습니다") if revoke else _("%(user)s: %(where)s를 맡겼습니다")
        self.stdout.write(told % {"user": staff.username, "where": f"{region}/{pool or '*'}"})
