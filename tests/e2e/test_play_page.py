"""/play/: 진짜 브라우저의 두 탭이 LB를 지나 만나고, 두고, 결과를 본다. 끊기면 다시 잇는 것도 보인다."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path

from playwright.sync_api import Browser, expect

from stack.runtime import Runtime
from tests.e2e.browser import DESKTOP, MATCH_WAIT_MS, MY_RESULT, Tab

GOLDEN = Path(__file__).resolve().parents[1] / "contract" / "golden_frames.json"
READ_GOLDEN = """async (golden) => {
  const { WorldView } = await import("/static/hanpan/index.js");
  return golden.cases.map(({ steps }) => {
    const world = new WorldView(golden.schema);
    return steps.map((step) => {
      const bytes = Uint8Array.from(step.frame_hex.match(/../g), (hex) => parseInt(hex, 16));
      const applied = world.apply(bytes);
      const entities = Object.fromEntries(
        [...world.entities].map(([id, entity]) => [id, golden.schema.map(({ name }) => entity[name])]),
      );
      return { frame_hex: step.frame_hex, applied, tick: world.tick, ack_seq: world.ackSeq, entities };
    });
  });
}"""


def test_two_tabs_play_a_duel_and_both_see_the_rating_change(tabs: tuple[Tab, Tab]) -> None:
    korean, english = tabs
    first, second = f"노을-{uuid.uuid4().hex[:6]}", f"Sky-{uuid.uuid4().hex[:6]}"
    korean.shoot("ko-desktop-1-lobby")
    english.shoot("en-phone-1-lobby")
    korean.play(first, "duel")
    korean.see("#queue")
    korean.shoot("ko-desktop-2-queue")
    english.play(second, "duel")
    korean.see("#match")
    english.see("#match")
    expect(korean.page.locator("#found-players")).to_contain_text(second)
    expect(english.page.locator("#found-players")).to_contain_text("1500")

    _move(korean, english)
    korean.see("#scores li.me")
    korean.shoot("ko-desktop-4-match")
    english.shoot("en-phone-4-match")

    for tab in tabs:
        tab.see(MY_RESULT, timeout_ms=MATCH_WAIT_MS)
        tab.see("#result-board tr.me")
    korean.shoot("ko-desktop-5-result")
    english.shoot("en-phone-5-result")
    assert _changes(korean) == _changes(english)
    assert korean.text("#result-rows tr.me .name span") == first
    assert re.search(r"내 레이팅 1500 → \d+ \([+−±]\d+\)", korean.text("#result-note"))
    assert re.search(r"Your rating 1500 → \d+ \([+−±]\d+\)", english.text("#result-note"))


def test_the_same_two_tabs_play_again_as_the_same_players(tabs: tuple[Tab, Tab]) -> None:
    for tab, name in zip(
        tabs, (f"다시-{uuid.uuid4().hex[:6]}", f"Again-{uuid.uuid4().hex[:6]}"), strict=True
    ):
        tab.play(name, "duel")
    for games in ("1", "2"):
        for tab in tabs:
            tab.see(MY_RESULT, timeout_ms=MATCH_WAIT_MS)
            mine = tab.page.locator("#result-board tr.me td:last-child")
            expect(mine).to_have_text(games, timeout=MATCH_WAIT_MS)
        if games == "1":
            for tab in tabs:
                tab.page.click("#again")


def test_a_tab_can_stop_waiting(browser: Browser) -> None:
    tab = Tab(browser, locale="ko-KR", screen=DESKTOP)
    tab.play("기다림", "arena")
    tab.see("#queue")
    tab.page.click("#cancel")
    tab.see("#lobby")
    assert tab.said("queue.join", "queue.cancel") == ["queue.join", "queue.cancel"]
    tab.close()


def test_the_language_is_remembered_over_a_reload(browser: Browser) -> None:
    tab = Tab(browser, locale="ko-KR", screen=DESKTOP)
    assert tab.text("#play") == "시작"
    tab.page.click("[data-language=en]")
    assert tab.text("#play") == "Play"
    tab.page.reload()
    assert tab.text("#lobby-title") == "Up for a match?"
    tab.close()


def test_a_reloaded_tab_comes_back_into_its_match(tabs: tuple[Tab, Tab]) -> None:
    korean, english = tabs
    korean.play("돌아온이", "arena")
    english.play("Stayer", "arena")
    korean.see("#match")
    match_id = korean.last_heard("match.found")["match_id"]
    korean.page.reload()
    korean.see("#match")
    assert korean.last_heard("match.found")["match_id"] == match_id
    korean.see(MY_RESULT, timeout_ms=MATCH_WAIT_MS)


def test_a_killed_gateway_is_shown_and_the_match_goes_on(tabs: tuple[Tab, Tab], faults: Runtime) -> None:
    korean, english = tabs
    korean.play("끊긴이", "arena")
    english.play("Stayer", "arena")
    korean.see("#match")
    gateway = korean.page.locator("#link").get_attribute("title")
    assert gateway in {"gateway1", "gateway2"}
    faults.kill(gateway)
    korean.see("#banner")
    korean.shoot("ko-desktop-6-reconnecting")
    expect(korean.page.locator("#link")).to_have_attribute("data-status", "online")
    assert korean.page.locator("#link").get_attribute("title") != gateway
    assert korean.said("hello", "resume")[:2] == ["hello", "resume"]
    for tab in tabs:
        tab.see(MY_RESULT, timeout_ms=MATCH_WAIT_MS)


def test_the_browser_reads_the_golden_frames_like_the_server_wrote_them(browser: Browser) -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    tab = Tab(browser, locale="ko-KR", screen=DESKTOP)
    read = tab.page.evaluate(READ_GOLDEN, golden)
    tab.close()
    assert read == [case["steps"] for case in golden["cases"]]


def _move(korean: Tab, english: Tab) -> None:
    """한쪽은 자판, 한쪽은 손가락으로 움직이고, 서버가 그 입력을 적용했음을 상태 프레임에서 본다."""
    korean.page.keyboard.down("ArrowRight")
    korean.page.keyboard.down("KeyS")
    english.swipe(-40, 0)
    korean.wait_for_ack()
    english.wait_for_ack()
    assert (1, 0) in korean.inputs() or (1, 1) in korean.inputs()
    assert english.inputs()[-1] == (-1, 0)


def _changes(tab: Tab) -> list[str]:
    """결과 표의 별과 레이팅의 변화."""
    rows = tab.page.locator("#result-rows tbody tr").all()
    return [f"{row.locator('td').nth(2).inner_text()} {row.locator('.change').inner_text()}" for row in rows]
