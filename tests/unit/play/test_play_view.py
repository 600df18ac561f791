"""/play/ 쪽: 우리 파일만 읽는 정책을 지키고, 가리키는 파일이 모두 있다."""

from __future__ import annotations

import re

import pytest
from django.contrib.staticfiles import finders
from django.test import RequestFactory

from play.views import PlayView


@pytest.fixture(name="page")
def _page(rf: RequestFactory) -> str:
    response = PlayView.as_view()(rf.get("/play/", headers={"host": "localhost"}))
    return str(response.render().content.decode())


def test_the_page_forbids_inline_code_and_foreign_hosts(rf: RequestFactory) -> None:
    response = PlayView.as_view()(rf.get("/play/", headers={"host": "localhost"}))
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_the_policy_names_the_socket_of_the_same_host(rf: RequestFactory) -> None:
    response = PlayView.as_view()(rf.get("/play/", headers={"host": "localhost:8080"}))
    policy = response.headers["Content-Security-Policy"]
    assert "connect-src 'self' ws://localhost:8080 wss://localhost:8080" in policy


def test_the_page_holds_no_inline_script_or_style(page: str) -> None:
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page))


def test_every_file_the_page_names_exists(page: str) -> None:
    names = re.findall(r'(?:src|href)="/static/([^"]+)"', page)
    assert len(names) >= 5
    assert [name for name in names if finders.find(name) is None] == []


def test_the_client_module_is_served_beside_the_page() -> None:
    assert finders.find("hanpan/index.js")
    assert finders.find("hanpan/test/client.test.js") is None


def test_the_page_only_answers_reads(rf: RequestFactory) -> None:
    view = PlayView.as_view()
    assert view(rf.head("/play/", headers={"host": "localhost"})).status_code == 200
    assert view(rf.post("/play/", headers={"host": "localhost"})).status_code == 405
