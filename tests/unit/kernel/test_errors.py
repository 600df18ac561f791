"""오류 나무: 코드마다 뜻이 하나이고, 전송 계층을 건너도 되돌아온다."""

from __future__ import annotations

import pytest

from kernel.errors import ERRORS_BY_CODE, HanpanError, Internal, RateLimited, Unavailable, error_from_code


def _leaves(cls: type[HanpanError]) -> set[type[HanpanError]]:
    return {cls} | {leaf for child in cls.__subclasses__() for leaf in _leaves(child)}


def test_every_error_class_is_in_the_table_once() -> None:
    ours = {cls for cls in _leaves(HanpanError) if cls.__module__ == "kernel.errors"} - {HanpanError}
    assert set(ERRORS_BY_CODE.values()) == ours
    assert len(ERRORS_BY_CODE) == len(ours)


@pytest.mark.parametrize("code", sorted(ERRORS_BY_CODE))
def test_a_code_becomes_its_error_again(code: str) -> None:
    error = error_from_code(code, "까닭")
    assert (type(error), error.code, error.message) == (ERRORS_BY_CODE[code], code, "까닭")


def test_an_unknown_code_is_an_internal_error() -> None:
    assert isinstance(error_from_code("NO_SUCH_CODE"), Internal)


def test_an_error_without_words_speaks_its_title() -> None:
    assert Unavailable().message == Unavailable.title


@pytest.mark.parametrize("cls", [Unavailable, RateLimited])
def test_what_may_be_tried_again_says_when(cls: type[HanpanError]) -> None:
    assert cls().retry_after_ms == 1000
    assert error_from_code(cls.code, retry_after_ms=250).retry_after_ms == 250
