"""지표를 물을 곳의 글: 꼴이 맞는 것만 받고, 역할은 이름에서 나온다."""

from __future__ import annotations

import pytest

from ops.live.targets import Target, TargetError, parse_targets


def test_targets_come_sorted_by_name() -> None:
    assert parse_targets(["session2=10.0.0.2:8000", "gateway1=gw:8000"]) == (
        Target("gateway1", "gw", 8000),
        Target("session2", "10.0.0.2", 8000),
    )
    assert parse_targets([]) == ()


@pytest.mark.parametrize(
    ("name", "role"),
    [("gateway1", "gateway"), ("session-12", "session"), ("matchmaking", "matchmaking"), ("lb2-a", "lb2-a")],
)
def test_the_role_is_the_name_without_its_number(name: str, role: str) -> None:
    assert Target(name, "h", 1).role == role


def test_an_ipv6_address_stands_in_brackets() -> None:
    assert parse_targets(["a=[::1]:80"])[0].host == "::1"


@pytest.mark.parametrize(
    "text", ["", "gateway1", "gateway1=host", "=h:1", "A=h:1", "a=h:x", "a=h o:1", "a=h:1="]
)
def test_a_text_of_another_shape_is_refused_by_name(text: str) -> None:
    with pytest.raises(TargetError, match="이름=주소:포트"):
        parse_targets([text])


def test_a_name_may_come_only_once() -> None:
    with pytest.raises(TargetError):
        parse_targets(["a=h:1", "a=h:2"])
