"""/play/의 파일: 쪽이 가리키고 모듈이 들여오는 것이 모두 LB를 지나 온다(이미지에서 빠진 파일을 잡는다)."""

from __future__ import annotations

import re
from urllib.parse import urljoin
from urllib.request import urlopen

import pytest

PAGE = "http://localhost:8080/play/"
WAIT_S = 10.0


def fetch(url: str) -> tuple[str, str, str]:
    """주소의 본문, 종류, CSP."""
    with urlopen(url, timeout=WAIT_S) as answer:  # noqa: S310 - 시험의 LB 주소다
        headers = answer.headers
        return answer.read().decode(), headers.get_content_type(), headers.get("Content-Security-Policy", "")


@pytest.mark.smoke
def test_the_page_and_every_file_it_needs_are_served() -> None:
    body, kind, policy = fetch(PAGE)
    assert kind == "text/html"
    assert "script-src 'self'" in policy
    waiting = [urljoin(PAGE, path) for path in re.findall(r'(?:src|href)="(/static/[^"]+)"', body)]
    seen: dict[str, str] = {}
    while waiting:
        url = waiting.pop()
        if url in seen:
            continue
        text, seen[url], _ = fetch(url)
        if url.endswith(".js"):
            imports = re.findall(r'^(?:import|export)\b[^;]*?from "([^"]+)";', text, flags=re.MULTILINE)
            waiting += [urljoin(url, path) for path in imports]
    assert {kind for url, kind in seen.items() if url.endswith(".js")} == {"text/javascript"}
    assert any("/hanpan/wire.js" in url for url in seen), "JS 클라이언트가 없다"
