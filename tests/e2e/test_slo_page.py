"""/ops/slo/: Prometheus가 돌면 지난 하루까지, 멈추면 프로세스들이 센 것을 보인다. 판은 제 추적으로 간다."""

from __future__ import annotations

import asyncio
import os
import re

import pytest
from playwright.sync_api import Browser, expect

from stack.runtime import Runtime
from tests.e2e.browser import DESKTOP, PHONE
from tests.e2e.ops_browser import Desk, demo_password
from tests.e2e.players import Lobby, meet, play_out

# 기록 규칙은 15초마다 돌고, 두 표본이 있어야 빠르기를 안다.
RECORDED_MS = 60_000
OBJECTIVES = ["match", "found", "tick", "resume", "finalize"]


@pytest.fixture(name="match_id", scope="module")
def _match_id(stack: Runtime) -> str:
    """방금 끝난 판. 브라우저보다 먼저 청한다(그것의 이벤트 루프 안에서는 둘 수 없다)."""

    async def played() -> str:
        async with Lobby() as lobby:
            one, two = await lobby.client(), await lobby.client()
            found = (await meet(one, two))[0]
            await play_out(one, two)
            return found.match_id

    return asyncio.run(played())


def test_the_page_shows_the_history_of_prometheus_and_then_what_the_processes_counted(
    match_id: str, browser: Browser, faults: Runtime
) -> None:
    desk = Desk(browser, locale="ko-KR", screen=DESKTOP)
    desk.sign_in("viewer", demo_password(faults, "viewer"))
    page = desk.page
    desk.open("/ops/slo/")
    expect(page.locator("#slo")).to_have_attribute("data-source", "prometheus")
    cards = page.locator("[data-slo]")
    assert [card.get_attribute("data-slo") for card in cards.all()] == OBJECTIVES
    tick = page.locator('[data-slo="tick"]')
    for _ in range(RECORDED_MS // 2_000):
        if tick.locator(".slo-day").count():
            break
        page.wait_for_timeout(2_000)
        page.reload()
    expect(tick.locator(".slo-line")).to_have_attribute("d", re.compile(r"^M\d"))
    expect(tick.locator(".slo-now")).to_have_text(re.compile(r"^\d+(\.\d+)? %$"))
    expect(tick.locator(".slo-budget b")).to_have_text(re.compile(r"^(\d+(\.\d+)? %|다 썼음)$"))
    desk.shoot("ops-ko-desktop-slo")

    faults.kill("prometheus")
    page.reload()
    expect(page.locator("#slo")).to_have_attribute("data-source", "processes")
    expect(tick.locator(".slo-now")).to_have_text(re.compile(r"^\d+(\.\d+)? %$"))
    expect(page.locator('[data-slo="match"] .slo-now')).to_have_text(re.compile(r"^\d+(\.\d+)? %$"))
    expect(page.locator(".slo-day")).to_have_count(0)
    complaints = desk.complaints
    desk.close()
    assert complaints == []


def test_a_match_leads_to_its_trace(browser: Browser, stack: Runtime, match_id: str) -> None:
    template = os.environ["TRACE_URL"]
    desk = Desk(browser, locale="en-US", screen=PHONE, scheme="dark")
    desk.sign_in("admin", demo_password(stack, "admin"))
    desk.open(f"/ops/matches/{match_id}/")
    prefix = template.removesuffix("{trace_id}")
    link = desk.page.locator(f'a[href^="{prefix}"]')
    expect(link).to_have_text(re.compile(r"^[0-9a-f]{32}$"))
    assert link.get_attribute("href") == prefix + (link.text_content() or "")
    desk.open("/ops/slo/")
    expect(desk.page.locator("h1")).to_have_text("SLO")
    desk.shoot("ops-en-phone-dark-slo")
    desk.close()
