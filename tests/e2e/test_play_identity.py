"""/play/의 나: 한 브라우저의 두 탭은 두 사람이고, 다시 켜도 나로 이어 가며, 기억이 막혀도 둘 수 있다."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import DESKTOP, MATCH_WAIT_MS, MY_RESULT, PHONE, Tab

BLOCK_STORAGE = """for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, { get() { throw new DOMException("막힘", "SecurityError"); } });
}"""


@pytest.fixture(name="tab")
def _tab(browser: Browser) -> Iterator[Tab]:
    """한국어 데스크톱의 탭 하나."""
    tab = Tab(browser, locale="ko-KR", screen=DESKTOP)
    yield tab
    tab.close()
    assert tab.complaints == []


def a_name() -> str:
    return f"하늘-{uuid.uuid4().hex[:6]}"


def enter_queue(tab: Tab, name: str, mode: str = "arena") -> str:
    """줄에 섰다가 나온다. 서버가 말한 선수의 번호를 준다."""
    tab.play(name, mode)
    tab.see("#queue")
    leave_queue(tab)
    return tab.player_id()


def leave_queue(tab: Tab) -> None:
    tab.page.click("#cancel")
    tab.see("#lobby")


def test_two_tabs_of_one_browser_play_each_other(tab: Tab) -> None:
    name = a_name()
    tab.play(name, "duel")
    tab.see("#queue")
    second = Tab.beside(tab)
    expect(second.page.locator("#who-note")).to_contain_text("새 손님")
    expect(second.page.locator("#name")).to_have_value(f"{name} 2")
    second.page.click("#play")
    for each in (tab, second):
        each.see(MY_RESULT, timeout_ms=MATCH_WAIT_MS)
    assert tab.player_id() != second.player_id()
    assert tab.last_heard("match.result")["match_id"] == second.last_heard("match.result")["match_id"]
    assert second.complaints == []


def test_the_next_tab_continues_when_the_first_has_closed(tab: Tab) -> None:
    name = a_name()
    first = Tab.beside(tab)
    player_id = enter_queue(first, name)
    first.page.close()
    following = Tab.beside(tab)
    expect(following.page.locator("#known-name")).to_have_text(name)
    expect(following.page.locator("#play")).to_have_text(f"{name} 님으로 이어서 하기")
    following.page.click("#play")
    following.see("#queue")
    assert following.player_id() == player_id
    leave_queue(following)


def test_a_restarted_browser_is_the_same_player_without_being_asked(browser: Browser) -> None:
    name = a_name()
    before = Tab(browser, locale="en-US", screen=PHONE)
    player_id = enter_queue(before, name)
    kept = before.page.context.storage_state()
    before.close()
    after = Tab(browser, locale="en-US", screen=PHONE, storage_state=kept)
    asked: list[str] = []
    after.page.on("request", lambda request: asked.append(request.url))
    expect(after.page.locator("#play")).to_have_text(f"Continue as {name}")
    expect(after.page.locator("#name")).to_be_hidden()
    after.page.click("#play")
    after.see("#queue")
    assert after.player_id() == player_id
    assert not any("/auth/guest" in url for url in asked), "남긴 로그인으로 들어간다"
    leave_queue(after)
    after.close()


def test_one_may_be_someone_else_and_come_back_by_the_old_name(tab: Tab) -> None:
    name, other = a_name(), a_name()
    player_id = enter_queue(tab, name)
    tab.page.click("#someone-else")
    tab.page.click("#not-someone-else")
    expect(tab.page.locator("#known-name")).to_have_text(name)
    tab.page.click("#someone-else")
    assert enter_queue(tab, other) != player_id
    expect(tab.page.locator("#known-name")).to_have_text(other)
    tab.page.click("#someone-else")
    assert enter_queue(tab, name) == player_id


def test_a_name_that_the_server_refuses_stays_in_the_form(tab: Tab) -> None:
    tab.play("\u200b", "duel")
    expect(tab.page.locator("#name-error")).to_be_visible()
    expect(tab.page.locator("#name")).to_be_focused()
    assert enter_queue(tab, a_name())


def test_a_browser_that_blocks_storage_still_plays(browser: Browser) -> None:
    tab = Tab(browser, locale="ko-KR", screen=DESKTOP)
    tab.page.add_init_script(BLOCK_STORAGE)
    tab.page.reload()
    expect(tab.page.locator("#who-note")).to_contain_text("기억을 막아")
    player_id = enter_queue(tab, a_name())
    # 쪽이 사는 동안은 같은 나다.
    tab.page.click("#play")
    tab.see("#queue")
    assert tab.player_id() == player_id
    leave_queue(tab)
    assert tab.complaints == []
    tab.close()
