"""선수의 이름과 아이디의 규칙. 순수하다.

이름은 남에게 보이는 글이라 눈에 보여야 하고, 아이디는 로그인에만 쓰며 대소문자를 가리지 않는다.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from kernel.errors import InvalidArgument

NAME_MAX_CHARS: Final = 24
USERNAME_MIN_CHARS: Final = 3
USERNAME_MAX_CHARS: Final = 32
_USERNAME: Final = re.compile(r"[A-Za-z0-9_.-]{3,32}")
# 글자로 분류되지만 아무것도 그리지 않는 것들: 한글 채움 문자와 빈 점자.
_BLANK_CHARS: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_HIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def clean_name(text: str) -> str:
    """이름을 저장할 모양(NFC, 앞뒤 빈칸 없음)으로 만든다.

    Raises:
        InvalidArgument: 1-24자가 아니거나 보이지 않는 글자가 있다. 문구는 사람이 읽는다.
    """
    name = unicodedata.normalize("NFC", text).strip()
    if not 1 <= len(name) <= NAME_MAX_CHARS:
        raise InvalidArgument("이름은 1-{max_chars}자여야 합니다", max_chars=NAME_MAX_CHARS)
    if any(_is_hidden(char) for char in name):
        raise InvalidArgument("이름에 보이지 않는 글자가 있습니다")
    if all(unicodedata.category(char).startswith("M") for char in name):
        raise InvalidArgument("이름에 보이는 글자가 있어야 합니다")
    return name


def _is_hidden(char: str) -> bool:
    category = unicodedata.category(char)
    return category in _HIDDEN_CATEGORIES or char in _BLANK_CHARS or (category == "Zs" and char != " ")


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
