"""이 서버를 드레인할 것인가: 운영자의 뜻과 SIGTERM을 모아 상태를 정하고, 유예가 다하면 남은 판을 끝낸다.

순수하다: 시각은 받는다. 운영자가 드레인한 서버는 마지막 판 뒤에 스스로 끝난다. 뜻이 있는 채로 다시 뜬 서버는
끝나지 않고 빈 채로 기다린다(그러지 않으면 되살리는 이와 끝없이 맞돈다).
"""

from __future__ import annotations

from dataclasses import dataclass

from kernel.errors import SessionDraining
from redisstore.servers.registry import ServerState


@dataclass(frozen=True, slots=True)
class DrainRequest:
    """운영자의 뜻. 유예가 None이면 서버의 기본값이다."""

    intends: bool
    grace_ms: int | None = None


class Drain:
    """드레인의 상태. `grace_ms`는 운영자가 따로 말하지 않았을 때 도는 판을 기다리는 상한이다."""

    def __init__(self, *, grace_ms: int) -> None:
        self._default_grace_ms = grace_ms
        self._request: DrainRequest | None = None
        self._has_served = False
        self._stopping = False
        self._since_s: float | None = None

    @property
    def request(self) -> DrainRequest:
        """마지막으로 들은 운영자의 뜻."""
        return self._request or DrainRequest(intends=False)

    @property
    def is_draining(self) -> bool:
        """새 판을 받지 않는가."""
        return self.request.intends or self._stopping

    def check_open(self) -> None:
        """새 판을 받는지 본다.

        Raises:
            SessionDraining: 드레인 중이다.
        """
        if self.is_draining:
            raise SessionDraining

    def state(self, matches_held: int) -> ServerState:
        """등록부에 말할 상태. `matches_held`는 돌거나 결과를 쓰는 판의 수다.

        운영자의 뜻을 한 번도 듣지 못했으면 아직 뜨는 중이다: 드레인하던 서버가 다시 뜨며 판을 받지 않는다.
        """
        if self._request is None and not self._stopping:
            return ServerState.STARTING
        if not self.is_draining:
            return ServerState.READY
        return ServerState.DRAINING if matches_held else ServerState.DRAINED

    def heed_operator(self, request: DrainRequest, *, now_s: float) -> bool:
        """운영자의 뜻을 따른다. 드레인이 켜지거나 꺼졌으면 True. 거두면 다시 받는다(멈추는 중이 아니면)."""
        changed = request.intends != self.request.intends
        self._request = request
        self._has_served |= not request.intends
        self._note(now_s)
        return changed

    def stop(self, now_s: float) -> None:
        """프로세스가 멈춘다. 되돌릴 수 없다."""
        self._stopping = True
        self._note(now_s)

    def is_over(self, *, held: int, running: int, now_s: float) -> bool:
        """운영자가 드레인한 서버가 할 일을 다했는가. 그러면 프로세스가 끝난다.

        `held`는 열거나 돌거나 결과를 쓰는 판, `running`은 그 가운데 아직 끝나지 않은 판의 수다. 유예가 다하면
        쓰지 못한 결과는 기다리지 않는다: 일지에 있어 다른 서버가 쓴다.
        """
        is_done = not held or (not running and self.grace_is_over(now_s))
        return self.request.intends and self._has_served and is_done

    def left_ms(self, now_s: float) -> int | None:
        """남은 유예. 드레인 중이 아니면 None."""
        if self._since_s is None:
            return None
        return max(0, round(self._grace_ms - 1000 * (now_s - self._since_s)))

    def grace_is_over(self, now_s: float) -> bool:
        """남은 판을 더 기다리지 않을 때인가."""
        return self.left_ms(now_s) == 0

    @property
    def _grace_ms(self) -> int:
        ordered_ms = self.request.grace_ms if self.request.intends else None
        return self._default_grace_ms if ordered_ms is None else ordered_ms

    def _note(self, now_s: float) -> None:
        if not self.is_draining:
            self._since_s = None
        elif self._since_s is None:
            self._since_s = now_s
