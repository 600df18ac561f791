"""시험이 Django 설정보다 먼저 알아야 하는 환경과, 끝에 남기는 한 줄 요약.

pytest-django는 conftest보다 먼저 설정을 읽는다. 그래서 `-p`로 더 먼저 들어온다(pyproject.toml).
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import pytest

from stack.session import WORKER

SUITE = "HANPAN_TEST_SUITE"
SUMMARIES = "HANPAN_TEST_SUMMARIES"
_began_s = time.monotonic()

# 시험은 제 열쇠를 만든다(일꾼마다 따로): 개발자의 var/keys를 건드리지도, 거기에 기대지도 않는다.
_keys = tempfile.TemporaryDirectory(prefix="hanpan-keys-")
os.environ["HANPAN_KEYS_DIR"] = _keys.name


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """스크립트가 파일을 주면 pytest의 요약 줄을 시험 묶음의 이름과 함께 덧붙인다(일꾼은 적지 않는다)."""
    path = os.environ.get(SUMMARIES)
    if path and WORKER not in os.environ:
        parts, _color = terminalreporter.build_summary_stats_line()
        counts = ", ".join(text for text, _markup in parts)
        suite = os.environ.get(SUITE, "pytest")
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(f"{suite:<8} === {counts} in {time.monotonic() - _began_s:.2f}s ===\n")


def pytest_unconfigure() -> None:
    """임시 열쇠 폴더를 지운다."""
    _keys.cleanup()
