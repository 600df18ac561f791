"""시연용 직원 계정. 비밀번호는 만든 때에만 알 수 있다."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.contrib.auth.models import Group
from django.db import transaction

from accounts.models import Staff
from accounts.roles import Role


@dataclass(frozen=True, slots=True)
class NewStaff:
    """방금 만든 계정. 비밀번호는 다시 볼 수 없다."""

    username: str
    password: str


def create_demo_staff() -> list[NewStaff]:
    """역할마다 한 사람씩, 없는 사람만 만든다. 있던 계정은 건드리지 않는다."""
    return [created for role in Role if (created := _create_if_missing(role)) is not None]


@transaction.atomic
def _create_if_missing(role: Role) -> NewStaff | None:
    staff, is_new = Staff.objects.get_or_create(username=role.value, defaults={"is_staff": True})
    if not is_new:
        return None
    password = secrets.token_urlsafe(12)
    staff.set_password(password)
    staff.save(update_fields=["password"])
    staff.groups.add(Group.objects.get(name=role.value))
    return NewStaff(staff.username, password)
