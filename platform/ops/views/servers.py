"""플릿: 등록부의 session 서버들과 갈아 끼우기. 처음 모습은 함께 그려 보내고 소켓이 이어서 고친다."""

from __future__ import annotations

from typing import Any

from fleet.authority import StaffAuthority
from fleet.rolls import is_finished
from fleet.wiring import drain_orders, rolls
from kernel.clock import SystemClock
from kernel.errors import Unavailable
from ops.live.reading import ServerSeen, servers_seen
from ops.views.page import OpsPage
from redisstore.servers.rows import ServerState

_clock = SystemClock()


class ServersPage(OpsPage):
    """/ops/servers/. Redis가 멈춰도 쪽은 열리고 그렇다고 말한다."""

    nav_key = "servers"
    template_name = "ops/servers.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        orders = drain_orders()
        at_ms = _clock.now_ms()
        servers: tuple[ServerSeen, ...] | None
        try:
            servers = servers_seen(orders.fleet())
        except Unavailable:
            servers = None
        authority = StaffAuthority(self.request.user)  # type: ignore[arg-type]
        pools = {server.pool for server in servers or ()}
        operable = {pool for pool in pools if authority.may_operate(orders.region, pool)}
        roll = rolls().current()
        return {
            **super().get_context_data(**kwargs),
            "servers": servers,
            "at_ms": at_ms,
            "redis_is_down": servers is None,
            "state_keys": [state.value for state in ServerState],
            "roll": roll,
            "roll_is_open": roll is not None and not is_finished(roll),
            "may_order": bool(operable),
            "may_roll": bool(servers) and operable == pools,
        }
