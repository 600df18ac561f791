"""`manage.py setup`: 새 환경을 쓸 수 있게 만든다. 몇 번을 돌려도 같다.

마이그레이션 → 역할(마이그레이션이 끝나면 맞춰진다) → 토큰의 열쇠 → HANPAN_DEMO=1이면 시연 직원.
스키마를 바꾸므로 HANPAN_DB_ROLE=migrate로 돌린다.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import Error as DatabaseFailure
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from accounts.credentials.service_tokens import ensure_service_keys
from accounts.models import Staff
from accounts.roles import Role
from adminkit.terminal_command import TerminalCommand
from environment.env import env
from environment.secrets import append_private
from players.identity.keys import ensure_player_keys
from players.models import Player
from players.name_keys import refresh_missing

LOCK_NAME = "hanpan-setup"
LOCK_WAIT_S = 60
# 시연 직원의 이름과 비밀번호가 한 줄에 하나씩 있는 파일. 같은 이름은 뒤의 것이 지금 것이다.
DEMO_STAFF = "demo-staff.txt"


class Command(TerminalCommand):
    """새 환경의 준비."""

    help = gettext_noop("마이그레이션, 역할, 열쇠, (HANPAN_DEMO=1) 시연 직원을 준비한다")

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            with connection.cursor() as cursor:
                # 두 곳에서 함께 돌아도 차례로 한다.
                cursor.execute("SELECT GET_LOCK(%s, %s)", [LOCK_NAME, LOCK_WAIT_S])
                if cursor.fetchone() != (1,):
                    raise CommandError(
                        _("다른 setup이 %(seconds)d초 넘게 돌고 있습니다") % {"seconds": LOCK_WAIT_S}
                    )
                self._prepare()
                cursor.execute("SELECT RELEASE_LOCK(%s)", [LOCK_NAME])
        except DatabaseFailure as error:
            where = f"{settings.DATABASES['default']['HOST']}:{settings.DATABASES['default']['PORT']}"
            told = _("데이터베이스(%(where)s)에서 실패했습니다: %(why)s") % {
                "where": where,
                "why": error,
            }
            raise CommandError(told) from error

    def _prepare(self) -> None:
        call_command("migrate", interactive=False, verbosity=1, stdout=self.stdout)
        if filled := refresh_missing(Player):
            told = ngettext(
                "찾는 이름이 없던 선수 %(count)d명을 채웠습니다",
                "찾는 이름이 없던 선수 %(count)d명을 채웠습니다",
                filled,
            )
            self.stdout.write(told % {"count": filled})
        if ensure_player_keys(settings.KEYS_DIR):
            self.stdout.write(_("선수 토큰의 열쇠를 만들었습니다"))
        if ensure_service_keys(settings.KEYS_DIR):
            self.stdout.write(_("서비스 토큰의 열쇠를 만들었습니다"))
        if env.demo:
            self._create_demo_staff()

    def _create_demo_staff(self) -> None:
        """출력은 로그가 된다: 비밀번호가 아니라 그것이 있는 곳을 말한다."""
        path = settings.KEYS_DIR / DEMO_STAFF
        created = [role.value for role in Role if _create_if_missing(role, path)]
        if created or path.exists():
            told = _("시연 직원(%(users)s)의 비밀번호는 %(path)s에 있습니다")
            self.stdout.write(told % {"users": ", ".join(created or list(Role)), "path": path})
        else:
            self.stdout.write(_("시연 직원은 이미 있습니다"))


@transaction.atomic
def _create_if_missing(role: Role, passwords: Path) -> bool:
    """역할의 시연 직원 하나. 있던 계정은 건드리지 않는다.

    비밀번호는 커밋 전에 적는다: 아무도 모르는 비밀번호의 계정이 남지 않는다.

    Raises:
        OSError: 적지 못했다. 계정도 없다.
    """
    staff, is_new = Staff.objects.get_or_create(username=role.value, defaults={"is_staff": True})
    if not is_new:
        return False
    password = secrets.token_urlsafe(12)
    staff.set_password(password)
    staff.save(update_fields=["password"])
    staff.groups.add(Group.objects.get(name=role.value))
    append_private(passwords, f"{staff.username} {password}\n")
    return True
