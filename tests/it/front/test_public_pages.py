"""누구나 보는 쪽: 문 넷, 정직한 상태, API 안내, 그리고 저장소가 멎은 때의 실패의 쪽."""

from __future__ import annotations

import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from front.health import shared_check
from redisstore.client import SyncRedis
from tests.it.fleet.conftest import Register

CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
PAGES = ("/", "/status/", "/docs/")
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis")]


def browser(language: str = "ko", **headers: str) -> Client:
    return Client(
        headers={"accept": CHROME, "accept-language": language, "host": "localhost:8080", **headers}
    )


@pytest.fixture(autouse=True)
def _fresh_check() -> None:
    shared_check.cache_clear()


def test_the_first_page_has_four_doors_that_open() -> None:
    client = browser()
    text = client.get("/").content.decode()
    doors = re.findall(r'class="door" id="door-(\w+)" href="([^"]+)"', text)
    assert [name for name, _ in doors] == ["play", "ops", "docs", "status"]
    for _name, address in doors:
        assert client.get(address, follow=True).status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_a_public_page_speaks_one_language_and_changes_it(page: str) -> None:
    client = browser("en-GB")
    text = client.get(page).content.decode()
    assert '<html lang="en">' in text
    assert not re.search("[가-힣]", re.sub(r"<button[^>]*lang=\"ko\"[^>]*>[^<]*<", "<", text))
    changed = client.post("/i18n/setlang/", {"language": "ko", "next": page}, follow=True)
    assert '<html lang="ko">' in changed.content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_a_public_page_holds_no_inline_code_and_only_our_files(page: str) -> None:
    response = browser().get(page)
    text = response.content.decode()
    assert not re.search(r"<style|<script|\sstyle=|\son[a-z]+=", text)
    assert response["Content-Security-Policy"].startswith("default-src 'none'")
    names = re.findall(r'(?:src|href)="/static/([^"]+)"', text)
    assert names
    assert [name for name in names if finders.find(name) is None] == []


@pytest.mark.usefixtures("matchmaking")
def test_everything_up_is_told_as_up(register: Register) -> None:
    register("session1")
    client = browser(**{"x-gateways-up": "2"})
    assert "모두 살아 있습니다" in client.get("/status/").content.decode()
    told = client.get("/status/", headers={"accept": "application/json"}).json()
    assert told == {
        "status": "up",
        "parts": dict.fromkeys(
            ("load_balancer", "platform", "gateways", "matchmaking", "game_servers", "database", "redis"),
            "up",
        ),
    }


@pytest.mark.usefixtures("no_matchmaking")
def test_nobody_is_told_that_everything_is_up_while_no_match_can_be_made(register: Register) -> None:
    register("session1")
    client = browser(**{"x-gateways-up": "2"})
    assert "살아 있지 않은 것이 있습니다" in client.get("/status/").content.decode()
    told = client.get("/status/", headers={"accept": "application/json"}).json()
    assert told["status"] == "degraded"
    assert [name for name, health in told["parts"].items() if health != "up"] == ["matchmaking"]


def test_what_is_not_known_is_not_told_as_up(redis: SyncRedis) -> None:
    told = browser(accept="application/json").get("/status/").json()
    assert told["status"] == "degraded"
    assert (told["parts"]["gateways"], told["parts"]["load_balancer"]) == ("unknown", "unknown")
    assert told["parts"]["game_servers"] == "down", "판을 받는 서버가 하나도 없다"


def test_no_gateway_left_is_told() -> None:
    told = browser(accept="application/json", **{"x-gateways-up": "0"}).get("/status/").json()
    assert (told["parts"]["gateways"], told["parts"]["load_balancer"]) == ("down", "up")


@pytest.mark.usefixtures("stopped_redis")
def test_a_stopped_redis_is_told_and_the_page_stands() -> None:
    client = browser()
    text = client.get("/status/").content.decode()
    assert "살아 있지 않은 것이 있습니다" in text
    assert 'data-health="down"' in text
    assert 'data-health="unknown"' in text


def test_the_status_tells_no_address_and_no_number() -> None:
    text = browser().get("/status/").content.decode()
    assert not re.search(r"\d+\.\d+\.\d+\.\d+|:3306|:6379", text)


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize(
    ("path", "status"),
    [("/nowhere", 404), ("/ops/nowhere/", 404), ("/play/nowhere", 404), ("/static/nowhere.css", 404)],
)
def test_an_unknown_page_is_a_page_with_a_way_back(path: str, status: int, language: str) -> None:
    response = browser(language).get(path)
    text = response.content.decode()
    assert response.status_code == status
    assert f'<html lang="{language}">' in text
    assert response["Content-Language"] == language
    assert 'href="/"' in text
    assert bool(re.search("[가-힣]", text)) is (language == "ko")


def test_a_wrong_method_is_a_page_for_a_browser_and_a_problem_for_a_program() -> None:
    page = browser().post("/play/")
    assert (page.status_code, page["Content-Type"]) == (405, "text/html; charset=utf-8")
    assert "그렇게 열 수 없습니다" in page.content.decode()
    assert page["Allow"]
    problem = Client(headers={"host": "localhost:8080"}).post("/play/")
    assert (problem.status_code, problem["Content-Type"]) == (405, "application/problem+json")
    assert problem.json()["code"] == "INVALID_ARGUMENT"


def test_an_unknown_host_is_refused_with_a_page() -> None:
    response = browser(host="evil.example").get("/play/")
    assert response.status_code == 400
    assert "주소가 올바르지 않습니다" in response.content.decode()
