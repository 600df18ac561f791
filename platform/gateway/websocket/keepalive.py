"""조용한 소켓을 둘러보는 규칙: 얼마나 조용하면 ping을 보내고, 얼마나 조용하면 떠난 것으로 보는가.

시각이 아니라 우리가 둘러본 횟수로 잰다: 이벤트 루프가 멈칫하면 둘러보지도 않으므로, 우리의 멈칫이 산 선수를
끊지 않는다. 둘러볼 때마다 그 앞에 도착한 것을 이미 읽었다.
"""

from __future__ import annotations

from dataclasses import dataclass

LOOKS_PER_PING = 4


@dataclass(frozen=True, slots=True)
class Patience:
    """조용한 채로 몇 번 둘러볼 때마다 ping을 보내고, 몇 번째에 그만두는가."""

    looks_per_ping: int
    give_up_looks: int


@dataclass(frozen=True, slots=True)
class Keepalive:
    """둘러보는 간격과, 기다리거나 두는 소켓과 한가한 소켓의 참을성."""

    look_every_s: float
    busy: Patience
    idle: Patience

    @classmethod
    def of(cls, *, busy_ping_s: float, busy_limit_s: float, heartbeat_s: float) -> Keepalive:
        """초로 말한 설정에서. 떠난 것을 `busy_limit_s` 안에 알고, 한가한 소켓은 두 번 놓치면 끊는다."""
        look_every_s = min(busy_ping_s, heartbeat_s) / LOOKS_PER_PING
        busy_looks, idle_looks = round(busy_ping_s / look_every_s), round(heartbeat_s / look_every_s)
        # n번째 둘러볼 때의 조용함은 n-1번과 n번의 간격 사이다.
        give_up_looks = max(busy_looks + 1, int(busy_limit_s / look_every_s))
        return cls(
            look_every_s=look_every_s,
            busy=Patience(busy_looks, give_up_looks),
            idle=Patience(idle_looks, 3 * idle_looks),
        )
