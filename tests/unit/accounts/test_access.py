"""조건: 누구인지 모르면 Unauthenticated, 알지만 안 되면 PermissionDenied."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.access import ADMIN_SITE_DECIDES, ANY_STAFF, ANYONE, GET, POST, Access, StaffMay
from accounts.permissions import StaffPermission
from kernel.errors import PermissionDenied, Unauthenticated


@dataclass
class Person:
    """로그인한 사람."""

    is_authenticated: bool = True
    is_active: bool = True
    is_staff: bool = True
    may: bool = True

    def has_perm(self, perm: str) -> bool:
        return self.may


SEES_MATCHES = StaffMay(StaffPermission.MATCH_VIEW)


@pytest.mark.parametrize("requirement", [ANY_STAFF, SEES_MATCHES])
@pytest.mark.parametrize(
    "caller",
    [None, AnonymousUser(), Person(is_active=False), Person(is_staff=False), Person(is_authenticated=False)],
)
def test_who_is_not_working_staff_is_unknown(requirement: StaffMay, caller: object) -> None:
    with pytest.raises(Unauthenticated):
        requirement.check(caller)
    assert not requirement.allows(caller)


def test_staff_without_the_permission_is_refused_and_may_still_try_what_any_staff_may() -> None:
    someone = Person(may=False)
    with pytest.raises(PermissionDenied):
        SEES_MATCHES.check(someone)
    assert not SEES_MATCHES.allows(someone)
    assert ANY_STAFF.allows(someone)


@pytest.mark.parametrize("requirement", [ANYONE, ADMIN_SITE_DECIDES])
def test_what_is_open_asks_nobody(requirement: StaffMay) -> None:
    assert requirement.allows(None)
    assert requirement.allows(AnonymousUser())


def test_the_head_of_an_address_is_asked_as_its_get_and_an_unlisted_method_is_not_there() -> None:
    access = Access({GET: ANYONE})
    assert access.of("HEAD") is ANYONE
    assert access.of(POST) is None
    assert access.of(None) is None
    assert Access({POST: ANYONE}).of("HEAD") is None
