"""권한의 이름과 물음: 문법이 하나이고, 직원이 아니면 권한이 있어도 못 한다."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from accounts.permissions import StaffPermission, is_allowed

GRAMMAR = re.compile(r"[a-z]+\.[a-z]+:[a-z]+")


@dataclass
class Person:
    """무엇이든 될 수 있는 사람."""

    is_authenticated: bool = True
    is_active: bool = True
    is_staff: bool = True
    holds: bool = True

    def has_perm(self, perm: str) -> bool:
        return self.holds


@pytest.mark.parametrize("permission", StaffPermission)
def test_a_permission_follows_the_grammar_and_has_a_label(permission: StaffPermission) -> None:
    assert GRAMMAR.fullmatch(permission.value)
    assert permission.label


def test_only_active_staff_holding_the_permission_is_allowed() -> None:
    assert is_allowed(Person(), StaffPermission.MATCH_VIEW)
    for lacking in ("is_authenticated", "is_active", "is_staff", "holds"):
        assert not is_allowed(Person(**{lacking: False}), StaffPermission.MATCH_VIEW)
