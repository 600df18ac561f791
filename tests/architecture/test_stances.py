"""열고 닫는 것은 값이다: 글로 말하는 모듈은 그 값을 받는다."""

from __future__ import annotations

from tests.architecture.rooms import ROOT

# 몸가짐의 뜻을 말하는 자리.
DEFINITIONS = {"platform/kernel/errors.py", "platform/resilience/stance.py"}


def test_a_module_that_says_it_fails_open_or_closed_takes_a_stance() -> None:
    says = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for top in ("platform", "gameservices")
        for path in (ROOT / top).rglob("*.py")
    }
    spoken = {name: text for name, text in says.items() if "FAIL OPEN" in text or "FAIL CLOSED" in text}
    assert len(spoken) > len(DEFINITIONS)
    without = {name for name, text in spoken.items() if "stance: Stance" not in text}
    assert without == DEFINITIONS
