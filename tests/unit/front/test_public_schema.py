"""누구에게나 보이는 OpenAPI에는 운영 API의 흔적이 없다."""

from __future__ import annotations

import re

from drf_spectacular.generators import SchemaGenerator

from front.public_schema import PublicSchemaGenerator


def test_the_public_schema_is_the_whole_one_without_a_trace_of_the_ops_api() -> None:
    whole = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    public = PublicSchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    ours = {path: told for path, told in whole["paths"].items() if not path.startswith("/ops/")}
    assert public["paths"] == ours
    assert len(ours) < len(whole["paths"])
    assert "staff" not in public["components"]["securitySchemes"]
    left_out = whole["components"]["schemas"].keys() - public["components"]["schemas"].keys()
    assert {name for name in left_out if re.search("Drain|Roll", name)}
    assert not re.search("drain_intended|roll_id|/ops/", repr(public))
