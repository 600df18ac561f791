"""/ops/servers/: 운영자가 쪽에서 드레인하고 진행을 보고 거둔다. 키보드만으로도 되고, viewer는 보기만 한다."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from stack.runtime import Runtime
from tests.e2e.browser import DESKTOP, PHONE, WAIT_MS
from tests.e2e.fleet_desk import FleetDesk
from tests.e2e.ops_browser import Desk, bots, demo_password

BOTS = 6
LONG_MS = 4 * WAIT_MS


def test_an_operator_drains_a_server_by_keyboard_watches_it_end_and_takes_it_back(
    browser: Browser, stack: Runtime, fleet: FleetDesk
) -> None:
    desk = Desk(browser, locale="ko-KR", screen=DESKTOP)
    desk.sign_in("operator", demo_password(stack, "operator"))
    page = desk.page
    with bots(BOTS):
        desk.open("/ops/servers/")
        desk.is_live()
        expect(page.locator('#servers [data-field="running"]').first).to_have_text(
            re.compile("^[1-9]"), timeout=LONG_MS
        )
        desk.shoot("fleet-ko-desktop")
        page.get_by_role("link", name="session1").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/ops/servers/session1/")
        boot_id = page.locator('[data-field="boot_id"]').inner_text()
        expect(page.locator(".preview")).to_be_visible()
        desk.shoot("server-ko-desktop")
        page.locator('.order input[name="reason"]').focus()
        page.keyboard.type("커널 갱신")
        page.locator('.order input[type="checkbox"]').focus()
        page.keyboard.press("Space")
        page.locator(".order button").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("status").filter(has_text="드레인을 시작했습니다.")).to_be_visible()
        desk.shoot("server-ko-desktop-draining")
        expect(page.locator("#progress-text")).to_have_text(
            re.compile("비었습니다|프로세스가 끝났습니다"), timeout=LONG_MS
        )
        expect(page.locator('[data-field="state"]')).to_have_text("드레인 끝남", timeout=LONG_MS)
        # 하트비트가 끊긴 사이에는 비어 보인다: 새 프로세스의 것이 올 때까지 본다.
        expect(page.locator('[data-field="boot_id"]')).to_have_text(
            re.compile(rf"^(?!{re.escape(boot_id)}$).+"), timeout=LONG_MS
        )
        expect(page.locator("tbody tr").first).to_contain_text("fleet.server:drain")
        page.fill('.order input[name="reason"]', "다시 쓴다")
        page.check('.order input[type="checkbox"]')
        page.press('.order input[name="reason"]', "Enter")
        expect(page.locator('[data-field="state"]')).to_have_text("준비됨", timeout=LONG_MS)
    assert desk.complaints == []
    desk.close()


def test_an_operator_rolls_the_fleet_from_the_page(
    browser: Browser, stack: Runtime, fleet: FleetDesk
) -> None:
    desk = Desk(browser, locale="en-US", screen=DESKTOP, scheme="dark")
    desk.sign_in("operator", demo_password(stack, "operator"))
    before = fleet.servers()
    desk.open("/ops/servers/")
    desk.page.fill('.order input[name="reason"]', "1.4.1")
    desk.page.check('.order input[type="checkbox"]')
    desk.page.click(".order button")
    expect(desk.page.locator(".roll li").first).to_be_visible()
    desk.shoot("fleet-en-dark-rolling")
    expect(desk.page.locator(".roll li.done")).to_have_count(2, timeout=LONG_MS)
    after = fleet.servers()
    assert all(after[name]["boot_id"] != before[name]["boot_id"] for name in before)
    assert desk.complaints == []
    desk.close()


def test_a_viewer_on_a_phone_sees_the_server_and_no_button(browser: Browser, stack: Runtime) -> None:
    desk = Desk(browser, locale="en-US", screen=PHONE, scheme="dark")
    desk.sign_in("viewer", demo_password(stack, "viewer"))
    for path in ("/ops/servers/", "/ops/servers/session2/", "/ops/queue/"):
        desk.open(path)
        expect(desk.page.locator("h1")).to_be_visible()
        expect(desk.page.locator("form.order")).to_have_count(0)
        overflow = desk.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert overflow <= 0, f"{path}가 옆으로 넘친다"
        desk.shoot(f"fleet-en-phone-{path.strip('/').replace('/', '-')}")
    assert desk.complaints == []
    desk.close()
