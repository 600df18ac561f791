"""누구나 보는 쪽의 통합 시험이 쓰는 것."""

from __future__ import annotations

from tests.it.fleet.conftest import register  # noqa: F401 - pytest가 이름으로 찾는다
from tests.it.platform.conftest import _wired, redis, stopped_redis  # noqa: F401 - pytest가 이름으로 찾는다
