"""눈에 보이는 글인가. 이름처럼 남에게 보이는 한 줄의 글이 지키는 규칙이고 순수하다.

파이썬 3.11의 표(유니코드 14)가 아니라 새로운 표(regex, unicodedata2)를 본다. 보이지 않는 코드포인트는 뜻이
있는 자리에서만 받는다: 이모지 한 벌 안의 이음매와 꼴 고르개, 페르시아 글의 띄움(ZWNJ), 인도 글의 이음(ZWJ).
"""

from __future__ import annotations

from enum import Enum
from typing import Final

import regex
import unicodedata2

# 부호가 여럿 쌓이는 것이 글인 문자들(인도, 미얀마, 크메르, 티베트 따위)과 모음점의 히브리.
_STACKING: Final = regex.compile(
    r"[\p{Deva}\p{Beng}\p{Guru}\p{Gujr}\p{Orya}\p{Taml}\p{Telu}\p{Knda}\p{Mlym}\p{Sinh}\p{Mymr}\p{Khmr}\p{Tibt}"
    r"\p{Bali}\p{Java}\p{Sund}\p{Lana}\p{Cham}\p{Mong}\p{Limb}\p{Lepc}\p{Mtei}\p{Newa}\p{Tirh}\p{Hebr}]"
)
MARKS_MAX: Final = 2
MARKS_MAX_STACKING: Final = 4

# 이모지 한 벌: 꼴 고르개(FE0F)는 이모지인 글자에만, 피부색, 깃발의 꼬리표, ZWJ로 이은 것. 앞으로 생길
# 이모지의 빈자리도 Extended_Pictographic이다.
_PICTURE: Final = (
    r"(?:\U0001F3F4[\U000E0030-\U000E0039\U000E0061-\U000E007A]{3,6}\U000E007F"
    r"|\p{Extended_Pictographic}\p{Emoji_Modifier}|(?=\p{Emoji})\p{Extended_Pictographic}\uFE0F"
    r"|\p{Extended_Pictographic})"
)
_EMOJI: Final = regex.compile(rf"{_PICTURE}(?:\u200D{_PICTURE})*+|[0-9#*]\uFE0F?\u20E3")
# 뜻이 있는 이음매: 붙는 두 글자 사이의 ZWNJ, 비라마 뒤의 ZWNJ와 ZWJ, 벵골의 ZWJ+비라마, 말라얄람의 낱말 끝.
_JOINER: Final = regex.compile(
    r"(?<=[\p{Joining_Type=L}\p{Joining_Type=D}]\p{M}*)\u200C(?=\p{M}*[\p{Joining_Type=R}\p{Joining_Type=D}])"
    r"|(?<=\p{ccc=9})[\u200C\u200D](?=\p{L})|(?<=\p{L})\u200D(?=\p{ccc=9}\p{L})|(?<=\u0D4D)\u200D"
)
# 아랍 문자에서 아무 꼴도 바꾸지 않는 ZWNJ. 자판이 넣은 것이라 거절하지 않고 뺀다.
_IDLE_ZWNJ: Final = regex.compile(rf"(?:{_JOINER.pattern})(*SKIP)(*FAIL)|(?<=\p{{Arab}}\p{{M}}*)\u200C+")
_NEEDLESS_FE0F: Final = regex.compile(r"(?<=\p{Emoji_Presentation})\uFE0F")
_RUNS: Final = regex.compile(r"([ \u200C])\1+")
_EDGES: Final = regex.compile(r"^[\p{White_Space}]+|[\p{White_Space}]+$")
# 글자로 분류되지만 아무것도 그리지 않는 것들: 빈 점자와 음표, 물체와 깨진 글자의 자리, 이집트 글의 빈칸,
# 거란 글의 채움.
_BLANK: Final = r"\u2800\U0001D159\uFFFC\uFFFD\U00013441\U00013442\U00016FE4"
_HIDDEN: Final = regex.compile(
    rf"[\p{{Cc}}\p{{Cf}}\p{{Cs}}\p{{Co}}\p{{Zl}}\p{{Zp}}\p{{Default_Ignorable_Code_Point}}{_BLANK}]"
    r"|(?! )\p{Zs}|(?!\p{Extended_Pictographic})\p{Cn}"
)
_LONE_MARK: Final = regex.compile(r"(?<![\p{L}\p{N}\p{M}])\p{M}|\p{Me}")
_MARKED: Final = regex.compile(r"[\p{L}\p{N}]\p{M}+")
_CLUSTER: Final = regex.compile(r"\X")
_STAND_IN: Final = "\u263a"


class Fault(Enum):
    """보이는 글이 아닌 까닭."""

    HIDDEN = "hidden"
    LONE_MARK = "lone_mark"
    STACKED_MARKS = "stacked_marks"


def visible_form(text: str) -> str:
    """저장할 모양 하나: NFC, 앞뒤 빈칸 없음, 이은 빈칸은 하나, 하는 일 없는 이음매와 꼴 고르개 없음.

    하나를 빼면 그 뒤의 것이 또 하는 일을 잃을 수 있어(이모지 뒤의 FE0F 둘) 더 바뀌지 않을 때까지 한다.
    걸음마다 글이 짧아지므로 끝이 있다. 부르는 쪽이 길이를 먼저 막는다.
    """
    form = ""
    while form != text:
        form, text = text, _cleaned(text)
    return form


def _cleaned(text: str) -> str:
    form = _EDGES.sub("", unicodedata2.normalize("NFC", text))
    form = _NEEDLESS_FE0F.sub("", _IDLE_ZWNJ.sub("", _RUNS.sub(r"\1", form)))
    return str(unicodedata2.normalize("NFC", form))


def fault_of(text: str) -> Fault | None:
    """`visible_form`의 글이 왜 보이는 글이 아닌지. 보이면 None이다(빈 글도)."""
    plain = _JOINER.sub("", _EMOJI.sub(_STAND_IN, text))
    if _HIDDEN.search(plain):
        return Fault.HIDDEN
    if _LONE_MARK.search(plain):
        return Fault.LONE_MARK
    if any(_is_stacked(found[0]) for found in _MARKED.finditer(plain)):
        return Fault.STACKED_MARKS
    return None


def cluster_count(text: str) -> int:
    """사람이 세는 글자의 수(자소 뭉치)."""
    return sum(1 for _ in _CLUSTER.finditer(text))


def _is_stacked(marked: str) -> bool:
    """한 글자에 부호가 너무 쌓였는가. 미리 지어진 글자(ễ)의 부호도 세고, 같은 부호는 두 번 붙지 않는다."""
    marks = [char for char in unicodedata2.normalize("NFD", marked) if unicodedata2.category(char)[0] == "M"]
    limit = MARKS_MAX_STACKING if _STACKING.match(marked) else MARKS_MAX
    return len(marks) > limit or len(set(marks)) != len(marks)
