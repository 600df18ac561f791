"""/ops/: 시연 직원이 로그인해, 봇들이 두는 동안 움직이는 숫자와 남는 기록을 본다."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from stack.runtime import Runtime
from tests.e2e.browser import DESKTOP, PHONE, WAIT_MS
from tests.e2e.ops_browser import Desk, bots, demo_password

PROCESSES = {"gateway1", "gateway2", "matchmaking", "platform", "session1", "session2"}
BOTS = 6


@pytest.fixture(name="desk")
def _desk(browser: Browser, stack: Runtime) -> Iterator[Desk]:
    """한국어 데스크톱의 operator."""
    desk = Desk(browser, locale="ko-KR", screen=DESKTOP)
    desk.sign_in("operator", demo_password(stack, "operator"))
    yield desk
    complaints = desk.complaints
    desk.close()
    assert complaints == [], "쪽의 코드가 던진 오류"


@pytest.fixture(name="played", scope="module")
def _played(browser: Browser, stack: Runtime) -> None:
    """봇들이 판을 하나라도 끝낸 뒤."""
    desk = Desk(browser, locale="ko-KR", screen=DESKTOP)
    desk.sign_in("operator", demo_password(stack, "operator"))
    if not _has_recent(desk):
        with bots(BOTS):
            expect(desk.page.locator("#recent li").first).to_be_visible(timeout=4 * WAIT_MS)
    desk.close()


def test_the_dashboard_moves_while_bots_play(desk: Desk) -> None:
    desk.is_live()
    desk.wait_metric("servers", r"^2$")
    names = desk.page.locator('#processes li[data-answered="true"] b')
    expect(names).to_have_count(len(PROCESSES))
    assert set(names.all_inner_texts()) == PROCESSES
    before = desk.page.locator("#recent li a").first.get_attribute("href") if _has_recent(desk) else None

    with bots(BOTS):
        desk.wait_metric("connections", rf"^{BOTS}$")
        desk.wait_metric("running", r"^[1-9]\d*$")
        desk.wait_metric("finalizes", r"^(?!0\.0$)\d+\.\d$")
        newest = desk.page.locator("#recent li a").first
        expect(newest).not_to_have_attribute("href", before or "", timeout=4 * WAIT_MS)
        line = desk.page.locator('[data-metric="connections"] .spark-line').get_attribute("d") or ""
        assert line.count("L") >= 3
        desk.shoot("ops-ko-desktop-dashboard")
    desk.wait_metric("connections", r"^0$")
    desk.wait_metric("running", r"^0$")
    desk.wait_metric("pending", r"^0$")


@pytest.mark.usefixtures("played")
def test_from_a_name_to_the_match_and_its_players_by_keyboard(desk: Desk) -> None:
    page = desk.page
    desk.open("/ops/matches/")
    expect(page.locator("tbody tr").first).to_be_visible()
    desk.shoot("ops-ko-desktop-matches")
    page.keyboard.press("/")
    page.keyboard.type("바람 봇 2")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/ops/matches/\?player="))
    expect(page.locator(".picked")).to_contain_text("바람 봇 2")
    page.locator("select[name=status]").select_option("finalized")  # 봇이 떠나며 무산된 판도 있다
    page.wait_for_url(re.compile(r"/ops/matches/\?.*status=finalized"))
    expect(page.locator(".picked")).to_contain_text("바람 봇 2")
    page.locator("tbody tr th a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/ops/matches/[0-9a-f-]{36}/$"))
    assert [name.split("\n")[0].split("  ")[0] for name in page.locator(".step-name").all_inner_texts()][
        -1
    ] == ("레이팅이 바뀜")
    assert page.locator(".phases rect").count() == 4
    desk.shoot("ops-ko-desktop-match")
    page.get_by_role("link", name="바람 봇 2", exact=True).click()
    page.wait_for_url(re.compile(r"/ops/players/[0-9a-f-]{36}/$"))
    assert page.locator(".chart-line").get_attribute("d")
    desk.shoot("ops-ko-desktop-player")


@pytest.mark.usefixtures("played")
def test_the_servers_page_follows_the_registry(desk: Desk) -> None:
    desk.open("/ops/servers/")
    desk.is_live()
    rows = desk.page.locator("#servers tr")
    expect(rows).to_have_count(2)
    expect(rows.first.locator('[data-field="state"]')).to_have_text("준비됨")
    first = rows.first.locator('[data-field="age"]').inner_text()
    expect(rows.first.locator('[data-field="age"]')).not_to_have_text(first)
    desk.shoot("ops-ko-desktop-servers")


@pytest.mark.usefixtures("played")
def test_a_phone_in_the_dark_shows_every_page_in_english(browser: Browser, stack: Runtime) -> None:
    desk = Desk(browser, locale="en-US", screen=PHONE, scheme="dark")
    desk.sign_in("viewer", demo_password(stack, "viewer"))
    for title, name in (
        ("Dashboard", ""),
        ("Fleet", "servers"),
        ("Queue", "queue"),
        ("Matches", "matches"),
        ("Players", "players"),
        ("Unwritten results", "results"),
    ):
        desk.page.locator(".tabs").get_by_role("link", name=title).click()
        expect(desk.page.locator("h1")).to_have_text(title)
        overflow = desk.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert overflow <= 0, f"{title}이(가) 옆으로 넘친다"
        desk.shoot(f"ops-en-phone-{name or 'dashboard'}")
    assert desk.complaints == []
    desk.close()


def test_the_language_is_switched_in_the_account_menu(desk: Desk) -> None:
    desk.page.locator(".menu summary").click()
    desk.page.get_by_role("button", name="English").click()
    expect(desk.page.locator("h1")).to_have_text("Dashboard")
    desk.page.locator(".menu summary").click()
    desk.page.get_by_role("button", name="Log out").click()
    desk.open("/ops/")
    assert "/admin/login/" in desk.page.url


def test_a_frozen_gateway_is_shown_as_silent_and_the_page_lives_on(desk: Desk, faults: Runtime) -> None:
    desk.is_live()
    faults.pause("gateway2")
    silent = desk.page.locator('#processes li[data-answered="false"]')
    expect(silent).to_have_text(re.compile("gateway2"))
    expect(desk.page.locator('[data-metric="connections"] .silent')).to_have_text("답 없음")
    desk.shoot("ops-ko-desktop-silent-gateway")
    desk.is_live()
    faults.unpause("gateway2")
    expect(silent).to_have_count(0)


def test_a_frozen_redis_is_said_on_the_page_and_the_processes_are_still_seen(
    desk: Desk, faults: Runtime
) -> None:
    desk.is_live()
    faults.pause("redis")
    notice = desk.page.locator("#redis-down")
    expect(notice).to_be_visible()
    expect(desk.page.locator('[data-metric="queue"] output')).to_have_text("–")
    expect(desk.page.locator('#processes li[data-answered="true"]')).to_have_count(len(PROCESSES))
    desk.wait_metric("running", r"^\d+$")
    desk.shoot("ops-ko-desktop-frozen-redis")
    desk.is_live()
    faults.unpause("redis")
    expect(notice).to_be_hidden()


def _has_recent(desk: Desk) -> bool:
    return desk.page.locator("#recent li").count() > 0
