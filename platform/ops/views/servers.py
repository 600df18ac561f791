"""서버: 등록부의 session 서버들. 처음 모습은 함께 그려 보내고 소켓이 이어서 고친다."""

from __future__ import annotations

from typing import Any

from accounts.permissions import StaffPermission
from kernel.errors import Unavailable
from ops.live.reading import ServerSeen
from ops.queries.fleet import read_servers
from ops.views.page import OpsPage
from redisstore.server_rows import ServerState


class ServersPage(OpsPage):
    """/ops/servers/. Redis가 멈춰도 쪽은 열리고 그렇다고 말한다."""

    permission = StaffPermission.SERVER_VIEW
    nav_key = "servers"
    template_name = "ops/servers.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        servers: tuple[ServerSeen, ...] | None
        try:
            servers = read_servers()
        except Unavailable:
            servers = None
        return {
            **super().get_context_data(**kwargs),
            "servers": servers,
            "redis_is_down": servers is None,
            "state_keys": [state.value for state in ServerState],
        }
