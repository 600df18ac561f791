"""OpenAPI를 누가 얼마나 보는가: 누구나 선수의 것만, 운영 API까지는 그것을 볼 수 있는 직원만."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.permissions import StaffPermission
from accounts.roles import Role
from tests.it.ops.conftest import SignIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis")]

OPS_SCHEMA = "/ops/api/schema/"


def test_a_stranger_is_told_the_player_api_only(client: Client) -> None:
    paths = client.get("/api/schema/").json()["paths"]
    assert "/api/v1/me" in paths
    assert [path for path in paths if not path.startswith("/api/v1/")] == []
    assert client.get(OPS_SCHEMA, headers={"accept": "application/json"}).status_code == 401


@pytest.mark.parametrize("role", Role)
def test_staff_of_every_role_are_told_the_ops_api_too(sign_in: SignIn, role: Role) -> None:
    paths = sign_in(role).get(OPS_SCHEMA).json()["paths"]
    assert {"/api/v1/me", "/ops/api/v1/servers"} <= paths.keys()


def test_staff_who_may_not_see_the_servers_are_refused(sign_in: SignIn) -> None:
    assert sign_in(StaffPermission.MATCH_VIEW).get(OPS_SCHEMA).status_code == 403
