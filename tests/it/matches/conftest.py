"""판의 통합 시험은 운영 화면의 직원과 빈 Redis를 쓴다."""

from tests.it.ops.conftest import _wired, redis, sign_in, viewer  # noqa: F401 - pytest가 이름으로 찾는다
