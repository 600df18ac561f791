"""요청 본문의 JSON을 읽는다. 크기는 http_handler가 이미 보았다."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

import msgspec
from django.utils.translation import gettext
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.parsers import BaseParser


class StrictJSONParser(BaseParser):
    """UTF-8 JSON만. 깊이 겹친 본문에도 무너지지 않는다(DRF의 것은 RecursionError로 500이 된다)."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """객체를 읽는다.

        Raises:
            ParseError: JSON이 아니다.
            ValidationError: JSON이지만 객체가 아니다. DRF는 null에 번역되지 않는 영어로 답한다.
        """
        try:
            body = msgspec.json.decode(stream.read())
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise ParseError(gettext("본문이 JSON이 아닙니다")) from error
        if not isinstance(body, dict):
            raise ValidationError(gettext("본문은 JSON 객체여야 합니다"))
        return body
