"""추적 번호를 추적 화면(Jaeger, Tempo 등)으로 잇는다. 주소는 설정이고 `{trace_id}`가 번호로 바뀐다."""

from __future__ import annotations

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString

NOTHING = "–"


def trace_link(trace_id: str) -> SafeString | str:
    """번호의 글. 주소를 알면 새 탭으로 여는 링크이고, 번호가 없으면 줄 하나다."""
    if not trace_id:
        return NOTHING
    if not settings.TRACE_URL:
        return format_html("<code>{}</code>", trace_id)
    url = settings.TRACE_URL.replace("{trace_id}", trace_id)
    return format_html('<a href="{}" target="_blank" rel="noopener"><code>{}</code></a>', url, trace_id)
