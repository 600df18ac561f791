"""판을 찾는 차례: 저장된 것, 도는 것, 그 사이에 끝났을 수 있어 저장된 것을 한 번 더."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from matches.lookup import find_match, find_match_async


def answering(told: list[str], name: str, *answers: str | None) -> Callable[[str], str | None]:
    left = list(answers)

    def ask(match_id: str) -> str | None:
        told.append(f"{name} {match_id}")
        return left.pop(0)

    return ask


def answering_later(
    told: list[str], name: str, *answers: str | None
) -> Callable[[str], Awaitable[str | None]]:
    ask = answering(told, name, *answers)

    async def ask_later(match_id: str) -> str | None:
        return ask(match_id)

    return ask_later


@pytest.mark.parametrize(
    ("stored", "live", "found", "asked"),
    [
        (["ended"], [], "ended", ["stored m"]),
        ([None], ["running"], "running", ["stored m", "live m"]),
        ([None, "ended"], [None], "ended", ["stored m", "live m", "stored m"]),
        ([None, None], [None], None, ["stored m", "live m", "stored m"]),
    ],
)
async def test_the_event_loop_asks_in_the_same_order(
    stored: list[str | None], live: list[str | None], found: str | None, asked: list[str]
) -> None:
    told: list[str] = []
    later_stored = answering_later(told, "stored", *stored)
    later_live = answering_later(told, "live", *live)
    assert await find_match_async("m", stored=later_stored, live=later_live) == found
    assert told == asked


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
