"""서버 하나: 지금의 모습, 드레인하면 어떻게 되는가, 드레인의 진행, 그리고 이 서버에 시킨 일들."""

from __future__ import annotations

from typing import Any

from audit.models import AuditRecord
from fleet.authority import StaffAuthority
from fleet.models import DrainIntent
from fleet.orders import find_server, target_of
from fleet.preview import preview_drain
from fleet.wiring import drain_orders
from kernel.clock import SystemClock, epoch_ms
from ops.live.reading import ServerSeen, servers_seen
from ops.views.page import OpsPage
from redisstore.servers.rows import ServerState

RECORDS_SHOWN = 20
_clock = SystemClock()

REOPENING_MS = 10_000  # 뜻을 거둔 뒤 서버가 그것을 듣기까지(Redis가 막 돌아왔어도 5초)


def _reopening_until_ms(intent: DrainIntent | None) -> int:
    """뜻을 방금 거두었으면 서버가 그것을 들을 때까지. 아니면 0이다."""
    if intent is None or intent.intended:
        return 0
    return epoch_ms(intent.ordered_at) + REOPENING_MS


def _shown_state(server: ServerSeen, *, is_reopening: bool) -> str:
    """보일 상태(server_fields.js의 shownState와 같다). 시킨 일이 되돌아간 듯 보이지 않게 한다."""
    settled = server.state in {ServerState.DRAINING, ServerState.DRAINED} and not server.drain_intended
    return "reopening" if settled and is_reopening else server.state


class ServerPage(OpsPage):
    """/ops/servers/<server_id>/"""

    nav_key = "servers"
    template_name = "ops/server.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        server_id = kwargs["server_id"]
        orders = drain_orders()
        at_ms = _clock.now_ms()
        fleet = orders.fleet_with(server_id)
        row = find_server(fleet, server_id)
        (seen,) = (each for each in servers_seen(fleet) if each.server_id == server_id)
        authority = StaffAuthority(self.request.user)  # type: ignore[arg-type]
        intent = DrainIntent.objects.filter(region=orders.region, server_id=server_id).first()
        reopening_until_ms = _reopening_until_ms(intent)
        return {
            **super().get_context_data(**kwargs),
            "server": seen,
            "shown_state": _shown_state(seen, is_reopening=at_ms < reopening_until_ms),
            "reopening_until_ms": reopening_until_ms,
            "at_ms": at_ms,
            "preview": preview_drain(fleet, row, orders.max_grace_ms),
            "intent": intent,
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
