"""플릿에 일을 시키는 이와 그가 할 수 있는 범위: 직원, 서비스 토큰, 그리고 이 기계의 명령줄."""

from __future__ import annotations

import getpass
import socket
from dataclasses import dataclass
from typing import Protocol

from accounts.credentials.service_tokens import Scope, ServiceClaims
from accounts.models import Staff
from accounts.permissions import StaffPermission, is_allowed, is_working_staff
from audit.models import ACTOR_MAX_CHARS, ActorKind
from audit.recorder import Actor
from fleet.models import ServerScope

OPERATE_SCOPE = "fleet.operate_serverscope"


class Authority(Protocol):
    """일을 시키는 이."""

    @property
    def actor(self) -> Actor:
        """감사에 남을 이름."""
        ...

    def may_operate(self, region: str, pool: str) -> bool:
        """그 무리의 서버를 드레인하고 갈아 끼울 수 있는가. 끊겨서 무리를 모르는 서버는 `pool`이 빈 글이다."""
        ...


@dataclass(frozen=True, slots=True)
class StaffAuthority:
    """로그인한 직원. 역할이 모든 서버를 주거나, guardian이 리전이나 무리 하나씩을 준다."""

    staff: Staff

    @property
    def actor(self) -> Actor:
        roles = ",".join(sorted(group.name for group in self.staff.groups.all()))
        return Actor(ActorKind.STAFF, self.staff.username, roles)

    def may_operate(self, region: str, pool: str) -> bool:
        if is_allowed(self.staff, StaffPermission.SERVER_OPERATE):
            return True
        if not is_working_staff(self.staff):
            return False
        scopes = ServerScope.objects.filter(region=region, pool__in={"", pool})
        return any(self.staff.has_perm(OPERATE_SCOPE, scope) for scope in scopes)


@dataclass(frozen=True, slots=True)
class ServiceAuthority:
    """서비스 토큰을 든 자동화."""

    claims: ServiceClaims

    @property
    def actor(self) -> Actor:
        return Actor(ActorKind.SERVICE, self.claims.name, ",".join(sorted(self.claims.scopes)))

    def may_operate(self, region: str, pool: str) -> bool:
        return Scope.FLEET_OPERATE in self.claims.scopes


class CommandAuthority:
    """`manage.py`를 돌리는 사람. 셸에 닿은 사람은 이미 모든 것을 할 수 있으니 누구였는지만 남긴다."""

    @property
    def actor(self) -> Actor:
        return Actor(ActorKind.COMMAND, f"{getpass.getuser()}@{socket.gethostname()}"[:ACTOR_MAX_CHARS])

    def may_operate(self, region: str, pool: str) -> bool:
        return True
