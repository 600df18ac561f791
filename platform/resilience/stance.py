"""기대는 것이 멈췄을 때 여는가 닫는가(FAIL OPEN, FAIL CLOSED). 물건을 짓는 자리가 값으로 준다."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stance:
    """멈췄을 때의 몸가짐. `count`는 그렇게 답한 일의 수를 지표에 더한다.

    여는 것은 그것을 세는 지표와 함께만 지을 수 있다: 세지 않는 열림은 아무도 모른다.
    """

    is_open: bool
    count: Callable[[int], object] | None = None

    @classmethod
    def fail_open(cls, count: Callable[[int], object]) -> Stance:
        """대신할 답으로 잇는다."""
        return cls(is_open=True, count=count)

    @classmethod
    def fail_closed(cls, count: Callable[[int], object] | None = None) -> Stance:
        """실패를 그대로 올린다."""
        return cls(is_open=False, count=count)

    def answer(self, failure: Exception, instead: Callable[[], T], *, items: int = 1) -> T:
        """`failure`를 만난 일 `items`개의 답: 열면 `instead()`, 닫으면 실패 그대로.

        Raises:
            Exception: 닫는 몸가짐이면 받은 `failure`.
        """
        if self.count is not None:
            self.count(items)
        if not self.is_open:
            raise failure
        return instead()
