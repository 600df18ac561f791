"""e2e의 직원: 시연 계정으로 로그인한 브라우저와, LB를 지나 두는 봇들."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from stack.runtime import Runtime
from tests.e2e.browser import BASE_URL, SCREENSHOTS, WAIT_MS

ROOT = Path(__file__).resolve().parents[2]
BOTS_STOP_S = 30.0
ZONE = "Asia/Seoul"
DEMO_STAFF = "demo-staff.txt"


def demo_passwords(stack: Runtime) -> dict[str, str]:
    """setup이 만들며 적어 둔 비밀번호들. 구성은 DEMO=1로 떠 있어야 한다."""
    keys = stack.topology.services["platform"].environment["HANPAN_KEYS_DIR"]
    lines = stack.execute("platform", ["cat", f"{keys}/{DEMO_STAFF}"]).splitlines()
    return {username: password for username, _, password in (line.partition(" ") for line in lines)}


def demo_password(stack: Runtime, username: str) -> str:
    """시연 직원 한 사람의 비밀번호."""
    return demo_passwords(stack)[username]


class Desk:
    """직원 한 사람의 탭. 쪽의 코드가 던진 오류와 콘솔의 오류(CSP 위반 포함)를 모은다."""

    def __init__(
        self, browser: Browser, *, locale: str, screen: dict[str, Any], scheme: str = "light"
    ) -> None:
        self.locale = locale
        context = browser.new_context(locale=locale, color_scheme=scheme, timezone_id=ZONE, **screen)  # type: ignore[arg-type]
        self.page: Page = context.new_page()
        self.page.set_default_timeout(WAIT_MS)
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console", lambda said: self.complaints.append(said.text) if said.type == "error" else None
        )

    def sign_in(self, username: str, password: str) -> None:
        """/ops/를 열면 로그인으로 가고, 들어오면 돌아온다."""
        self.open("/ops/")
        assert "/admin/login/" in self.page.url
        self.page.fill("#id_username", username)
        self.page.fill("#id_password", password)
        self.page.press("#id_password", "Enter")
        self.page.wait_for_url(f"{BASE_URL}/ops/")

    def open(self, path: str) -> None:
        self.page.goto(f"{BASE_URL}{path}")

    def is_live(self) -> None:
        """숫자가 오고 있음을 위 띠가 말할 때까지 기다린다."""
        expect(self.page.locator("#live-status")).to_have_attribute("data-state", "live")

    def metric(self, name: str) -> str:
        return self.page.locator(f'[data-metric="{name}"] output').inner_text()

    def wait_metric(self, name: str, pattern: str) -> None:
        """카드의 숫자가 그 모양이 될 때까지 기다린다."""
        card = self.page.locator(f'[data-metric="{name}"] output')
        expect(card).to_have_text(re.compile(pattern), timeout=4 * WAIT_MS)

    def shoot(self, name: str) -> None:
        """화면을 var/screenshots/에 남긴다(커밋하지 않는다)."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")

    def close(self) -> None:
        self.page.context.close()


@contextmanager
def bots(count: int) -> Iterator[subprocess.Popen[str]]:
    """`manage.py bots`를 띄우고, 나갈 때 Ctrl-C처럼 멈춘다. 깨끗이 끝나지 않으면 실패한다."""
    stack = [sys.executable, "-m", "stack", "--file", "e2e", "--project", "e2e", "exec", "platform"]
    command = [*stack, "python", "manage.py", "bots", "--count", str(count), "--url", BASE_URL]
    korean = {**os.environ, "LC_ALL": "", "LC_MESSAGES": "", "LANG": "ko_KR.UTF-8"}
    process = subprocess.Popen(
        command, cwd=ROOT, env=korean, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    try:
        # 명령의 말은 LANG을 따른다: 어느 말이든 알아본다.
        first = process.stdout.readline()
        assert "Ctrl-C" in first, first
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            said, _ = process.communicate(timeout=BOTS_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise
    assert process.returncode == 0, said
    assert re.search(r"판이 끝났고|matches finished", said), said
