"""감사를 적는 길이 세는 것: 라벨은 정해진 갈래뿐이다."""

from __future__ import annotations

import pytest

from accounts.roles import Role
from audit.models import ActorKind
from audit.recorder import STAFF_ROLES, Actor, _metric_role


@pytest.mark.parametrize(
    ("roles", "label"),
    [
        ("", "none"),
        ("viewer", "viewer"),
        ("admin,operator,viewer", "admin"),
        ("operator,viewer", "operator"),
        ("night-shift", "other"),
        ("night-shift,viewer", "viewer"),
    ],
)
def test_a_member_of_staff_is_counted_by_the_strongest_role_we_know(roles: str, label: str) -> None:
    assert _metric_role(Actor(ActorKind.STAFF, "김직원", roles)) == label


@pytest.mark.parametrize("kind", [kind for kind in ActorKind if kind is not ActorKind.STAFF])
def test_others_are_counted_by_their_kind_whatever_their_scopes_say(kind: ActorKind) -> None:
    assert _metric_role(Actor(kind, "배포기", "fleet:operate,match:finalize")) == kind.value


def test_every_role_has_its_label() -> None:
    assert set(STAFF_ROLES) == {role.value for role in Role}
