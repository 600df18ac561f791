"""드레인의 앞날: 몇 판을 얼마나 기다리는가, 새 판은 어디로 가는가."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.preview import preview_drain
from redisstore.servers.rows import Fleet, ServerRow, ServerState


def server(server_id: str, **changes: Any) -> ServerRow:
    fields = {
        "address": "", "state": ServerState.READY, "capacity": 10, "running": 0, "load": 0, "version": "1",
        "seen_ms": 1, "drain_intended": False,
    }  # fmt: skip
    return ServerRow(server_id=server_id, **{**fields, **changes})


def test_the_longest_match_says_how_long_it_takes() -> None:
    row = server("session1", running=2, load=3, longest_left_ms=41_000)
    preview = preview_drain(Fleet(1, (row,)), row, 120_000)
    assert (preview.matches, preview.at_most_ms, preview.cuts_matches) == (3, 41_000, False)


@pytest.mark.parametrize(("grace_ms", "cuts"), [(40_999, True), (41_000, False)])
def test_a_grace_shorter_than_the_longest_match_cuts_it(grace_ms: int, cuts: bool) -> None:
    row = server("session1", running=1, load=1, longest_left_ms=41_000)
    preview = preview_drain(Fleet(1, (row,)), row, grace_ms)
    assert (preview.at_most_ms, preview.cuts_matches) == (min(grace_ms, 41_000), cuts)


def test_an_empty_server_takes_no_time() -> None:
    row = server("session1", longest_left_ms=0)
    preview = preview_drain(Fleet(1, (row,)), row, 0)
    assert (preview.matches, preview.at_most_ms, preview.cuts_matches) == (0, 0, False)


def test_only_servers_that_take_matches_count_as_room() -> None:
    row = server("session1")
    others = (
        server("session2", load=4), server("session3", state=ServerState.DRAINED),
        server("session4", state=ServerState.LOST), server("session5", drain_intended=True),
    )  # fmt: skip
    preview = preview_drain(Fleet(1, (row, *others)), row, 0)
    assert (preview.others_ready, preview.room_elsewhere) == (1, 6)
