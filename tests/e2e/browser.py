"""e2e의 브라우저: Debian의 Chromium을 띄워 /play/를 연다. LB로만 말한다.

`Tab` 하나가 선수 하나다. `Tab.beside`는 같은 브라우저(같은 기억)의 다른 탭이다.
쪽이 주고받은 소켓의 프레임도 함께 적어, 화면 뒤에서 무슨 말이 오갔는지 볼 수 있다.
"""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, WebSocket, expect, sync_playwright

BASE_URL = "http://localhost:8080"
CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
SCREENSHOTS = Path(__file__).resolve().parents[2] / "var" / "screenshots"
WAIT_MS = 15_000
# 줄인 판(몇 초)과 줄이지 않은 판(1분) 어느 쪽에서도 맞는다.
MATCH_WAIT_MS = 90_000
MY_RESULT = "#result[open] #result-rows tr.me"
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True,
}  # fmt: skip


@contextmanager
def chromium() -> Iterator[Browser]:
    """브라우저 하나. 탭마다 문맥이 달라 서로 다른 사람처럼 군다."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS), timeout=60_000)
        try:
            yield browser
        finally:
            browser.close()


# 화면이 바뀐 차례와 시작까지 보인 수를 쪽 안에서 적는다(수는 곧 사라져 밖에서 보면 놓친다).
NOTE_SCREENS = """() => {
  window.seen = { screens: [], counts: [] };
  const note = (list, value) => { if (value && list.at(-1) !== value) list.push(value); };
  const watch = new MutationObserver(() => {
    note(window.seen.screens, document.body.dataset.screen);
    const countdown = document.getElementById("found-countdown");
    if (countdown && !countdown.hidden) note(window.seen.counts, countdown.textContent);
  });
  const everything = { subtree: true, childList: true, attributes: true, characterData: true };
  addEventListener("DOMContentLoaded", () => watch.observe(document.documentElement, everything));
}"""


class Tab:
    """/play/를 연 탭 하나."""

    def __init__(self, browser: Browser, *, locale: str, screen: dict[str, Any], **context: Any) -> None:
        self._open(browser.new_context(locale=locale, **screen, **context))

    @classmethod
    def beside(cls, other: Tab) -> Tab:
        """같은 브라우저의 새 탭."""
        tab = cls.__new__(cls)
        tab._open(other.page.context)
        return tab

    def _open(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.page.set_default_timeout(WAIT_MS)
        self.page.add_init_script(f"({NOTE_SCREENS})()")
        self.complaints: list[str] = []
        self.sent: list[dict[str, Any]] = []
        self.heard: list[dict[str, Any]] = []
        self.acked_seq = 0
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("websocket", self._watch)
        self.page.goto(f"{BASE_URL}/play/")

    def play(self, name: str, mode: str) -> None:
        """이름을 적고, 모드를 고르고, 시작을 누른다."""
        self.page.fill("#name", name)
        self.page.check(f"input[name=mode][value={mode}]", force=True)
        self.page.click("#play")

    def see(self, selector: str, *, timeout_ms: float = WAIT_MS) -> None:
        """그 자리가 보일 때까지 기다린다."""
        expect(self.page.locator(selector)).to_be_visible(timeout=timeout_ms)

    def shoot(self, name: str) -> None:
        """화면을 var/screenshots/에 남긴다(커밋하지 않는다)."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png", animations="disabled")

    def text(self, selector: str) -> str:
        return self.page.locator(selector).inner_text()

    def swipe(self, dx: int, dy: int) -> None:
        """마당을 누른 채 끈다. 손가락은 떼지 않는다."""
        box = self.page.locator("#field").bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        touch = self.page.context.new_cdp_session(self.page)
        for kind, at in (("touchStart", (x, y)), ("touchMove", (x + dx, y + dy))):
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": at[0], "y": at[1]}]})

    def inputs(self) -> list[tuple[int, int]]:
        """보낸 방향들."""
        return [(frame["dx"], frame["dy"]) for frame in self.sent if frame["t"] == "input"]

    def said(self, *kinds: str) -> list[str]:
        """보낸 말 가운데 그 종류들을 보낸 차례대로."""
        return [frame["t"] for frame in self.sent if frame["t"] in kinds]

    def wait_for_ack(self) -> None:
        """서버가 내 입력을 하나라도 적용했다고 상태 프레임의 머리가 말할 때까지 기다린다."""
        deadline_s = time.monotonic() + WAIT_MS / 1000
        while self.acked_seq < 1:
            assert time.monotonic() < deadline_s, "입력이 적용되지 않았다"
            self.page.wait_for_timeout(20)  # 기다리는 동안 소켓의 사건이 들어온다

    def last_heard(self, kind: str) -> dict[str, Any]:
        """그 종류의 메시지 가운데 마지막으로 들은 것."""
        return next(frame for frame in reversed(self.heard) if frame["t"] == kind)

    def player_id(self) -> str:
        """서버가 welcome에서 말한 나."""
        return str(self.last_heard("welcome")["player_id"])

    def screens(self) -> list[str]:
        """쪽을 연 뒤로 보인 화면의 차례."""
        shown: list[str] = self.page.evaluate("seen.screens")
        return shown

    def go_offline(self) -> None:
        """망을 끊는다. 루프백뿐인 기계의 브라우저는 처음부터 오프라인이라 사건이 없어 같은 것을 낸다."""
        self._set_offline(True)

    def go_online(self) -> None:
        self._set_offline(False)

    def _set_offline(self, offline: bool) -> None:
        was_online = self.page.evaluate("navigator.onLine")
        self.page.context.set_offline(offline)
        if self.page.evaluate("navigator.onLine") == was_online:
            self.page.evaluate("kind => dispatchEvent(new Event(kind))", "offline" if offline else "online")

    def close(self) -> None:
        """닫는다. 섰던 줄에서는 나온다: 돌아올 틈에 남은 표가 다음 시험의 선수와 만나지 않게.

        누르는 사이에 상대를 만날 수 있으므로 보이기를 기다려 누르지 않는다: 어느 쪽이든 줄에서는 나온다.
        """
        queue = self.page.locator("#queue")
        if queue.is_visible():
            self.page.locator("#cancel").dispatch_event("click")
            expect(queue).to_be_hidden()
        self.page.context.close()

    def _watch(self, socket: WebSocket) -> None:
        socket.on("framesent", self._note_sent)
        socket.on("framereceived", self._note_received)

    def _note_sent(self, payload: str | bytes) -> None:
        self.sent.append(json.loads(payload))

    def _note_received(self, payload: str | bytes) -> None:
        if isinstance(payload, bytes):
            (self.acked_seq,) = struct.unpack_from("<I", payload, 8)
        else:
            self.heard.append(json.loads(payload))
