"""msgspec이 영어로 말하는 형의 잘못을 우리 오류로: 읽는 이의 언어로 말할 수 있게. 순수하다."""

from __future__ import annotations

import re
from collections.abc import Callable

from kernel.errors import InvalidArgument

_PLACE = re.compile(r"^(?P<what>.*?)(?: - at `\$\.?(?P<place>[^`]*)`)?$", re.DOTALL)
_VALUE_MAX_CHARS = 64


def wrong_field(told: str) -> InvalidArgument:
    """형의 잘못 하나. 모르는 말이면 계약과 다르다고만 한다."""
    found = _PLACE.match(told)
    what, place = (found["what"], found["place"] or "") if found else (told, "")
    for pattern, make in _RULES:
        if (rule := pattern.fullmatch(what)) is not None:
            return make(rule, place or "JSON")
    return InvalidArgument("칸이 계약과 다릅니다")


def _missing(rule: re.Match[str], _place: str) -> InvalidArgument:
    return InvalidArgument("{field} 칸이 없습니다", field=rule[1])


def _unknown(rule: re.Match[str], place: str) -> InvalidArgument:
    return InvalidArgument("{field}: 모르는 값입니다({value})", field=place, value=rule[1][:_VALUE_MAX_CHARS])


def _other_type(rule: re.Match[str], place: str) -> InvalidArgument:
    return InvalidArgument(
        "{field}: {wanted}이어야 합니다({got}이 왔습니다)", field=place, wanted=rule[1], got=rule[2]
    )


def _too_small(rule: re.Match[str], place: str) -> InvalidArgument:
    return InvalidArgument("{field}: {least} 이상이어야 합니다", field=place, least=rule[1])


def _too_big(rule: re.Match[str], place: str) -> InvalidArgument:
    return InvalidArgument("{field}: {most} 이하여야 합니다", field=place, most=rule[1])


def _too_long(rule: re.Match[str], place: str) -> InvalidArgument:
    return InvalidArgument("{field}: {most}자까지입니다", field=place, most=rule[1])


def _type(rule: re.Match[str], place: str) -> InvalidArgument:
    return InvalidArgument("{field}: {wanted}이어야 합니다", field=place, wanted=rule[1])


_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], str], InvalidArgument]], ...] = (
    (re.compile(r"Object missing required field `(.*)`"), _missing),
    (re.compile(r"Invalid value (.*)", re.DOTALL), _unknown),
    (re.compile(r"Expected `(.*)`, got `(.*)`"), _other_type),
    (re.compile(r"Expected `.*` >= (.*)"), _too_small),
    (re.compile(r"Expected `.*` <= (.*)"), _too_big),
    (re.compile(r"Expected `.*` of length <= (.*)"), _too_long),
    (re.compile(r"Expected `(.*)`"), _type),
)
