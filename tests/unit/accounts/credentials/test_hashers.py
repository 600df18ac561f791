"""비밀번호 해시: argon2id이고, 한 번의 메모리와 함께 도는 수가 정해져 있다."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import argon2
import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password

from accounts.credentials.hashers import BoundedArgon2Hasher

CORES = os.cpu_count() or 1
CROWD = 4 * CORES


class Gate:
    """부른 이들을 잡아 두고, 한꺼번에 몇이 들어왔는지 센다."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.full = threading.Event()
        self.inside = self.most = 0
        self._lock = threading.Lock()

    def __call__(self, *_arguments: Any) -> str:
        with self._lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
            if self.inside == CORES:
                self.full.set()
        self.opened.wait(10)
        with self._lock:
            self.inside -= 1
        return "argon2$hash"


def test_a_password_is_hashed_by_argon2id_within_19_mib() -> None:
    encoded = make_password("correct horse")
    parameters = argon2.extract_parameters("$" + encoded.split("$", 1)[1])
    assert parameters.type is argon2.Type.ID
    assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (19_456, 2, 1)
    assert check_password("correct horse", encoded)
    assert not check_password("wrong horse", encoded)


@pytest.mark.parametrize("way", ["encode", "verify"])
def test_no_more_than_one_hash_a_core_runs_at_once(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    gate = Gate()
    monkeypatch.setattr(Argon2PasswordHasher, way, lambda _self, *arguments: gate(*arguments))
    hash_once = getattr(BoundedArgon2Hasher(), way)
    with ThreadPoolExecutor(CROWD) as crowd:
        answers = [crowd.submit(hash_once, "password", "salt") for _ in range(CROWD)]
        assert gate.full.wait(10)
        gate.opened.set()
        assert all(answer.result(10) for answer in answers)
    assert gate.most == CORES


def test_a_hash_that_fails_gives_its_turn_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: Any) -> str:
        raise ValueError("salt가 짧다")

    with monkeypatch.context() as patched:
        patched.setattr(Argon2PasswordHasher, "encode", fail)
        for _ in range(CORES + 1):
            with pytest.raises(ValueError, match="salt"):
                BoundedArgon2Hasher().encode("password", "x")
    assert BoundedArgon2Hasher().encode("password", "salt-of-the-test")
