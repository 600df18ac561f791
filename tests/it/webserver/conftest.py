"""HTTP 답의 모양을 보는 통합 시험은 앱의 조립을 쓴다."""

from tests.it.platform_parts import _wired  # noqa: F401 - pytest가 이름으로 찾는다
