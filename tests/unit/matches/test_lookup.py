"""판을 찾는 차례: 저장된 것, 도는 것, 그 사이에 끝났을 수 있어 저장된 것을 한 번 더."""

from __future__ import annotations

from collections.abc import Callable

from matches.lookup import find_match


def answering(told: list[str], name: str, *answers: str | None) -> Callable[[str], str | None]:
    left = list(answers)

    def ask(match_id: str) -> str | None:
        told.append(f"{name} {match_id}")
        return left.pop(0)

    return ask


def test_a_stored_match_is_found_without_asking_what_runs() -> None:
    told: list[str] = []
    found = find_match("m", stored=answering(told, "stored", "ended"), live=answering(told, "live"))
    assert (found, told) == ("ended", ["stored m"])


def test_a_running_match_is_found() -> None:
    told: list[str] = []
    found = find_match("m", stored=answering(told, "stored", None), live=answering(told, "live", "running"))
    assert (found, told) == ("running", ["stored m", "live m"])


def test_a_match_that_ended_between_the_two_reads_is_found() -> None:
    told: list[str] = []
    found = find_match(
        "m", stored=answering(told, "stored", None, "ended"), live=answering(told, "live", None)
    )
    assert (found, told) == ("ended", ["stored m", "live m", "stored m"])


def test_an_unknown_match_is_none() -> None:
    told: list[str] = []
    found = find_match("m", stored=answering(told, "stored", None, None), live=answering(told, "live", None))
    assert found is None
