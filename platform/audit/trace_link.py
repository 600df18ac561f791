"""추적 번호를 추적 화면(Jaeger, Tempo 등)으로 잇는다. 주소는 설정이고 `{trace_id}`가 번호로 바뀐다."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString


def trace_link(url_template: str, trace_id: str) -> SafeString:
    """번호의 글. 주소를 알면 새 탭으로 여는 링크다."""
    if not url_template:
        return format_html("<code>{}</code>", trace_id)
    url = url_template.replace("{trace_id}", trace_id)
    return format_html('<a href="{}" target="_blank" rel="noopener"><code>{}</code></a>', url, trace_id)
