"""데이터베이스 연결의 두 꼴. 시험 모듈이 들여오면 그 모듈의 모든 시험이 둘 다에서 돈다."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection


@pytest.fixture(autouse=True, params=[True, False], ids=["platform", "worker"])
def autocommit(request: pytest.FixtureRequest) -> Iterator[None]:
    """platform의 연결과, autocommit을 끈 채 두는 워커의 연결."""
    connection.close()
    connection.settings_dict["AUTOCOMMIT"] = request.param
    yield
    connection.close()
    connection.settings_dict["AUTOCOMMIT"] = True
