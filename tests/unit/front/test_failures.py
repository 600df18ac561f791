"""실패의 쪽: 읽는 이의 언어로, 돌아갈 길과 추적 번호를 갖고, 데이터베이스도 틀도 기대지 않는다."""

from __future__ import annotations

import re

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from front.failures import failure_answer, is_told
from kernel.errors import ERRORS_BY_CODE, HanpanError, InvalidArgument, Unavailable

CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"


def page(
    error: HanpanError, path: str = "/nowhere", status: int | None = None, **headers: str
) -> HttpResponse:
    request = RequestFactory().get(path, headers={"accept": CHROME, **headers})
    return failure_answer(request, error, status)


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("error_class", ERRORS_BY_CODE.values(), ids=ERRORS_BY_CODE.keys())
def test_every_error_has_a_page_in_one_language(error_class: type[HanpanError], language: str) -> None:
    answer = page(error_class(), **{"accept-language": language})
    text = answer.content.decode()
    assert answer.status_code == error_class.http_status
    assert answer["Content-Type"].startswith("text/html")
    assert answer["Content-Language"] == language
    assert f'<html lang="{language}">' in text
    assert bool(re.search("[가-힣]", text)) is (language == "ko")
    assert error_class.code in text


@pytest.mark.parametrize("status", [400, 405, 408, 414, 426, 431])
def test_a_status_of_http_alone_has_its_own_words(status: int) -> None:
    korean = page(InvalidArgument(), status=status).content.decode()
    english = page(InvalidArgument(), status=status, **{"accept-language": "de"}).content.decode()
    assert f">{status}<" in korean
    assert not re.search("[가-힣]", english)


@pytest.mark.parametrize(
    ("path", "ways"),
    [
        ("/nowhere", ["/", "/play/"]),
        ("/play/x", ["/", "/play/"]),
        ("/ops/x", ["/ops/", "/admin/", "/"]),
        ("/admin/x", ["/ops/", "/admin/", "/"]),
    ],
)
def test_a_page_has_a_way_back(path: str, ways: list[str]) -> None:
    text = page(InvalidArgument(), path).content.decode()
    assert re.findall('<a href="([^"]+)"', text) == ways


def test_the_trace_of_the_caller_is_told_and_the_wait_too() -> None:
    answer = page(Unavailable(retry_after_ms=1500), traceparent=f"00-{TRACE_ID}-b7ad6b7169203331-01")
    assert TRACE_ID in answer.content.decode()
    assert answer["Retry-After"] == "2"


def test_the_language_button_goes_before_the_header() -> None:
    request = RequestFactory().get("/x", headers={"accept": CHROME, "accept-language": "en"})
    request.COOKIES["django_language"] = "ko"
    assert failure_answer(request, InvalidArgument())["Content-Language"] == "ko"


def test_a_page_holds_no_inline_code_and_forbids_it() -> None:
    answer = page(InvalidArgument())
    text = answer.content.decode()
    assert not re.search(r"<style|<script|\sstyle=|\son[a-z]+=", text)
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "no-store"
    assert is_told(answer)
