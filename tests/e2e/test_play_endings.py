"""/play/의 끝: 비김은 비김이고, 기권은 두 쪽에, 중단은 레이팅까지 말한다. 나의 등수와 봇도."""

from __future__ import annotations

import asyncio
import uuid
from concurrent.futures import ThreadPoolExecutor

from playwright.sync_api import Browser, expect

from hanpan_client import HanpanHttp
from stack.runtime import Runtime
from tests.e2e.browser import DESKTOP, MATCH_WAIT_MS, MY_RESULT, Tab
from tests.e2e.players import BASE_URL, Lobby
from tests.e2e.test_outside_matches import GameServer, places

DRAW_TRIES = 5
ABOVE_ME = 120
WAIT_S = 60.0


def start(tabs: tuple[Tab, Tab], mode: str) -> None:
    for tab, word in zip(tabs, ("노을", "Sky"), strict=True):
        tab.play(f"{word}-{uuid.uuid4().hex[:6]}", mode)


def test_a_draw_is_a_draw_for_both(tabs: tuple[Tab, Tab]) -> None:
    """가만히 선 둘은 비긴다. 별이 발밑에 생긴 판이면 다시 둔다."""
    korean, english = tabs
    start(tabs, "duel")
    for _ in range(DRAW_TRIES):
        for tab in tabs:
            tab.see(MY_RESULT, timeout_ms=MATCH_WAIT_MS)
        if {row["place"] for row in korean.last_heard("match.result")["results"]} == {1}:
            break
        for tab in tabs:
            tab.page.click("#again")
            expect(tab.page.locator("#result")).to_be_hidden()
    assert korean.text("#result-title") == "비겼습니다"
    assert english.text("#result-title") == "A draw"
    for tab in tabs:
        assert tab.page.locator("#result").get_attribute("data-outcome") == "other"
        assert tab.page.locator("#result-rows td.rank").all_inner_texts() == ["1", "1"]


def test_a_conceded_duel_is_told_to_both(tabs: tuple[Tab, Tab]) -> None:
    korean, english = tabs
    start(tabs, "duel")
    korean.see("#match")
    english.see("#match")
    english.page.click("#leave")
    english.page.click("#leave")
    for tab in tabs:
        tab.see(MY_RESULT, timeout_ms=MATCH_WAIT_MS)
    assert english.text("#result-title") == "You conceded"
    assert korean.text("#result-title") == "이겼습니다!"
    expect(korean.page.locator("#result-note")).to_contain_text("상대가 판을 떠났습니다.")
    for tab, mark in zip(tabs, ("기권", "conceded"), strict=True):
        assert tab.page.locator("#result-rows em.plain").all_inner_texts() == [mark]


def test_one_who_leaves_an_arena_is_free_and_sees_its_end_later(
    browser: Browser, tabs: tuple[Tab, Tab]
) -> None:
    leaver = Tab(browser, locale="ko-KR", screen=DESKTOP)
    leaver.play(f"떠남-{uuid.uuid4().hex[:6]}", "arena")
    start(tabs, "arena")
    for tab in (leaver, *tabs):
        tab.see("#match")
    match_id = leaver.last_heard("match.found")["match_id"]
    leaver.page.click("#leave")
    leaver.page.click("#leave")
    leaver.see("#lobby")
    expect(leaver.page.locator("#notice-text")).to_contain_text("기권했습니다")
    for tab in tabs:
        tab.see(MY_RESULT, timeout_ms=MATCH_WAIT_MS)
        assert tab.last_heard("match.result")["match_id"] == match_id
    leaver.page.reload()
    leaver.see(MY_RESULT)
    assert leaver.page.locator("#result-rows tr.me em.plain").all_inner_texts() == ["기권"]
    assert leaver.complaints == []
    leaver.close()


def test_a_match_that_lost_its_server_says_that_the_rating_stays(
    tabs: tuple[Tab, Tab], faults: Runtime
) -> None:
    korean, english = tabs
    start(tabs, "arena")
    for tab in tabs:
        tab.see("#match")
    faults.kill(korean.last_heard("match.found")["session"])
    for tab, title, reason, rating in (
        (korean, "판이 중단되었습니다", "서버가 갑자기 멈췄습니다", "레이팅은 바뀌지 않았습니다"),
        (english, "The match was stopped", "stopped suddenly", "rating did not change"),
    ):
        expect(tab.page.locator("#result[open] #result-title")).to_have_text(title, timeout=MATCH_WAIT_MS)
        expect(tab.page.locator("#result-note")).to_contain_text(reason)
        expect(tab.page.locator("#result-note")).to_contain_text(rating)


def test_my_rank_is_shown_beyond_the_first_hundred(tabs: tuple[Tab, Tab], stack: Runtime) -> None:
    """밖의 판 하나로 백 명을 내 위에 세운다."""
    korean, _english = tabs
    korean.play(f"꼴찌-{uuid.uuid4().hex[:6]}", "arena")
    korean.see("#queue")
    korean.page.click("#cancel")
    korean.see("#lobby")
    command = ["python", "manage.py", "issue_service_token", "--name", "e2e", "--ttl-s", "600"]
    token = stack.execute("platform", command).strip().splitlines()[-1]
    # Playwright의 동기 API가 이 스레드의 이벤트 루프를 쓰고 있다.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, rank_below(korean.player_id(), token)).result(WAIT_S)
    korean.page.reload()
    mine = korean.page.locator("#lobby-board tr.me")
    expect(mine).to_be_visible()
    korean.shoot("ko-desktop-7-own-rank")
    assert int(mine.locator("td.rank").inner_text()) > ABOVE_ME
    assert korean.page.locator("#lobby-board tr.apart").count() == 1


async def rank_below(player_id: str, token: str) -> None:
    """`player_id`가 맨 끝인 큰 판을 끝낸다."""
    async with Lobby() as lobby, HanpanHttp(BASE_URL) as http:
        above = [(await lobby.guest()).player_id for _ in range(ABOVE_ME)]
        server, match_id = GameServer(http, token), str(uuid.uuid4())
        everyone = [*above, player_id]
        opened = await server.call("/api/v1/matches", mode="duel", player_ids=everyone, match_id=match_id)
        assert opened[0] == 201
        results = places(everyone)
        ended = await server.call(f"/api/v1/matches/{match_id}/finalize", mode="duel", results=results)
        assert ended[0] == 200


def test_one_alone_is_told_so_and_may_play_a_marked_bot(tabs: tuple[Tab, Tab]) -> None:
    korean, _english = tabs
    korean.play(f"혼자-{uuid.uuid4().hex[:6]}", "duel")
    korean.see("#queue")
    expect(korean.page.locator("#queue-state")).to_contain_text("나 혼자입니다")
    expect(korean.page.locator("#queue-window")).to_contain_text("누구와도 만납니다")
    expect(korean.page.locator("#queue-expires")).to_contain_text("찾지 못하면")
    korean.see("#bot-offer")
    korean.page.click("#call-bot")
    korean.see("#match")
    assert korean.screens()[-2:] == ["found", "match"]
    expect(korean.page.locator("#found-players em.plain")).to_have_text("봇")
    korean.see(MY_RESULT, timeout_ms=MATCH_WAIT_MS)
    assert korean.page.locator("#result-rows em.plain").all_inner_texts() == ["봇"]
    assert [player["is_bot"] for player in korean.last_heard("match.found")["players"]].count(True) == 1
    assert korean.page.locator("#result-board em.plain").count() == 0, "봇은 순위표에서 빠진다"


def test_the_match_of_the_result_is_seen_in_the_api_and_its_id_copied(tabs: tuple[Tab, Tab]) -> None:
    """README의 넷째 걸음: 판 번호를 누르면 API의 답이 열리고, 단추가 그 번호를 옮긴다."""
    start(tabs, "duel")
    for tab, word, copied in zip(tabs, ("판 번호", "Match ID"), ("복사했습니다", "Copied"), strict=True):
        tab.see(MY_RESULT, timeout_ms=MATCH_WAIT_MS)
        match_id = tab.last_heard("match.result")["match_id"]
        assert word in tab.text("#result .match-id")
        link = tab.page.locator("#result-match")
        expect(link).to_have_text(match_id)
        tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        tab.page.click("#result-copy")
        expect(tab.page.locator("#result-copy")).to_have_text(copied)
        assert tab.page.evaluate("() => navigator.clipboard.readText()") == match_id
        tab.shoot(f"result-match-id-{copied}")
        with tab.page.context.expect_page() as opened:
            link.click()
        assert opened.value.url == f"{BASE_URL}/api/v1/matches/{match_id}"
        expect(opened.value.locator("body")).to_contain_text(match_id)
        expect(tab.page.locator("#result")).to_be_visible()
