"""누구에게나 보이는 OpenAPI: 선수와 게임 서버의 API뿐이다. 온전한 것은 직원에게만 보인다(ops.api.schema)."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.generators import EndpointEnumerator, SchemaGenerator
from drf_spectacular.views import SpectacularJSONAPIView

PUBLIC_PREFIX: Final = "/api/v1/"


class PublicEndpoints(EndpointEnumerator):
    """주소의 표에서 누구에게나 보일 것만. 새 주소는 이 앞머리가 아니면 보이지 않는다."""

    def get_api_endpoints(self, patterns: Any = None, prefix: str = "") -> list[Any]:
        found = super().get_api_endpoints(patterns, prefix)  # type: ignore[no-untyped-call]
        return [each for each in found if each[0].startswith(PUBLIC_PREFIX)]


class PublicSchemaGenerator(SchemaGenerator):
    """그 주소들로만 짓는 스키마. 쓰이지 않는 모양도 들지 않는다."""

    endpoint_inspector_cls = PublicEndpoints


class PublicSchemaView(SpectacularJSONAPIView):
    """GET /api/schema/."""

    generator_class = PublicSchemaGenerator
