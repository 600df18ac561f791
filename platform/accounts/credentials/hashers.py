"""비밀번호 해시. 선수와 직원이 같이 쓴다."""

from __future__ import annotations

import os
import threading

from django.contrib.auth.hashers import Argon2PasswordHasher

# 코어보다 많이 함께 해시해도 빨라지지 않고 메모리만 는다(하나에 19 MiB). 나머지는 제 스레드에서 기다린다:
# 기다리는 수는 HTTP 스레드의 수를 넘지 못한다.
_turns = threading.BoundedSemaphore(os.cpu_count() or 1)


class BoundedArgon2Hasher(Argon2PasswordHasher):
    """argon2id, 19 MiB, 두 번, 한 줄(OWASP Password Storage의 최소 권고). 함께 도는 것은 코어의 수까지다.

    Django의 기본값은 한 번에 100 MiB다. HTTP 스레드가 함께 로그인을 처리하면 1.6 GiB가 되므로 낮춘다.
    """

    time_cost = 2
    memory_cost = 19_456  # KiB
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """새 해시."""
        with _turns:
            encoded: str = super().encode(password, salt)
            return encoded

    def verify(self, password: str, encoded: str) -> bool:
        """맞는 비밀번호인가."""
        with _turns:
            return bool(super().verify(password, encoded))
