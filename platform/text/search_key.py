"""찾는 글의 열쇠: 저장할 때와 찾을 때 같은 함수로 만든다. 데이터베이스의 LOWER는 제 표로 접어 어긋난다."""

from __future__ import annotations

from typing import Final

import regex
import unicodedata2

KEY_MAX_CHARS: Final = 255
_IGNORED: Final = regex.compile(r"\p{Default_Ignorable_Code_Point}")
_SPACES: Final = regex.compile(r"\p{White_Space}+")


def search_key(text: str) -> str:
    """대소문자, 전각과 반각, 풀어 쓴 글자, 보이지 않는 이음매가 다른 글은 같은 열쇠다."""
    visible = _IGNORED.sub("", unicodedata2.normalize("NFKC", text))
    folded = visible.casefold().replace("i\u0307", "i")  # 터키의 İ도 i로 찾는다
    key: str = _SPACES.sub(" ", unicodedata2.normalize("NFKC", folded)).strip()
    return key[:KEY_MAX_CHARS]
