"""판의 결과: 규칙, 지문, 일지의 글."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import InvalidArgument
from kernel.ids import new_id
from matches.outcome import MatchOutcome, PlayerOutcome, decode_outcome, in_order

MATCH_ID = new_id()
IDS = [new_id(now_ms=1_700_000_000_000 + index) for index in range(4)]


def player(index: int, place: int, score: int = 0, *, conceded: bool = False) -> PlayerOutcome:
    return PlayerOutcome(player_id=IDS[index], place=place, score=score, conceded=conceded)


def outcome(**changed: Any) -> MatchOutcome:
    fields: dict[str, Any] = {
        "match_id": MATCH_ID, "mode": "duel", "region": "local", "server_id": "session1",
        "status": "finalized", "abort_code": "", "players": (player(0, 1, 9), player(1, 2, 3)),
        "created_at_ms": 1_700_000_000_000, "started_at_ms": 1_700_000_001_000,
        "ended_at_ms": 1_700_000_021_000, "ticks": 400, "seed": 7, "traceparent": "",
    }  # fmt: skip
    return MatchOutcome(**{**fields, **changed})


def aborted(**changed: Any) -> MatchOutcome:
    return outcome(**{"status": "aborted", "abort_code": "SESSION_LOST", **changed})


def test_the_journal_gives_back_what_was_written() -> None:
    assert decode_outcome(outcome().encode()) == outcome()


def test_the_journal_remembers_who_conceded() -> None:
    written = outcome(players=(player(0, 1, 9), player(1, 2, 3, conceded=True)))
    assert [row.conceded for row in decode_outcome(written.encode()).players] == [False, True]


def test_the_journal_of_the_last_version_did_not_know_of_conceding() -> None:
    """v1.5.0의 서버가 적어 두고 죽은 결과를 새 서버가 쓴다."""
    rows = msgspec.json.decode(outcome().encode())
    for row in rows["players"]:
        del row["conceded"]
    assert decode_outcome(msgspec.json.encode(rows)) == outcome()


@pytest.mark.parametrize("payload", ["", "{}", "[]", "not json", b"\xff", '{"match_id": 7}'])
def test_a_payload_that_is_not_ours_is_refused(payload: str | bytes) -> None:
    with pytest.raises(InvalidArgument):
        decode_outcome(payload)


@pytest.mark.parametrize(
    "changed",
    [
        {"server_id": "session2"}, {"region": "seoul"}, {"ended_at_ms": 1_700_000_099_000}, {"ticks": 1},
        {"seed": 8}, {"traceparent": "00-x"}, {"started_at_ms": 0},
        {"players": (player(1, 2, 3), player(0, 1, 9))},
        {"players": (player(0, 1, 9), player(1, 2, 3, conceded=True))},
    ],
)  # fmt: skip
def test_who_wrote_it_and_when_is_not_part_of_the_result(changed: dict[str, Any]) -> None:
    assert outcome(**changed).digest() == outcome().digest()


@pytest.mark.parametrize(
    "changed",
    [
        {"mode": "arena"}, {"match_id": IDS[3]},
        {"players": (player(0, 2, 9), player(1, 1, 3))},
        {"players": (player(0, 1, 9), player(1, 2, 4))},
        {"players": (player(0, 1, 9), player(2, 2, 3))},
        {"status": "aborted", "abort_code": "SESSION_LOST"},
    ],
)  # fmt: skip
def test_another_result_has_another_digest(changed: dict[str, Any]) -> None:
    assert outcome(**changed).digest() != outcome().digest()


def test_two_reasons_to_abort_are_one_abort() -> None:
    draining = aborted(abort_code="SESSION_DRAINING", players=(player(1, 0, 5), player(0, 0, 1)))
    assert draining.digest() == aborted().digest()


@given(st.randoms(use_true_random=False), st.lists(st.integers(0, 3), min_size=4, max_size=4))
def test_the_digest_does_not_depend_on_the_order_of_players(
    shuffler: random.Random, scores: list[int]
) -> None:
    ranked = sorted(range(4), key=lambda index: -scores[index])
    players = [
        player(index, 1 + sum(scores[other] > scores[index] for other in range(4)), scores[index])
        for index in ranked
    ]
    shuffled = players[:]
    shuffler.shuffle(shuffled)
    assert outcome(players=tuple(shuffled)).digest() == outcome(players=tuple(players)).digest()
    outcome(players=tuple(shuffled)).check()


@pytest.mark.parametrize("places", [[1], [1, 2], [1, 1], [1, 1, 3], [1, 2, 2], [1, 2, 2, 4], [1, 1, 1, 1]])
def test_shared_places_skip_the_next_ones(places: list[int]) -> None:
    outcome(players=tuple(player(index, place) for index, place in enumerate(places))).check()


@pytest.mark.parametrize("places", [[0], [2], [0, 1], [1, 3], [2, 2], [1, 1, 2], [1, 2, 4], [-1, 1]])
def test_places_that_nobody_could_have_taken_are_refused(places: list[int]) -> None:
    with pytest.raises(InvalidArgument):
        outcome(players=tuple(player(index, place) for index, place in enumerate(places))).check()


@pytest.mark.parametrize(
    "changed",
    [
        {"match_id": "x"}, {"mode": ""}, {"mode": "Duel"}, {"mode": "x" * 33}, {"region": ""},
        {"server_id": ""}, {"server_id": "x" * 65}, {"players": ()},
        {"players": (player(0, 1), player(0, 2))},
        {"players": (PlayerOutcome(player_id="x", place=1, score=0),)},
        {"players": (player(0, 1, 2**31),)},
        {"abort_code": "SESSION_LOST"}, {"created_at_ms": 0}, {"ended_at_ms": -1}, {"ended_at_ms": 2**60},
        {"ticks": -1}, {"ticks": 2**31}, {"seed": -1}, {"seed": 2**63},
    ],
)  # fmt: skip
def test_a_field_outside_its_range_is_refused_before_the_database(changed: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument):
        outcome(**changed).check()


def test_an_abort_needs_its_reason_and_no_places() -> None:
    aborted(players=(player(0, 0), player(1, 0)), started_at_ms=0).check()
    for code in ("", "session_lost", "X" * 33):
        with pytest.raises(InvalidArgument):
            aborted(abort_code=code).check()


def test_results_come_in_order_of_place_then_player() -> None:
    tied = (player(2, 1), player(0, 1), player(1, 3))
    assert [entry.player_id for entry in in_order(tied)] == [IDS[0], IDS[2], IDS[1]]


def test_an_outcome_cannot_be_changed_after_the_end() -> None:
    with pytest.raises(AttributeError):
        outcome().mode = "arena"  # type: ignore[misc]
    assert msgspec.structs.replace(outcome(), mode="arena").mode == "arena"
