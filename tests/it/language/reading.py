"""답에서 사람이 읽는 글만 뽑고, 남의 언어로 쓰인 것을 찾는다."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

HANGUL = re.compile(r"[가-힣ㄱ-ㆎ]")
# 한국어 글에 그대로 두는 이 분야의 말과 이름. 소문자로 견준다.
TERMS = frozenset(
    """
    access admin agent any api arena asc at bearer blank body boolean boot bot bots claim code control cookie
    cpu csrf csv cursor delta desc drain duel en epoch finalize gateway gateways gmt hanpan hello http
    https hz id ids integer ip join json jwt kib ko lb ldap limit list local login mac mariadb
    matchmaking mib mode ms mu null on openapi openskill operator origin otlp ping platform player
    players pool post preview problem prometheus redis region resume roll rss seconds server session
    sessions sigma sign single slo slos snapshot staff status string tick ticket ticks token trace
    undrain url utc utf uuid version viewer websocket ws
    """.split()  # noqa: SIM905 - 낱말마다 따옴표를 달면 읽을 수 없다
)
# 언어 단추가 보이는 이름들. 어느 언어의 쪽에나 있다.
LANGUAGE_NAMES = {"한국어", "English", "ko", "en"}
_ENGLISH_WORD = re.compile(r"[A-Za-z][A-Za-z’']+")
_IDENTIFIER = re.compile(
    r"""https?://\S+|/[\w./{}<>:?=&%-]+|[\w.+-]+@[\w.-]+|--[\w-]+      # 주소, 경로, 명령의 칸
    |\b[\w-]*[\d_][\w-]*\b|\b[A-Z][A-Z_]{2,}\b|\b(?:[A-Z][a-z]+){2,}\b
    |\b\w+(?:\.\w+)+\b|\b\w+(?:[:=]\w+)+\b  # 이름과 코드
    |"\w+"|`[^`]*`""",
    re.VERBOSE | re.ASCII,
)


class _Reader(HTMLParser):
    """보이는 글과 읽히는 속성들을 모은다."""

    UNREAD = frozenset({"script", "style", "code", "pre", "svg", "kbd", "template"})
    EMPTY = frozenset({"meta", "link", "img", "input", "br", "hr", "base", "source", "wbr", "col"})
    SPOKEN = ("title", "aria-label", "placeholder", "alt", "data-confirm")

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._unread_depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "meta" and given.get("name") == "description":
            self._hear(given.get("content"))
        if self._unread_depth or self._is_unread(tag, given):
            self._unread_depth += tag not in self.EMPTY
            return
        for name in self.SPOKEN:
            self._hear(given.get(name))
        if tag == "input" and given.get("type") in {"submit", "button", "reset"}:
            self._hear(given.get("value"))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self._unread_depth and tag not in self.EMPTY:
            self._unread_depth -= 1

    def handle_endtag(self, tag: str) -> None:
        if self._unread_depth and tag not in self.EMPTY:
            self._unread_depth -= 1

    def handle_data(self, data: str) -> None:
        if not self._unread_depth:
            self._hear(data)

    def _is_unread(self, tag: str, given: dict[str, str | None]) -> bool:
        """그림 글꼴의 이름, 그리고 제 언어를 스스로 말하는 조각(언어 단추)은 글이 아니다."""
        classes = (given.get("class") or "").split()
        is_icon = any(name.startswith("material-symbols") or name == "icon" for name in classes)
        names_its_language = tag != "html" and (
            "lang" in given or given.get("name") == "language" or "data-language" in given
        )
        return tag in self.UNREAD or is_icon or names_its_language

    def _hear(self, text: str | None) -> None:
        if text and text.strip():
            self.texts.append(" ".join(text.split()))


def page_texts(body: str) -> list[str]:
    """HTML에서 보이는 글과 읽히는 속성들."""
    reader = _Reader()
    reader.feed(body)
    return reader.texts


def json_texts(value: Any, key: str = "") -> Iterator[str]:
    """JSON에서 사람이 읽는 칸들. 칸의 이름은 계약이라 글이 아니다."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name == "detail" and isinstance(item, str):
                yield from (re.sub(r"^[\w.\[\]]+: ", "", part) for part in item.split("; "))
            else:
                yield from json_texts(item, str(name))
    elif isinstance(value, list):
        for item in value:
            yield from json_texts(item, key)
    elif isinstance(value, str) and key in {"title", "description", "summary", "message", "note"}:
        yield value.partition("\n\n* `")[0]  # 스키마의 고르는 값들


def texts_of(content_type: str, body: str) -> list[str]:
    """답 하나의 글들."""
    if "json" in content_type:
        return list(json_texts(json.loads(body)))
    return page_texts(body) if "html" in content_type else []


def foreign(text: str, language: str, data: frozenset[str] = frozenset()) -> str:
    """그 언어의 답에 있으면 안 되는 글이면 그 글, 아니면 빈 글. `data`는 이름 같은 자료다."""
    left = "" if text in LANGUAGE_NAMES else text
    for known in sorted(data, key=len, reverse=True):
        left = left.replace(known, " ")
    if language == "en":
        return text if HANGUL.search(left) else ""
    words = _ENGLISH_WORD.findall(_IDENTIFIER.sub(" ", left))
    return text if any(word.lower().strip("’'") not in TERMS for word in words) else ""
