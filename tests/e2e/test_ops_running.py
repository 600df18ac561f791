"""/ops/의 살아 있는 것: 도는 판, 한 시계, 번호 찾기와 옮기기, 오래된 숫자, 되돌아가지 않는 거두기."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from stack.runtime import Runtime
from tests.e2e.browser import DESKTOP, WAIT_MS
from tests.e2e.fleet_desk import FleetDesk
from tests.e2e.ops_browser import Desk, bots, demo_password

BOTS = 6
LONG_MS = 4 * WAIT_MS
MATCH_PATH = re.compile(r"/ops/matches/([0-9a-f-]{36})/")


@pytest.fixture(name="desk")
def _desk(browser: Browser, stack: Runtime) -> Iterator[Desk]:
    """한국어 데스크톱의 operator. 시간대는 서울이다."""
    desk = Desk(browser, locale="ko-KR", screen=DESKTOP)
    desk.sign_in("operator", demo_password(stack, "operator"))
    yield desk
    complaints = desk.complaints
    desk.close()
    assert complaints == []


def test_a_running_match_is_reached_from_the_number_and_turns_into_its_result(desk: Desk) -> None:
    page = desk.page
    desk.is_live()
    with bots(BOTS):
        desk.wait_metric("running", r"^[1-9]\d*$")
        page.locator('[data-metric="running"] .metric-link').click()
        page.wait_for_url(re.compile(r"/ops/matches/\?status=running$"))
        first = page.locator("tbody th a").first
        expect(first).to_be_visible(timeout=LONG_MS)
        desk.shoot("ops-ko-desktop-running")
        first.click()
        page.wait_for_url(MATCH_PATH)
        live = page.locator("#match[data-live]")
        if live.count():
            total = page.locator(".summary-total")
            before = total.inner_text()
            expect(total).not_to_have_text(before)
        expect(page.locator("#match .chip.finalized, #match .chip.aborted").first).to_be_visible(
            timeout=LONG_MS
        )
        expect(live).to_have_count(0)
        expect(page.locator("#said")).to_have_text(re.compile("끝났습니다|^$"))
        assert page.locator(".steps li.done").count() >= 4


def test_the_running_matches_of_one_server_follow_its_number(desk: Desk) -> None:
    page = desk.page
    with bots(BOTS):
        desk.open("/ops/servers/")
        desk.is_live()
        running = page.locator('#servers [data-field="running"]')
        expect(running.first).to_have_text(re.compile("^[1-9]"), timeout=LONG_MS)
        running.first.click()
        page.wait_for_url(re.compile(r"status=running&server=session1$"))
        expect(page.locator(".picked")).to_contain_text("session1")
        expect(page.locator("tbody tr").first).to_contain_text("session1", timeout=LONG_MS)


def test_the_clock_of_the_browser_is_shown_and_utc_is_one_key_away(desk: Desk) -> None:
    page = desk.page
    finished(desk)
    at = page.locator("tbody time").first
    utc = (at.get_attribute("datetime") or "").removesuffix("Z").replace("T", " ")[:19]
    assert "Asia/Seoul (UTC+09:00)" in page.locator("#zone").inner_text()
    assert at.inner_text() != utc
    assert (at.get_attribute("title") or "").endswith(f"{utc} UTC")
    at.focus()
    assert at.evaluate("each => document.activeElement === each")
    switch = page.locator("[data-zone-switch]")
    switch.focus()
    page.keyboard.press("Enter")
    expect(at).to_have_text(utc)
    expect(page.locator("[data-zone]")).to_have_text("UTC")
    page.reload()
    expect(page.locator("[data-zone]")).to_have_text("UTC")
    page.locator("[data-zone-switch]").click()
    expect(page.locator("[data-zone]")).to_have_text("Asia/Seoul (UTC+09:00)")


def test_the_admin_tells_the_same_time_as_the_ops_pages(browser: Browser, stack: Runtime) -> None:
    desk = Desk(browser, locale="en-US", screen=DESKTOP)
    desk.sign_in("admin", demo_password(stack, "admin"))
    finished(desk)
    path = desk.page.locator("tbody th a").first.get_attribute("href") or ""
    shown = desk.page.locator("tbody tr").first.locator("time").inner_text()
    match_id = path.rstrip("/").rpartition("/")[2]
    desk.open(f"/admin/matches/matchresult/?q={match_id}")
    expect(desk.page.locator("#result_list time").first).to_have_text(shown)
    expect(desk.page.locator("#zone")).to_contain_text("Asia/Seoul (UTC+09:00)")
    complaints = desk.complaints
    desk.close()
    assert complaints == []


def test_a_short_id_is_found_and_copied_whole(desk: Desk) -> None:
    page = desk.page
    finished(desk)
    row = page.locator("tbody tr").first
    short = row.locator("th code").inner_text()
    copy = row.locator("button.copy").first
    whole = copy.get_attribute("data-copy") or ""
    assert short == f"{whole[:8]}…{whole[-4:]}"
    copy.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text=whole)).to_have_count(1)
    page.locator("[data-search]").focus()
    page.keyboard.press("Control+V")
    expect(page.locator("[data-search]")).to_have_value(whole)
    page.fill("[data-search]", short)
    page.press("[data-search]", "Enter")
    page.wait_for_url(re.compile(rf"/ops/matches/{whole}/$"))


def test_numbers_that_no_longer_come_are_greyed_with_their_time(desk: Desk, faults: Runtime) -> None:
    page = desk.page
    desk.is_live()
    faults.pause("platform")
    expect(page.locator(".metrics")).to_have_class(re.compile(r"\bold\b"), timeout=LONG_MS)
    note = page.locator(".as-of")
    expect(note).to_contain_text("기준의 숫자입니다")
    expect(note.locator("time")).to_have_text(re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$"))
    desk.shoot("ops-ko-desktop-old-numbers")
    faults.unpause("platform")
    expect(page.locator(".metrics")).not_to_have_class(re.compile(r"\bold\b"), timeout=LONG_MS)
    expect(note).to_have_count(0)
    desk.complaints.clear()  # 멈춘 동안의 이음은 브라우저가 실패로 적는다


def test_an_undrain_asks_and_never_flickers_back(desk: Desk, fleet: FleetDesk) -> None:
    page = desk.page
    desk.open("/ops/servers/session2/")
    desk.is_live()
    page.fill('.order input[name="reason"]', "시험")
    page.check('.order input[type="checkbox"]')
    page.click(".order button")
    expect(page.get_by_role("status").filter(has_text="드레인을 시작했습니다.")).to_be_visible()
    state = page.locator('[data-field="state"]')
    expect(state).to_have_text(re.compile("드레인 중|드레인 끝남"), timeout=LONG_MS)
    page.fill('.order input[name="reason"]', "다시 쓴다")
    page.click(".order button")
    expect(page.locator(".order input:invalid")).to_have_count(1)  # 확인하지 않으면 보내지 않는다
    page.check('.order input[type="checkbox"]')
    page.click(".order button")
    expect(page.get_by_role("status").filter(has_text="드레인을 거두었습니다.")).to_be_visible()
    # 이때부터 보인 상태를 모두 적는다: 거두기 전의 것이 다시 보이지 않고, 쪽이 다시 열리지 않는다.
    page.evaluate(
        """() => {
          const state = document.querySelector('[data-field="state"]');
          window.shown = [state.textContent];
          new MutationObserver(() => window.shown.push(state.textContent))
            .observe(state, { childList: true, characterData: true, subtree: true });
        }"""
    )
    expect(page.locator('[data-field="state"]')).to_have_text("준비됨", timeout=LONG_MS)
    shown = page.evaluate("window.shown")
    assert set(shown) <= {"다시 여는 중", "준비됨", "시작 중", "하트비트 없음"}, shown


def finished(desk: Desk) -> None:
    """끝난 판이 있는 목록."""
    desk.open("/ops/matches/?status=finalized")
    if desk.page.locator("tbody tr").count() == 0:
        with bots(BOTS):
            desk.open("/ops/")
            expect(desk.page.locator("#recent li .chip.finalized").first).to_be_visible(timeout=LONG_MS)
        desk.open("/ops/matches/?status=finalized")
    expect(desk.page.locator("tbody tr").first).to_be_visible()
