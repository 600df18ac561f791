"""살아 있는 숫자를 보려는 직원이 누구이고 무엇을 볼 수 있는가. 소켓은 모른다."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import msgspec
from django.conf import settings
from django.contrib.auth import get_user

from accounts.permissions import StaffPermission, is_allowed, is_working_staff
from ops.live.reading import Reading


@dataclass(frozen=True, slots=True)
class Viewer:
    """로그인한 직원이 볼 수 있는 갈래들."""

    sees_numbers: bool
    sees_servers: bool

    @property
    def sees_nothing(self) -> bool:
        return not (self.sees_numbers or self.sees_servers)

    def visible(self, reading: Reading) -> Reading:
        """볼 수 없는 갈래를 지운다."""
        return msgspec.structs.replace(
            reading,
            numbers=reading.numbers if self.sees_numbers else None,
            servers=reading.servers if self.sees_servers else None,
        )


def viewer_of(session_key: str | None) -> Viewer | None:
    """이 세션의 직원. 로그인하지 않았거나 직원이 아니면 None이다. 막히는 호출이고 매번 새로 읽는다."""
    if not session_key:
        return None
    store: Any = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    someone = get_user(SimpleNamespace(session=store))  # type: ignore[arg-type]
    if not is_working_staff(someone):
        return None
    return Viewer(
        sees_numbers=is_allowed(someone, StaffPermission.DASHBOARD_VIEW),
        sees_servers=is_allowed(someone, StaffPermission.SERVER_VIEW),
    )
