"""요청의 모양: 형이 다르면 고쳐 읽지 않고 거절한다."""

from __future__ import annotations

from typing import Any

import pytest

from players.api.serializers import GuestRequest, LoginRequest, RegisterRequest


@pytest.mark.parametrize(
    "body", [{}, {"name": None}, {"name": "가", "device_id": " d "}, {"device_id": None}]
)
def test_a_guest_may_say_nothing(body: dict[str, Any]) -> None:
    assert GuestRequest(data=body).is_valid()


def test_a_device_id_is_kept_to_the_letter() -> None:
    form = GuestRequest(data={"device_id": " d "})
    assert form.is_valid()
    assert form.validated_data["device_id"] == " d "


@pytest.mark.parametrize(
    "body",
    [
        [], "text", 7, None,
        {"name": 7}, {"name": True}, {"name": ["가"]}, {"name": ""}, {"name": "가" * 25}, {"name": "\u200b"},
        {"device_id": 7}, {"device_id": ""}, {"device_id": "x" * 129}, {"device_id": "\ud800"},
        {"device_id": "a\u0000b"},
    ],
)  # fmt: skip
def test_a_guest_with_wrong_types_or_sizes_is_refused(body: Any) -> None:
    assert not GuestRequest(data=body).is_valid()


@pytest.mark.parametrize(
    "changed",
    [
        {"username": "ab"}, {"username": "x" * 33}, {"username": "한글아이디"}, {"username": 123456},
        {"password": "short"}, {"password": "x" * 129}, {"password": 12345678}, {"password": None},
        {"name": "\n"},
    ],
)  # fmt: skip
def test_a_registration_outside_the_rules_is_refused(changed: dict[str, Any]) -> None:
    body = {"username": "player.one", "password": "correct horse", **changed}
    assert not RegisterRequest(data=body).is_valid()


def test_a_password_keeps_its_spaces() -> None:
    form = RegisterRequest(data={"username": "player.one", "password": "  spaced  "})
    assert form.is_valid()
    assert form.validated_data["password"] == "  spaced  "


@pytest.mark.parametrize("body", [{}, {"username": "abc"}, {"username": "abc", "password": ["x"]}])
def test_a_login_needs_both_texts(body: dict[str, Any]) -> None:
    assert not LoginRequest(data=body).is_valid()
