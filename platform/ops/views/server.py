"""서버 하나: 지금의 모습, 비우면 어떻게 되는가, 비우는 진행, 그리고 이 서버에 시킨 일들."""

from __future__ import annotations

from typing import Any

from accounts.permissions import StaffPermission
from audit.models import AuditRecord
from fleet.authority import StaffAuthority
from fleet.models import DrainIntent
from fleet.orders import find_server, target_of
from fleet.preview import preview_drain
from ops.fleet_orders import drain_orders
from ops.live.reading import servers_seen
from ops.views.page import OpsPage
from redisstore.server_rows import ServerState

RECORDS_SHOWN = 20


class ServerPage(OpsPage):
    """/ops/servers/<server_id>/"""

    permission = StaffPermission.SERVER_VIEW
    nav_key = "servers"
    template_name = "ops/server.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        server_id = kwargs["server_id"]
        orders = drain_orders()
        fleet = orders.fleet_with(server_id)
        row = find_server(fleet, server_id)
        (seen,) = (each for each in servers_seen(fleet) if each.server_id == server_id)
        authority = StaffAuthority(self.request.user)  # type: ignore[arg-type]
        return {
            **super().get_context_data(**kwargs),
            "server": seen,
            "preview": preview_drain(fleet, row, orders.max_grace_ms),
            "intent": DrainIntent.objects.filter(region=orders.region, server_id=server_id).first(),
            "may_operate": authority.may_operate(orders.region, row.pool),
            "max_grace_s": orders.max_grace_ms // 1000,
            "state_keys": [state.value for state in ServerState],
            "records": self._records(orders.region, server_id),
        }

    def _records(self, region: str, server_id: str) -> list[AuditRecord] | None:
        """이 서버에 시킨 일들을 새것부터. 감사를 볼 수 없는 사람에게는 None."""
        if not self.request.user.has_perm("audit.view_auditrecord"):
            return None
        rows = AuditRecord.objects.filter(target=target_of(region, server_id))
        return list(rows.order_by("-pk")[:RECORDS_SHOWN])
