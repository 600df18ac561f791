"""운영 화면의 모든 쪽을 네 너비와 두 언어로: 아무것도 제 카드를 벗어나지 않고, 쪽이 옆으로 밀리지 않는다.

빈 쪽은 넘치지 않으므로 긴 이름의 서버를 하나 등록하고(하트비트만 있는 것) 봇들이 둔 판이 있는 스택에서 본다.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from players.names import NAME_MAX_CHARS
from stack.runtime import Runtime
from tests.e2e.browser import DESKTOP, WAIT_MS
from tests.e2e.ops_browser import Desk, bots, demo_password

WIDTHS = (390, 820, 1024, 1280)
BOTS = 6
# 카드 안의 것이 카드의 오른쪽이나 왼쪽을 1픽셀 넘게 벗어났거나, 쪽이나 표가 옆으로 밀리는 곳.
OUTSIDE = """() => {
  const found = [];
  const unseen = "svg, .visually-hidden, details:not([open]) > :not(summary)";
  const over = (each) => each.scrollWidth - each.clientWidth;
  if (over(document.documentElement) > 0) found.push(`쪽 ${over(document.documentElement)}px`);
  for (const table of document.querySelectorAll(".scroll")) {
    if (over(table) > 1) found.push(`표 ${over(table)}px`);
  }
  for (const card of document.querySelectorAll(".card, .notice, .filters, .top, .tabs, .zone")) {
    const edge = card.getBoundingClientRect();
    if (!edge.width) continue;
    for (const each of card.querySelectorAll("*")) {
      if (!each.checkVisibility() || each.closest(unseen)) continue;
      const box = each.getBoundingClientRect();
      if (box.width && box.height && (box.right > edge.right + 1 || box.left < edge.left - 1)) {
        found.push(`${each.tagName}.${each.className} ${Math.round(box.right - edge.right)}px`);
      }
    }
  }
  return found.slice(0, 5);
}"""


# 한 줄이어야 하는데 꺾인 것(옮겨 적을 번호와 그 단추, 상태, 제목의 낱말), 옆의 것과 겹친 것, 키가 다른 막대,
# 그리고 쪽의 끝까지 내려가도 아래 띠에 가린 것.
BROKEN = """() => {
  const found = [];
  for (const each of document.querySelectorAll(".rows :has(> .copy) > code, .rows .copy, .rows .chip")) {
    const lines = new Set([...each.getClientRects()].map((box) => Math.round(box.top)));
    if (each.checkVisibility() && lines.size > 1) found.push(`꺾임 ${each.textContent}`);
  }
  for (const button of document.querySelectorAll(".rows .copy")) {
    const code = button.parentElement.querySelector("code");
    if (!code || !button.checkVisibility()) continue;
    const [one, two] = [code.getBoundingClientRect(), button.getBoundingClientRect()];
    if (two.top > one.bottom || one.top > two.bottom) found.push(`번호와 떨어진 단추 ${code.textContent}`);
  }
  for (const title of document.querySelectorAll(".card h2, #result_list :is(th, td)")) {
    const words = document.createTreeWalker(title, NodeFilter.SHOW_TEXT);
    for (let text = words.nextNode(); text; text = words.nextNode()) {
      for (const { 0: word, index } of text.data.matchAll(/\\S+/g)) {
        const range = document.createRange();
        range.setStart(text, index);
        range.setEnd(text, index + word.length);
        const lines = new Set([...range.getClientRects()].map((box) => Math.round(box.top)));
        if (lines.size > 1) found.push(`가운데가 꺾인 낱말 ${word}`);
      }
    }
  }
  const tops = [...document.querySelectorAll(".waits svg")].map((each) => each.getBoundingClientRect().top);
  if (new Set(tops.map(Math.round)).size > 1) found.push(`어긋난 막대 ${tops}`);
  const labels = [...document.querySelectorAll(".waits span")].map((each) => each.getBoundingClientRect());
  labels.forEach((box, at) => { if (at && box.left < labels[at - 1].right) found.push(`겹친 눈금 ${at}`); });
  scrollTo(0, document.documentElement.scrollHeight);
  const bar = document.querySelector(".tabs");
  const end = document.querySelector("main")?.lastElementChild;
  if (bar?.checkVisibility() && end.getBoundingClientRect().bottom > bar.getBoundingClientRect().top) {
    found.push("아래 띠가 쪽의 끝을 가린다");
  }
  scrollTo(0, 0);
  return found.slice(0, 5);
}"""


# 목록의 첫 줄을 있을 수 있는 가장 긴 것으로: 무엇이 넘치는지가 그날의 이름에 달리지 않는다.
LONGEST = """([name, code, server]) => {
  const row = document.querySelector(".rows.linked tbody tr");
  const words = (each) => [...each.childNodes].find((node) => node.nodeType === Node.TEXT_NODE);
  const fill = (each, text) => { words(each).textContent = text; };
  for (const each of row.querySelectorAll(".seats a")) fill(each, name);
  for (const each of row.querySelectorAll('th a:not(:has(code))')) fill(each, name);
  for (const each of row.querySelectorAll(".extra:not(.num)")) each.textContent = server;
  const state = row.querySelector(".at-end");
  if (state) state.insertAdjacentHTML("beforeend", ` <code class="why">${code}</code>`);
}"""
LONGEST_NAME = "W" * NAME_MAX_CHARS
LONGEST_CODE = "FINALIZE_CONFLICT"
LONGEST_SERVER_ID = "session-of-a-long-name-01"


@pytest.fixture(name="played", scope="module")
def _played(browser: Browser, stack: Runtime) -> tuple[str, str]:
    """끝난 판 하나와 그 선수 하나의 주소."""
    desk = Desk(browser, locale="ko-KR", screen=DESKTOP)
    desk.sign_in("operator", demo_password(stack, "operator"))
    desk.open("/ops/matches/")
    if desk.page.locator("tbody tr").count() == 0:
        with bots(BOTS):
            desk.open("/ops/")
            expect(desk.page.locator("#recent li").first).to_be_visible(timeout=4 * WAIT_MS)
        desk.open("/ops/matches/")
    match = desk.page.locator("tbody th a").first.get_attribute("href")
    player = desk.page.locator("tbody .seats a").first.get_attribute("href")
    desk.close()
    assert match
    assert player
    return match, player


@pytest.fixture(name="desk", params=["ko-KR", "en-US"])
def _desk(request: pytest.FixtureRequest, browser: Browser, stack: Runtime) -> Iterator[Desk]:
    desk = Desk(browser, locale=request.param, screen=DESKTOP)
    desk.sign_in("operator", demo_password(stack, "operator"))
    yield desk
    complaints = desk.complaints
    desk.close()
    assert complaints == []


def every_page(played: tuple[str, str]) -> list[str]:
    """모든 쪽. 도는 판의 목록과 아무것도 찾지 못한 쪽도 있다."""
    return [
        "/ops/", "/ops/servers/", "/ops/servers/session1/", "/ops/queue/", "/ops/matches/",
        "/ops/matches/?status=running", "/ops/matches/?q=nobody-has-such-a-long-name-0123456789",
        "/ops/results/", "/ops/slo/", "/ops/players/", *played,
    ]  # fmt: skip


def test_nothing_leaves_its_card_at_any_width(desk: Desk, played: tuple[str, str]) -> None:
    outside = {}
    for path in every_page(played):
        desk.open(path)
        if desk.page.locator("#live-status").count():
            desk.is_live()
        for width in WIDTHS:
            desk.page.set_viewport_size({"width": width, "height": 900})
            if found := desk.page.evaluate(OUTSIDE) + desk.page.evaluate(BROKEN):
                outside[f"{path} {width}"] = found
            name = re.sub(r"[^a-z0-9]+", "-", path.removeprefix("/ops/"))[:24].strip("-")
            desk.shoot(f"layout-{desk.locale}-{name or 'dashboard'}-{width}")
    assert outside == {}


def test_the_longest_names_and_reasons_stay_in_their_lists(desk: Desk, played: tuple[str, str]) -> None:
    outside = {}
    for path in ("/ops/matches/", "/ops/players/", played[1]):
        desk.open(path)
        desk.page.evaluate(LONGEST, [LONGEST_NAME, LONGEST_CODE, LONGEST_SERVER_ID])
        for width in WIDTHS:
            desk.page.set_viewport_size({"width": width, "height": 900})
            if found := desk.page.evaluate(OUTSIDE) + desk.page.evaluate(BROKEN):
                outside[f"{path} {width}"] = found
            desk.shoot(f"longest-{desk.locale}-{path.split('/')[2]}-{width}")
    assert outside == {}


def test_the_admin_pages_keep_their_words_whole_and_are_not_pushed_sideways(
    desk: Desk, played: tuple[str, str]
) -> None:
    desk.open(played[0])
    stored_row = desk.page.locator('a[href^="/admin/matches/matchresult/"]').get_attribute("href")
    assert stored_row
    for path in ("/admin/fleet/liveserver/", stored_row):
        desk.open(path)
        expect(desk.page.locator("#result_list tbody tr, .readonly").first).to_be_visible()
        for width in WIDTHS:
            desk.page.set_viewport_size({"width": width, "height": 900})
            assert desk.page.evaluate(BROKEN) == []
            assert desk.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
            desk.shoot(f"admin-{desk.locale}-{path.split('/')[3]}-{width}")


def test_the_check_itself_sees_what_leaves_a_card(desk: Desk) -> None:
    """이 시험이 질 수 있는지: 넓은 것을 넣으면 그것을 말한다."""
    desk.open("/ops/servers/")
    desk.is_live()
    make_wide(desk.page)
    assert any(found.startswith("B.too-wide") for found in desk.page.evaluate(OUTSIDE))


def make_wide(page: Page) -> None:
    page.evaluate(
        """() => {
          const wide = document.createElement("b");
          wide.className = "too-wide";
          wide.textContent = "x";
          Object.assign(wide.style, { display: "block", width: "3000px" });
          document.querySelector(".card").append(wide);
        }"""
    )


def test_the_buttons_of_the_fleet_are_whole_at_every_width(desk: Desk) -> None:
    desk.open("/ops/servers/")
    desk.is_live()
    for width in WIDTHS:
        desk.page.set_viewport_size({"width": width, "height": 900})
        for button in desk.page.locator('#servers [data-field="order"]').all():
            box = button.bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
            button.click(trial=True)


def test_an_explanation_opens_by_keyboard_and_stays_in_its_card(desk: Desk) -> None:
    desk.open("/ops/")
    for width in WIDTHS:
        desk.page.set_viewport_size({"width": width, "height": 900})
        hint = desk.page.locator(".hint").first
        hint.locator("summary").focus()
        desk.page.keyboard.press("Enter")
        expect(hint.locator("p")).to_be_visible()
        assert desk.page.evaluate(OUTSIDE) == []
        desk.page.keyboard.press("Enter")
        expect(hint.locator("p")).to_be_hidden()
