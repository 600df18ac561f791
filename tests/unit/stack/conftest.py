"""스택 도구의 시험: 말은 한국어로 견준다. 영어는 test_words.py가 본다."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _korean_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
