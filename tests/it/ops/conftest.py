"""운영 화면의 통합 시험: 진짜 MariaDB와 Redis, 역할이 있는 직원들."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from accounts.models import Staff
from accounts.permissions import StaffPermission
from accounts.roles import Role
from tests.it.fleet.conftest import register  # noqa: F401 - pytest가 이름으로 찾는다
from tests.it.platform_parts import _wired  # noqa: F401 - pytest가 이름으로 찾는다

SignIn = Callable[..., Client]
# 브라우저가 쪽을 열 때 보내는 Accept. 이것이 없는 부름은 프로그램이고, 실패를 JSON으로 듣는다.
CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.fixture
def sign_in(db: None) -> SignIn:
    """역할이나 권한 몇 개를 가진 직원으로 들어온 브라우저를 만든다."""

    def make(*held: Role | StaffPermission, is_staff: bool = True, language: str = "ko") -> Client:
        staff = Staff.objects.create_user(f"someone-{Staff.objects.count()}", is_staff=is_staff)
        for each in held:
            if isinstance(each, Role):
                staff.groups.add(Group.objects.get(name=each))
            else:
                staff.user_permissions.add(Permission.objects.get(codename=each.value))
        client = Client(headers={"accept": CHROME, "accept-language": language, "host": "localhost:8080"})
        client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


@pytest.fixture
def viewer(sign_in: SignIn) -> Client:
    """viewer로 들어온 브라우저."""
    return sign_in(Role.VIEWER)
