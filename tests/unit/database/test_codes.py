"""MariaDB의 코드표: 무엇을 다시 하는가."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, InterfaceError, OperationalError

from database.codes import error_code, retry_reason


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (1213, "deadlock"), (1205, "lock_wait_timeout"), (2006, "connection_lost"),
        (2013, "connection_lost"), (2055, "connection_lost"), (2002, "no_server"), (2005, "no_server"),
        (1040, "too_many_connections"), (1053, "server_shutdown"), (1290, "read_only"),
        (1792, "read_only"), (1836, "read_only"), (1969, "statement_timeout"), (0, "connection_lost"),
    ],
)  # fmt: skip
def test_what_passes_by_itself_is_tried_again(code: int, reason: str) -> None:
    assert retry_reason(code) == reason


@pytest.mark.parametrize("code", [None, 1062, 1452, 1064, 1142, 1146, 1264, 1406, 4025, 1317])
def test_what_will_not_pass_fails_at_once(code: int | None) -> None:
    assert retry_reason(code) is None


def test_the_code_decides_and_not_the_class() -> None:
    assert retry_reason(error_code(OperationalError(1142, "denied"))) is None
    assert retry_reason(error_code(IntegrityError(1213, "deadlock"))) == "deadlock"
    assert retry_reason(error_code(InterfaceError(0, ""))) == "connection_lost"


@pytest.mark.parametrize("error", [OperationalError(), OperationalError("text"), OperationalError(True)])
def test_an_error_without_a_number_has_no_code(error: OperationalError) -> None:
    assert error_code(error) is None
