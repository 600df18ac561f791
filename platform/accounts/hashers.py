"""비밀번호 해시. 선수와 직원이 같이 쓴다."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class BoundedArgon2Hasher(Argon2PasswordHasher):
    """argon2id, 19 MiB, 두 번, 한 줄(OWASP Password Storage의 최소 권고).

    Django의 기본값은 한 번에 100 MiB다. HTTP 스레드가 함께 로그인을 처리하면 1.6 GiB가 되므로 낮춘다.
    """

    time_cost = 2
    memory_cost = 19_456  # KiB
    parallelism = 1
