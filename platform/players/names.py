"""선수의 이름과 아이디의 규칙. 순수하다.

이름은 남에게 보이는 글이라 눈에 보여야 하고, 아이디는 로그인에만 쓰며 대소문자를 가리지 않는다.
"""

from __future__ import annotations

import re
from typing import Final

from kernel.errors import InvalidArgument
from text.visible import Fault, cluster_count, fault_of, visible_form

NAME_MAX_CHARS: Final = 24
NAME_MAX_CODE_POINTS: Final = 96
USERNAME_MIN_CHARS: Final = 3
USERNAME_MAX_CHARS: Final = 32
_USERNAME: Final = re.compile(r"[A-Za-z0-9_.-]{3,32}")
# 풀어 쓴 글도 이 안이다. 더 긴 글은 모양을 고쳐 보지도 않는다.
_RAW_MAX_CODE_POINTS: Final = 4 * NAME_MAX_CODE_POINTS


def clean_name(text: str) -> str:
    """이름을 저장할 모양 하나(text.visible.visible_form)로 만든다.

    사람이 세는 글자(자소 뭉치)로 1-24자이고, 저장할 칸이 있으니 코드포인트로도 96개까지다.

    Raises:
        InvalidArgument: 길이가 틀리거나, 보이지 않는 글자나 홀로 선 부호, 겹겹이 쌓인 부호가 있다.
    """
    if len(text) > _RAW_MAX_CODE_POINTS:
        raise InvalidArgument("이름은 1-{max_chars}자여야 합니다", max_chars=NAME_MAX_CHARS)
    name = visible_form(text)
    if not 1 <= cluster_count(name) <= NAME_MAX_CHARS:
        raise InvalidArgument("이름은 1-{max_chars}자여야 합니다", max_chars=NAME_MAX_CHARS)
    if len(name) > NAME_MAX_CODE_POINTS:
        raise InvalidArgument(
            "이름의 글자들이 너무 깁니다(코드포인트 {max_code_points}개까지)",
            max_code_points=NAME_MAX_CODE_POINTS,
        )
    match fault_of(name):
        case Fault.HIDDEN:
            raise InvalidArgument("이름에 보이지 않는 글자가 있습니다")
        case Fault.LONE_MARK:
            raise InvalidArgument("이름에 붙을 글자가 없는 부호가 있습니다")
        case Fault.STACKED_MARKS:
            raise InvalidArgument("이름에 부호가 너무 많이 붙은 글자가 있습니다")
    return name


def guest_name(player_id: str) -> str:
    """이름을 말하지 않은 손님의 이름. 같은 선수는 언제나 같다."""
    return f"손님-{player_id[-6:]}"


def clean_username(text: str) -> str:
    """아이디의 글자와 길이를 본다.

    Raises:
        InvalidArgument: 영문, 숫자, `_.-` 3-32자가 아니다.
    """
    if not _USERNAME.fullmatch(text):
        raise InvalidArgument("아이디는 영문, 숫자, _ . - 3-32자여야 합니다")
    return text


def username_key(username: str) -> str:
    """아이디를 견줄 때 쓰는 값. 대소문자만 다른 아이디는 같은 아이디다."""
    return username.lower()
