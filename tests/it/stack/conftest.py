"""스택 도구의 시험: 말은 한국어로 견준다(단위 시험과 같은 터미널)."""

from tests.unit.stack.conftest import _korean_terminal

__all__ = ["_korean_terminal"]
