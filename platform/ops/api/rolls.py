"""갈아 끼우기의 운영 API: 시작하고, 보고, 그만둔다. 걸음은 platform이 뗀다."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from fleet.rolls import RollRequest
from fleet.wiring import rolls
from kernel.errors import NotFound
from ops.api import serializers
from ops.api.base import OpsApiView


class RollView(OpsApiView):
    """GET, POST /ops/api/v1/roll"""

    @extend_schema(operation_id="ops_roll", responses=serializers.RollAnswer)
    def get(self, request: Request) -> Response:
        """지금 도는 것, 없으면 마지막 것."""
        roll = rolls().current()
        if roll is None:
            raise NotFound("갈아 끼운 적이 없습니다")
        return Response(serializers.roll_fields(roll))

    @extend_schema(
        operation_id="ops_roll_start", request=serializers.RollOrder, responses={201: serializers.RollAnswer}
    )
    def post(self, request: Request) -> Response:
        """시작한다."""
        form = serializers.RollOrder(data=request.data)
        form.is_valid(raise_exception=True)
        roll = rolls().start(RollRequest(**form.validated_data), self.authority)
        return Response(serializers.roll_fields(roll), status=201)


class RollAbortView(OpsApiView):
    """POST /ops/api/v1/roll/abort"""

    @extend_schema(
        operation_id="ops_roll_abort", request=serializers.Reason, responses=serializers.RollAnswer
    )
    def post(self, request: Request) -> Response:
        """그만둔다."""
        form = serializers.Reason(data=request.data)
        form.is_valid(raise_exception=True)
        roll = rolls().abort(self.authority, form.validated_data["reason"])
        return Response(serializers.roll_fields(roll))
