"""모든 시험이 함께 지키는 것: 단위 시험은 네트워크에 닿지 않는다.

Django 설정보다 먼저 있어야 하는 환경은 stack.pytest_plugin이 준다.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from pytest_socket import disable_socket, enable_socket

UNIT = Path(__file__).parent / "unit"

# 시간을 재는 시험은 두지 않는다: 바쁜 코어 옆에서 예 하나가 0.2초를 넘은 것은 실패가 아니다.
hypothesis.settings.register_profile("hanpan", deadline=None)
hypothesis.settings.load_profile("hanpan")


def pytest_collection_finish() -> None:
    """워커들처럼 처음의 객체를 청소에서 뺀다: 20만 개를 훑는 0.1초의 멈춤이 시험의 기한에 끼어든다."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _no_network_in_unit_tests(request: pytest.FixtureRequest) -> Iterator[None]:
    """단위 시험이 소켓을 열면 그 자리에서 실패한다. asyncio가 쓰는 유닉스 소켓은 둔다."""
    if not request.path.is_relative_to(UNIT):
        yield
        return
    disable_socket(allow_unix_socket=True)
    try:
        yield
    finally:
        enable_socket()
