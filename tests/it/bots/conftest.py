"""봇의 통합 시험은 platform의 조립과 빈 Redis를 쓴다."""

from tests.it.platform.conftest import _wired, redis  # noqa: F401 - pytest가 이름으로 찾는다
