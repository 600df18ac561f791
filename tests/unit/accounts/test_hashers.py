"""비밀번호 해시: argon2id이고 한 번의 메모리가 정해져 있다."""

from __future__ import annotations

import argon2
from django.contrib.auth.hashers import check_password, make_password


def test_a_password_is_hashed_by_argon2id_within_19_mib() -> None:
    encoded = make_password("correct horse")
    parameters = argon2.extract_parameters("$" + encoded.split("$", 1)[1])
    assert parameters.type is argon2.Type.ID
    assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (19_456, 2, 1)
    assert check_password("correct horse", encoded)
    assert not check_password("wrong horse", encoded)
