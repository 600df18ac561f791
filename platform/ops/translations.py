"""운영 화면의 번역. 한국어가 원문이고, 영어는 커밋된 .po를 앱이 뜰 때 바로 읽는다.

.mo는 만들지 않는다: 바이너리라 커밋하지 않고, 굽는 단계를 따로 두면 잊는다. 도구(makemessages, 번역 편집기)는
.po를 그대로 다룬다.
"""

from __future__ import annotations

import ast
import gettext
import io
import struct
from pathlib import Path

from django.utils.translation import trans_real

PO_FILES = {"en": Path(__file__).parent / "locale" / "en" / "LC_MESSAGES" / "django.po"}
_MO_MAGIC = 0x950412DE
_MO_HEADER_BYTES = 28


class PoError(ValueError):
    """읽을 수 없는 .po. 몇 째 줄인지 문구에 있다."""


def install_translations() -> None:
    """Django의 번역에 우리 글을 더한다. 여러 번 불러도 같다."""
    for language, path in PO_FILES.items():
        catalog = gettext.GNUTranslations(io.BytesIO(compile_catalog(read_po(path.read_text("utf-8")))))
        trans_real.translation(language).merge(catalog)


def read_po(text: str) -> dict[str, str]:
    """원문 → 번역. 빈 원문은 머리말이고, 번역하지 않은 글은 없다. 여러 꼴(plural)과 문맥은 쓰지 않는다.

    Raises:
        PoError: 모르는 줄이다.
    """
    messages: dict[str, str] = {}
    parts = {"msgid": "", "msgstr": ""}
    field = ""
    for number, line in enumerate([*text.splitlines(), 'msgid ""'], start=1):
        keyword, _, quoted = line.partition(" ")
        if keyword in parts:
            if keyword == "msgid" and field:
                messages[parts["msgid"]] = parts["msgstr"]
                parts = {"msgid": "", "msgstr": ""}
            field = keyword
        elif line.startswith('"') and field:
            quoted = line
        elif not line or line.startswith("#"):
            continue
        else:
            raise PoError(f"{number}째 줄을 읽을 수 없습니다: {line}")
        parts[field] += _unquoted(quoted, number)
    return {source: translated for source, translated in messages.items() if translated}


def _unquoted(quoted: str, number: int) -> str:
    try:
        text = ast.literal_eval(quoted)
    except (SyntaxError, ValueError) as error:
        raise PoError(f"{number}째 줄의 따옴표가 틀렸습니다: {quoted}") from error
    if not isinstance(text, str):
        raise PoError(f"{number}째 줄이 글이 아닙니다: {quoted}")
    return text


def compile_catalog(messages: dict[str, str]) -> bytes:
    """표준 라이브러리의 gettext가 읽는 .mo의 바이트. 파일로 남기지 않는다."""
    pairs = sorted((source.encode(), translated.encode()) for source, translated in messages.items())
    table_bytes = 8 * len(pairs)
    offset = _MO_HEADER_BYTES + 2 * table_bytes
    tables, body = [], b""
    for side in (0, 1):
        for pair in pairs:
            tables.append(struct.pack("<II", len(pair[side]), offset + len(body)))
            body += pair[side] + b"\0"
    header = struct.pack(
        "<7I", _MO_MAGIC, 0, len(pairs), _MO_HEADER_BYTES, _MO_HEADER_BYTES + table_bytes, 0, 0
    )
    return header + b"".join(tables) + body
