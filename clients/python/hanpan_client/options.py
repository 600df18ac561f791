"""클라이언트의 선택들. 기본값이면 충분한 것만 모았다."""

from __future__ import annotations

from dataclasses import dataclass, field

from .reconnect import Backoff
from .seat import ViewFactory, full_view


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientOptions:
    """HanpanClient의 선택들.

    `reconnect`가 None이면 끊긴 채 둔다. `view`는 match.start에서 시야를 만든다(부하 도구는 HeaderView를
    준다). `seed`는 다시 잇는 간격의 난수를 고정한다. `origin`은 브라우저를 흉내 낼 때만 준다.
    """

    region: str | None = None
    origin: str | None = None
    open_timeout_s: float = 5.0
    call_timeout_s: float = 5.0
    ping_interval_s: float = 15.0
    reconnect: Backoff | None = field(default_factory=Backoff)
    view: ViewFactory = full_view
    inbox_limit: int = 256
    seed: int | None = None
