"""언어의 통합 시험: 진짜 MariaDB와 Redis에서 모든 쪽을 두 언어로 읽는다."""

from tests.it.fleet.conftest import register  # noqa: F401 - pytest가 이름으로 찾는다
from tests.it.platform_parts import _wired  # noqa: F401 - pytest가 이름으로 찾는다
