"""들어오는 길의 요청과 답의 모양. 형이 다르면 고쳐 읽지 않고 거절한다."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import get_language
from rest_framework import serializers

from kernel.errors import InvalidArgument
from players.api.fields import FlagField, IdField, TextField
from players.identity.refresh_rules import TOKEN_MAX_CHARS
from players.names import (
    NAME_MAX_CHARS,
    USERNAME_MAX_CHARS,
    USERNAME_MIN_CHARS,
    clean_name,
    clean_username,
)

DEVICE_ID_MAX_CHARS = 128
PASSWORD_MIN_CHARS = 8
PASSWORD_MAX_CHARS = 128


def _checked(rule: Callable[[str], str], text: str) -> str:
    try:
        return rule(text)
    except InvalidArgument as error:
        raise serializers.ValidationError(error.detail_in(get_language())) from error


class GuestRequest(serializers.Serializer):
    """손님. 둘 다 없어도 되고 null은 없는 것과 같다."""

    name = TextField(required=False, allow_null=True, help_text=f"보이는 글자 1-{NAME_MAX_CHARS}자")
    device_id = TextField(
        required=False, allow_null=True, max_length=DEVICE_ID_MAX_CHARS, trim_whitespace=False,
        help_text="같은 값이면 같은 선수",
    )  # fmt: skip

    def validate_name(self, value: str | None) -> str | None:
        return None if value is None else _checked(clean_name, value)


class LoginRequest(serializers.Serializer):
    """로그인."""

    username = TextField(min_length=USERNAME_MIN_CHARS, max_length=USERNAME_MAX_CHARS)
    password = TextField(max_length=PASSWORD_MAX_CHARS, trim_whitespace=False)


class RegisterRequest(serializers.Serializer):
    """가입."""

    username = TextField(
        min_length=USERNAME_MIN_CHARS, max_length=USERNAME_MAX_CHARS, trim_whitespace=False,
        help_text="영문, 숫자, _ . - (대소문자를 가리지 않는다)",
    )  # fmt: skip
    password = TextField(min_length=PASSWORD_MIN_CHARS, max_length=PASSWORD_MAX_CHARS, trim_whitespace=False)
    name = TextField(required=False, allow_null=True, help_text=f"보이는 글자 1-{NAME_MAX_CHARS}자")

    def validate_username(self, value: str) -> str:
        return _checked(clean_username, value)

    def validate_name(self, value: str | None) -> str | None:
        return None if value is None else _checked(clean_name, value)


class RefreshRequest(serializers.Serializer):
    """토큰 갱신."""

    refresh_token = TextField(max_length=TOKEN_MAX_CHARS, trim_whitespace=False)


class LogoutRequest(serializers.Serializer):
    """로그아웃. everywhere면 이 선수의 모든 기기다."""

    everywhere = FlagField(required=False, default=False)


class LoggedOut(serializers.Serializer):
    """이번에 끝난 들어온 기록의 수."""

    ended = serializers.IntegerField()


class SignedIn(serializers.Serializer):
    """들어온 선수와 그 토큰."""

    player_id = IdField()
    name = serializers.CharField()
    access_token = serializers.CharField()
    expires_in_s = serializers.IntegerField()
    refresh_token = serializers.CharField()
    refresh_expires_in_s = serializers.IntegerField()
