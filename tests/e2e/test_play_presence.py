"""/play/의 자리: 기다림과 판은 새로고침, 오프라인, 멈춘 서버를 견디고, 놓친 결과는 돌아와서 본다."""

from __future__ import annotations

import math
import uuid

import pytest
from playwright.sync_api import expect

from stack.runtime import Runtime
from tests.e2e.browser import BASE_URL, MATCH_WAIT_MS, MY_RESULT, Tab

NOTICED_MS = 1_000


def a_name(word: str) -> str:
    return f"{word}-{uuid.uuid4().hex[:6]}"


def meet(tabs: tuple[Tab, Tab], mode: str) -> None:
    """둘이 한 판을 시작한다."""
    for tab, word in zip(tabs, ("노을", "Sky"), strict=True):
        tab.play(a_name(word), mode)
    for tab in tabs:
        tab.see("#match")


def be_live(tab: Tab, live: bool, timeout_ms: float = MATCH_WAIT_MS) -> None:
    expect(tab.page.locator("#clock-box")).to_have_attribute(
        "data-live", str(live).lower(), timeout=timeout_ms
    )


def test_the_opponent_is_shown_for_the_countdown_of_the_server(tabs: tuple[Tab, Tab]) -> None:
    meet(tabs, "duel")
    for tab, other in (tabs, tabs[::-1]):
        assert tab.screens()[-3:] == ["queue", "found", "match"]
        starts_in_ms = tab.last_heard("match.start")["starts_in_ms"]
        assert starts_in_ms > 0
        # 서버가 말한 초부터 1까지 빠짐없이 보인다(1.5초면 2와 1).
        counts = [str(number) for number in range(math.ceil(starts_in_ms / 1000), 0, -1)]
        assert tab.page.evaluate("seen.counts")[: len(counts)] == counts
        names = {player["name"] for player in tab.last_heard("match.found")["players"]}
        shown = tab.page.locator("#found-players").text_content() or ""
        assert len(names) == 2
        assert all(name in shown for name in names)
        assert tab.player_id() != other.player_id()


def test_a_reload_keeps_waiting_in_the_queue(tabs: tuple[Tab, Tab]) -> None:
    korean, english = tabs
    korean.play(a_name("기다림"), "duel")
    korean.see("#queue")
    expect(korean.page.locator("#queue-elapsed")).to_have_text("0:03")
    korean.page.reload()
    korean.see("#queue")
    expect(korean.page.locator("#link")).to_have_attribute("data-status", "online")
    expect(korean.page.locator("#queue-state")).to_contain_text("나 혼자입니다")
    assert korean.text("#queue-elapsed") >= "0:03", "기다린 시간이 이어진다"
    first, *again = [frame["ticket_id"] for frame in korean.heard if frame["t"] == "queue.joined"]
    assert set(again) == {first}, "같은 표다"
    english.play(a_name("Sky"), "duel")
    korean.see(MY_RESULT, timeout_ms=MATCH_WAIT_MS)


def test_going_offline_stops_the_clock_and_coming_back_goes_on(tabs: tuple[Tab, Tab]) -> None:
    korean, english = tabs
    meet(tabs, "arena")
    match_id = korean.last_heard("match.found")["match_id"]
    be_live(korean, True)
    korean.go_offline()
    be_live(korean, False, NOTICED_MS)
    expect(korean.page.locator("#banner-text")).to_contain_text("인터넷이 끊겼습니다")
    expect(korean.page.locator("#clock-label")).to_have_text("멈춘 시간")
    expect(korean.page.locator("#banner-elapsed")).to_have_text("1초")
    korean.go_online()
    be_live(korean, True)
    expect(korean.page.locator("#banner")).to_be_hidden()
    assert korean.said("resume") == ["resume"]
    for tab in tabs:
        tab.see(MY_RESULT, timeout_ms=MATCH_WAIT_MS)
        assert tab.last_heard("match.result")["match_id"] == match_id
    assert english.said("resume") == []


def test_a_stalled_match_is_told_though_the_socket_is_open(tabs: tuple[Tab, Tab], faults: Runtime) -> None:
    korean, english = tabs
    meet(tabs, "arena")
    server = korean.last_heard("match.found")["session"]
    faults.pause(server)
    for tab in tabs:
        be_live(tab, False)
    expect(korean.page.locator("#banner-text")).to_contain_text("응답이 멈췄습니다")
    expect(english.page.locator("#clock-label")).to_have_text("Clock stopped")
    faults.unpause(server)
    for tab in tabs:
        be_live(tab, True)
        tab.see(MY_RESULT, timeout_ms=MATCH_WAIT_MS)


def test_a_frozen_gateway_is_left_for_another(tabs: tuple[Tab, Tab], faults: Runtime) -> None:
    korean, _english = tabs
    meet(tabs, "arena")
    gateway = korean.page.locator("#link").get_attribute("title")
    assert gateway in {"gateway1", "gateway2"}
    faults.pause(gateway)
    be_live(korean, False)
    korean.see("#banner")
    for tab in tabs:
        tab.see(MY_RESULT, timeout_ms=MATCH_WAIT_MS)
    assert korean.page.locator("#link").get_attribute("title") != gateway


@pytest.mark.parametrize("mode", ["duel", "arena"])
def test_a_result_missed_by_leaving_is_shown_once_on_return(tabs: tuple[Tab, Tab], mode: str) -> None:
    korean, english = tabs
    meet(tabs, mode)
    match_id = korean.last_heard("match.found")["match_id"]
    korean.page.goto("about:blank")
    english.see(MY_RESULT, timeout_ms=MATCH_WAIT_MS)
    korean.page.goto(f"{BASE_URL}/play/")
    korean.see(MY_RESULT)
    expect(korean.page.locator("#result-kicker")).to_contain_text("자리를 비운 사이에 끝난 판")
    english_name = english.text("#result-rows tr.me .name span")
    expect(korean.page.locator("#result-rows")).to_contain_text(english_name)
    assert match_id == english.last_heard("match.result")["match_id"]
    korean.page.reload()
    expect(korean.page.locator("#known")).to_be_visible()
    korean.page.click("#play")
    korean.see("#queue")
    expect(korean.page.locator("#result")).to_be_hidden()
