"""e2e의 스택: scripts/test-e2e.sh가 띄운 것에 붙고, 손으로 돌렸으면 스스로 띄우고 멈춘다.

시험은 http://localhost:8080만 부른다. 스택의 손잡이는 장애를 내고 로그를 보는 데만 쓴다.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from stack.runtime import Runtime
from stack.session import attached_stack, restore_services
from tests.e2e.browser import DESKTOP, PHONE, Tab, chromium
from tests.e2e.fleet_desk import FleetDesk
from tests.fakes.otlp_receiver import OtlpReceiver, otlp_receiver


@pytest.fixture(scope="session", autouse=True)
def stack() -> Iterator[Runtime]:
    """도는 e2e 스택. 스스로 띄울 때에도 시연 직원이 있어야 한다."""
    os.environ.setdefault("DEMO", "1")
    with attached_stack("e2e", "e2e", print) as runtime:
        yield runtime


@pytest.fixture(scope="session", autouse=True)
def otlp() -> Iterator[OtlpReceiver | None]:
    """모든 프로세스가 추적을 보내는 곳. 스택이 보낼 곳을 모르고 떴으면 없다."""
    address = os.environ.get("OTLP_ENDPOINT")
    if not address:
        yield None
        return
    with otlp_receiver(address) as receiver:
        yield receiver


@pytest.fixture
def spans(otlp: OtlpReceiver | None) -> OtlpReceiver:
    """받은 스팬들."""
    assert otlp is not None, "추적을 받지 않는 스택이다: OTLP_ENDPOINT를 주고 띄운다(scripts/test-e2e.sh)"
    return otlp


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """모듈 하나가 나눠 쓰는 크로미움."""
    with chromium() as opened:
        yield opened


@pytest.fixture
def tabs(browser: Browser) -> Iterator[tuple[Tab, Tab]]:
    """놀이 쪽의 두 선수: 한국어 데스크톱과 영어 휴대폰."""
    korean = Tab(browser, locale="ko-KR", screen=DESKTOP)
    english = Tab(browser, locale="en-US", screen=PHONE)
    yield korean, english
    complaints = korean.complaints + english.complaints
    korean.close()
    english.close()
    assert complaints == [], "쪽의 코드가 던진 오류"


@pytest.fixture
def faults(stack: Runtime) -> Iterator[Runtime]:
    """kill, pause, start로 장애를 내는 손잡이. 시험이 끝나면 모두 되살린다."""
    yield stack
    restore_services(stack)


@pytest.fixture(name="desk_of_fleet", scope="session")
def _desk_of_fleet(stack: Runtime) -> FleetDesk:
    """서비스 토큰 하나를 나눠 쓰는 운영자."""
    return FleetDesk(stack)


@pytest.fixture
def fleet(faults: Runtime, desk_of_fleet: FleetDesk) -> Iterator[FleetDesk]:
    """플릿의 운영자. 시험이 어떻게 끝나든 모든 서버를 열어 놓는다."""
    yield desk_of_fleet
    desk_of_fleet.open_everything()
