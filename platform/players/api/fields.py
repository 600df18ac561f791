"""DRF의 칸: 형이 다르면 고쳐 읽지 않고 거절한다. 부르는 쪽이 보는 모든 번호와 글의 칸이 이것이다."""

from __future__ import annotations

from django.utils.translation import get_language
from rest_framework import serializers

from kernel.ids import read_id
from kernel.messages import tell


class TextField(serializers.CharField):
    """JSON의 글만 받는다. DRF의 CharField는 숫자도 글로 바꿔 받는다."""

    def to_internal_value(self, data: object) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError(tell("글이어야 합니다", get_language()), code="invalid")
        return super().to_internal_value(data)


class FlagField(serializers.BooleanField):
    """JSON의 참과 거짓만 받는다. DRF의 BooleanField는 "yes"나 1도 참으로 읽는다."""

    def to_internal_value(self, data: object) -> bool:
        if not isinstance(data, bool):
            raise serializers.ValidationError(
                tell("참이나 거짓이어야 합니다", get_language()), code="invalid"
            )
        return data


class IdField(serializers.UUIDField):
    """번호. 대소문자만 다른 글은 같은 번호이고, 늘 우리 표기의 글로 준다.

    DRF의 UUIDField는 정수와 하이픈 없는 글, `urn:uuid:`, 중괄호도 받는다.
    """

    def to_internal_value(self, data: object) -> str:  # type: ignore[override]
        found = read_id(data)
        if found is None:
            told = tell("하이픈이 있는 36자의 UUID여야 합니다", get_language())
            raise serializers.ValidationError(told, code="invalid")
        return found
