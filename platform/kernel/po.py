"""번역 파일(.po)을 읽어 표준 라이브러리의 gettext가 아는 모양으로 만든다. 표준 라이브러리만 안다.

.mo는 만들어 두지 않는다: 바이너리라 커밋하지 않고, 굽는 단계를 따로 두면 잊는다. 도구(makemessages, 번역
편집기)는 .po를 그대로 다룬다. 문맥(msgctxt)과 여러 꼴(msgid_plural)을 안다.
"""

from __future__ import annotations

import ast
import gettext
import io
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

_MO_MAGIC = 0x950412DE
_MO_HEADER_BYTES = 28
_KEYWORD = re.compile(r"(msgctxt|msgid_plural|msgid|msgstr)(?:\[(\d)\])? (.*)")
CONTEXT_MARK = "\x04"
FORM_MARK = "\0"


class PoError(ValueError):
    """읽을 수 없는 .po. 몇 째 줄인지 문구에 있다."""


@dataclass(slots=True)
class PoEntry:
    """번역 하나. 여러 꼴이 없으면 `plural`은 비었고 `forms`는 하나다."""

    source: str = ""
    plural: str = ""
    context: str = ""
    forms: dict[int, str] = field(default_factory=dict)

    @property
    def translation(self) -> str:
        """첫째 꼴."""
        return self.forms.get(0, "")

    @property
    def is_translated(self) -> bool:
        """모든 꼴이 있다."""
        return bool(self.forms) and all(self.forms.values())


def read_po(text: str) -> list[PoEntry]:
    """적힌 차례대로의 번역들. 원문이 빈 첫 항목은 머리말이고, 번역하지 않은 것은 없다.

    Raises:
        PoError: 모르는 줄이다.
    """
    entries: list[PoEntry] = []
    entry, keyword, form = PoEntry(), "", 0
    for number, line in enumerate([*text.splitlines(), 'msgid ""'], start=1):
        if not line or line.startswith("#"):
            continue
        if line.startswith('"') and keyword:
            _append(entry, keyword, form, _unquoted(line, number))
            continue
        if (found := _KEYWORD.fullmatch(line)) is None:
            raise PoError(f"{number}째 줄을 읽을 수 없습니다: {line}")
        if keyword == "msgstr" and found[1] in {"msgctxt", "msgid"}:
            entries.append(entry)
            entry = PoEntry()
        keyword, form = found[1], int(found[2] or 0)
        _append(entry, keyword, form, _unquoted(found[3], number))
    return [entry for entry in entries if entry.is_translated]


def _append(entry: PoEntry, keyword: str, form: int, text: str) -> None:
    match keyword:
        case "msgctxt":
            entry.context += text
        case "msgid":
            entry.source += text
        case "msgid_plural":
            entry.plural += text
        case _:
            entry.forms[form] = entry.forms.get(form, "") + text


def _unquoted(quoted: str, number: int) -> str:
    try:
        text = ast.literal_eval(quoted)
    except (SyntaxError, ValueError) as error:
        raise PoError(f"{number}째 줄의 따옴표가 틀렸습니다: {quoted}") from error
    if not isinstance(text, str):
        raise PoError(f"{number}째 줄이 글이 아닙니다: {quoted}")
    return text


def load_catalog(path: Path) -> gettext.GNUTranslations:
    """파일 하나의 번역. 여러 꼴의 규칙은 머리말의 Plural-Forms를 따른다."""
    return gettext.GNUTranslations(io.BytesIO(compile_catalog(read_po(path.read_text("utf-8")))))


def compile_catalog(entries: Iterable[PoEntry]) -> bytes:
    """표준 라이브러리의 gettext가 읽는 .mo의 바이트. 파일로 남기지 않는다."""
    pairs = sorted((_key(entry).encode(), _value(entry).encode()) for entry in entries)
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


def _key(entry: PoEntry) -> str:
    context = entry.context + CONTEXT_MARK if entry.context else ""
    return context + entry.source + (FORM_MARK + entry.plural if entry.plural else "")


def _value(entry: PoEntry) -> str:
    return FORM_MARK.join(text for _, text in sorted(entry.forms.items()))
