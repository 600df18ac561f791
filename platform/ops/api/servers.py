"""서버들의 운영 API: 보고, 미리 보고, 드레인하고, 거둔다."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import msgspec
from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from fleet.orders import Order
from fleet.wiring import drain_orders
from ops.api import serializers
from ops.api.base import OpsApiView
from ops.live.reading import servers_seen


class ServersView(OpsApiView):
    """GET /ops/api/v1/servers"""

    @extend_schema(operation_id="ops_servers", responses=serializers.FleetAnswer)
    def get(self, request: Request) -> Response:
        """지금의 서버들."""
        fleet = drain_orders().fleet()
        servers = msgspec.to_builtins(servers_seen(fleet))
        return Response({"region": settings.REGION, "at_ms": fleet.now_ms, "servers": servers})


class PreviewView(OpsApiView):
    """GET /ops/api/v1/servers/{server_id}/drain/preview"""

    @extend_schema(
        operation_id="ops_drain_preview",
        parameters=[serializers.PreviewQuery],
        responses=serializers.Preview,
    )
    def get(self, request: Request, server_id: str) -> Response:
        """드레인하면 몇 판을 얼마나 기다리는가."""
        query = serializers.PreviewQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        preview = drain_orders().preview(server_id, query.validated_data.get("grace_ms"))
        return Response(asdict(preview))


class DrainView(OpsApiView):
    """POST /ops/api/v1/servers/{server_id}/drain"""

    @extend_schema(
        operation_id="ops_drain", request=serializers.DrainOrder, responses=serializers.OrderAnswer
    )
    def post(self, request: Request, server_id: str) -> Response:
        """서버를 드레인한다(멱등)."""
        form = serializers.DrainOrder(data=request.data)
        form.is_valid(raise_exception=True)
        return self._give(
            server_id, intended=True, reason=form.validated_data["reason"],
            grace_ms=form.validated_data.get("grace_ms"),
        )  # fmt: skip

    def _give(self, server_id: str, **fields: Any) -> Response:
        order = Order(server_id=server_id, **fields)
        receipt = drain_orders().give(order, self.authority)
        return Response(
            {
                "server_id": server_id,
                "drain_intended": order.intended,
                "changed": receipt.changed,
                "applied": receipt.applied,
                "preview": asdict(receipt.preview),
            }
        )


class UndrainView(DrainView):
    """POST /ops/api/v1/servers/{server_id}/undrain"""

    @extend_schema(operation_id="ops_undrain", request=serializers.Reason, responses=serializers.OrderAnswer)
    def post(self, request: Request, server_id: str) -> Response:
        """드레인을 거둔다(멱등)."""
        form = serializers.Reason(data=request.data)
        form.is_valid(raise_exception=True)
        return self._give(server_id, intended=False, reason=form.validated_data["reason"])
