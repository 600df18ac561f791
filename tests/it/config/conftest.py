"""설정이 묶은 서버의 통합 시험: 모든 길과 진짜 프로세스."""

from tests.it.platform_parts import _wired  # noqa: F401 - pytest가 이름으로 찾는다
