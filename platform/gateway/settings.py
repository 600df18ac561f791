"""gateway의 설정값. 환경 변수는 server.py만 읽고, 나머지는 이 값만 본다."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxLimits:
    """내보내는 줄의 상한. `lag_s`는 넘친 채 비우지 못하고 견디는 초."""

    max_frames: int = 64
    max_bytes: int = 256 * 1024
    lag_s: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySettings:
    """이름, 듣는 자리, 상한들. 단위는 이름에 있다."""

    instance: str
    region: str
    version: str = "0"
    bind_host: str = "127.0.0.1"
    http_port: int = 8000
    probe_port: int = 8001
    matchmaking_addresses: tuple[str, ...] = ()
    allowed_origins: frozenset[str] = frozenset()
    trusted_proxies: tuple[str, ...] = ()
    max_frame_bytes: int = 16 * 1024
    messages_per_s: float = 60.0
    messages_burst: int = 120
    connects_per_s: float = 200.0
    connects_burst: int = 2000
    hello_timeout_s: float = 5.0
    sockets_per_player: int = 5
    greetings_per_address: int = 1000
    heartbeat_s: float = 15.0
    busy_ping_s: float = 2.0
    busy_limit_s: float = 5.0
    queue_return_s: float = 3.0
    outbox: OutboxLimits = field(default_factory=OutboxLimits)
    # 나갈 때: LB가 404를 볼 시간, bye를 흩뿌리는 시간, 그 모두의 상한.
    drain_notice_s: float = 1.5
    drain_spread_s: float = 3.0
    drain_limit_s: float = 10.0
