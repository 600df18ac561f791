"""API 안내: 계약의 부름이 모두 있고, 칸을 말한다."""

from __future__ import annotations

from front.api_reference import sections


def test_every_call_of_the_schema_is_told_with_its_fields() -> None:
    (players,) = sections()
    told = {(each.method, each.path): each for each in players.operations}
    assert len(told) > 12
    login = told["POST", "/api/v1/auth/login"]
    assert {field.name for field in login.body} >= {"username", "password"}
    assert any("access_token" in {field.name for field in fields} for _, fields in login.answers)
    board = told["GET", "/api/v1/leaderboards/{mode}"]
    assert {field.name for field in board.parameters} >= {"mode", "limit", "cursor"}
    assert not [path for _, path in told if "/ops/" in path]
