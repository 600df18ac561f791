"""식별자: UUIDv7의 모양과 시간 순서, 밖에서 온 글을 거르는 눈."""

from __future__ import annotations

import uuid
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import InvalidArgument
from kernel.ids import is_id, new_conn_id, new_id, new_secret, read_id, read_match_id

UUID = "01a2245e-7baa-7b36-9e81-ec33c4ce30bf"
MS = st.integers(min_value=0, max_value=2**48 - 1)


@given(MS, st.binary(min_size=10, max_size=10))
def test_an_id_is_a_version_7_uuid_that_carries_its_time(now_ms: int, random_bytes: bytes) -> None:
    value = uuid.UUID(new_id(now_ms, random_bytes))
    assert (value.version, value.variant) == (7, uuid.RFC_4122)
    assert value.int >> 80 == now_ms


@given(MS, MS, st.binary(min_size=10, max_size=10), st.binary(min_size=10, max_size=10))
def test_ids_sort_by_their_time(a_ms: int, b_ms: int, a: bytes, b: bytes) -> None:
    if a_ms < b_ms:
        assert new_id(a_ms, a) < new_id(b_ms, b)


def test_an_own_id_is_recognised() -> None:
    assert is_id(new_id())


@given(st.uuids(), st.randoms(use_true_random=False))
def test_an_id_in_any_case_is_the_same_id(value: uuid.UUID, chance: Random) -> None:
    text = "".join(char.upper() if chance.random() < 0.5 else char for char in str(value))
    assert read_id(text) == read_match_id(text) == str(value)
    assert is_id(read_id(text))


@pytest.mark.parametrize(
    "text",
    ["", "x", None, 7, 7.0, True, uuid.UUID(UUID), uuid.UUID(UUID).int, UUID.encode(), [UUID],
     f"{{{UUID}}}", f"urn:uuid:{UUID}", f"{UUID.upper()}a", UUID.replace("-", ""), f" {UUID}", f"{UUID}\n",
     UUID.replace("0", "\uff10"), UUID.replace("a", "\u0430"), "not-a-uuid-but-thirty-six-characters"],
)  # fmt: skip
def test_anything_else_is_not_an_id(text: object) -> None:
    assert not is_id(text)
    assert read_id(text) is None
    with pytest.raises(InvalidArgument):
        read_match_id(text)


def test_only_the_canonical_form_goes_inside() -> None:
    assert not is_id(UUID.upper())


def test_connection_numbers_fit_a_signed_64_bit_and_are_never_zero() -> None:
    assert all(0 < new_conn_id() <= 2**63 for _ in range(1000))


def test_a_secret_has_256_bits_and_is_never_the_same() -> None:
    first, second = new_secret(), new_secret()
    assert first != second
    assert len(first) == 43
