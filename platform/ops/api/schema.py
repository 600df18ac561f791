"""온전한 OpenAPI(운영 API까지). 운영 API를 볼 수 있는 이에게만 보인다."""

from __future__ import annotations

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from ops.api.base import OpsApiView


class OpsSchemaView(OpsApiView):
    """GET /ops/api/schema/."""

    @extend_schema(exclude=True)
    def get(self, _request: Request) -> Response:
        """두 API의 모든 부름."""
        return Response(SchemaGenerator().get_schema(request=None, public=True))  # type: ignore[no-untyped-call]
