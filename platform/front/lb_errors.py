"""로드 밸런서가 스스로 하는 답의 본문을 코드에서 그린다: JSON은 kernel.problem, 쪽은 실패의 쪽과 같다.

HAProxy의 log-format 글이다. 추적 번호와 언어는 요청마다 HAProxy가 채운다(`txn.trace_id`, `txn.en`).
`manage.py render_lb_errors`가 infra/lb/errors에 쓰고, 시험이 코드와 견준다.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from django.template.loader import render_to_string
from django.utils import translation

from front.failures import TEMPLATE, texts_of
from kernel.errors import (
    HanpanError,
    Internal,
    InvalidArgument,
    NotFound,
    PayloadTooLarge,
    RateLimited,
    Unavailable,
)
from kernel.languages import ENGLISH, KOREAN
from kernel.problem import problem_body

STYLE: Final = Path(__file__).parent / "static" / "front" / "failure.css"
_COMMENT: Final = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
TRACE_ID: Final = "%[var(txn.trace_id)]"
LANGUAGE: Final = "%[var(txn.lang)]"
_UNAVAILABLE: Final = Unavailable("서버가 제때 답하지 못했습니다. 잠시 뒤 다시 하십시오")
BODY_MAX_BYTES: Final = 65_536  # infra/lb/haproxy.cfg의 것과 같다(시험이 본다)
# 상태 → 오류. 나무의 상태보다 좁은 것은 HTTP에만 있는 실패다.
LB_ERRORS: Final[dict[int, HanpanError]] = {
    400: InvalidArgument("요청을 읽을 수 없습니다"),
    404: NotFound("그런 경로가 없습니다"),
    408: InvalidArgument("요청의 본문이 제때 오지 않았습니다"),
    413: PayloadTooLarge("본문은 {max_bytes}바이트까지입니다", max_bytes=BODY_MAX_BYTES),
    414: PayloadTooLarge("주소나 머리글이 너무 깁니다"),
    426: InvalidArgument("WebSocket 13판으로 이어야 하는 경로입니다"),
    429: RateLimited("지금은 요청이 너무 많습니다"),
    431: PayloadTooLarge("주소나 머리글이 너무 깁니다"),
    500: Internal(),
    502: _UNAVAILABLE,
    503: _UNAVAILABLE,
    504: _UNAVAILABLE,
}


def rendered_errors() -> Iterator[tuple[str, str]]:
    """파일 이름과 그 글."""
    for status, error in LB_ERRORS.items():
        yield f"{status}.json", _problem(error, status)
        yield f"{status}.html", _page(error, status)


def _problem(error: HanpanError, status: int) -> str:
    blanks = _Blanks()
    body = problem_body(error, trace_id=blanks.of(TRACE_ID), status=status, language=KOREAN)
    for field, in_english in (("title", error.title_in(ENGLISH)), ("detail", error.detail_in(ENGLISH))):
        body[field] = blanks.by_language(str(body[field]), in_english)
    return blanks.fill(json.dumps(body, ensure_ascii=False, separators=(",", ":")))


def _page(error: HanpanError, status: int) -> str:
    blanks = _Blanks()
    texts = texts_of(error, status)
    style = _COMMENT.sub("", STYLE.read_text("utf-8")).strip()
    context = {
        "language": blanks.of(LANGUAGE),
        "status": status,
        "code": error.code,
        "trace_id": blanks.of(TRACE_ID),
        "heading": blanks.translated(texts.heading),
        "advice": blanks.translated(texts.advice),
        "site": blanks.translated("한판"),
        "ways": [("/", blanks.translated("첫 쪽")), ("/play/", blanks.translated("선수 화면"))],
        "trace_label": blanks.translated("추적 번호"),
        "style": style,
        "style_hash": base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    }
    return blanks.fill(render_to_string(TEMPLATE, context))


class _Blanks:
    """HAProxy가 채울 자리들. 글을 다 그린 뒤 `%`를 막고 나서 채운다."""

    def __init__(self) -> None:
        self._expressions: list[str] = []

    def of(self, expression: str) -> str:
        """식 하나의 자리."""
        self._expressions.append(expression)
        return f"@@{len(self._expressions) - 1}@@"

    def by_language(self, korean: str, english: str) -> str:
        """언어에 따라 둘 가운데 하나인 자리."""
        for text in (korean, english):
            if set(text) & set("'\"\\%<>&"):
                raise ValueError(f"HAProxy의 글에 쓸 수 없는 글자가 있습니다: {text}")
        return self.of(f'%[var(txn.en),iif("{english}","{korean}")]')

    def translated(self, source: str) -> str:
        """gettext의 원문 하나의 자리."""
        with translation.override(ENGLISH):
            in_english = translation.gettext(source)
        if in_english == source:
            raise ValueError(f"영어가 없는 글입니다: {source}")
        return self.by_language(source, in_english)

    def fill(self, text: str) -> str:
        """그린 글에 식을 넣는다."""
        text = text.replace("%", "%%")
        for number, expression in enumerate(self._expressions):
            text = text.replace(f"@@{number}@@", expression)
        return text
