"""이 서버를 비울 것인가: 운영자의 뜻과 SIGTERM을 모아 상태를 정하고, 유예가 다하면 남은 판을 끝낸다.

순수하다: 시각은 받는다.
"""

from __future__ import annotations

from kernel.errors import SessionDraining
from redisstore.registry import ServerState


class Drain:
    """비우기의 상태. `grace_ms`는 도는 판을 기다리는 상한이다."""

    def __init__(self, *, grace_ms: int) -> None:
        self._grace_s = grace_ms / 1000
        self._operator_intends = False
        self._stopping = False
        self._since_s: float | None = None

    @property
    def is_draining(self) -> bool:
        """새 판을 받지 않는가."""
        return self._operator_intends or self._stopping

    def check_open(self) -> None:
        """새 판을 받는지 본다.

        Raises:
            SessionDraining: 비우는 중이다.
        """
        if self.is_draining:
            raise SessionDraining

    def state(self, matches_held: int) -> ServerState:
        """등록부에 말할 상태. `matches_held`는 돌거나 결과를 쓰는 판의 수다."""
        if not self.is_draining:
            return ServerState.READY
        return ServerState.DRAINING if matches_held else ServerState.DRAINED

    def heed_operator(self, *, intends: bool, now_s: float) -> bool:
        """운영자의 뜻을 따른다. 상태가 바뀌었으면 True. 뜻을 거두면 다시 받는다(멈추는 중이 아니면)."""
        changed = intends != self._operator_intends
        self._operator_intends = intends
        self._note(now_s)
        return changed

    def stop(self, now_s: float) -> None:
        """프로세스가 멈춘다. 되돌릴 수 없다."""
        self._stopping = True
        self._note(now_s)

    def grace_is_over(self, now_s: float) -> bool:
        """남은 판을 더 기다리지 않을 때인가."""
        return self._since_s is not None and now_s - self._since_s >= self._grace_s

    def _note(self, now_s: float) -> None:
        if not self.is_draining:
            self._since_s = None
        elif self._since_s is None:
            self._since_s = now_s
