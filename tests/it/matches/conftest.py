"""판의 통합 시험은 운영 화면의 직원과 앱의 조립을 쓴다."""

from tests.it.ops.conftest import sign_in, viewer  # noqa: F401 - pytest가 이름으로 찾는다
from tests.it.platform_parts import _wired  # noqa: F401 - pytest가 이름으로 찾는다
