"""`manage.py bots`의 명령줄: 상한과 주소를 먼저 본다."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from bots.swarm import MAX_BOTS, SwarmPlan


@pytest.mark.parametrize(
    "arguments",
    [["--count", "0"], ["--count", str(MAX_BOTS + 1)], ["--count", "many"], ["--matches", "0"],
     ["--url", "ftp://x"], ["--url", "localhost:8080"]],
)  # fmt: skip
def test_a_command_line_that_makes_no_sense_is_refused(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("bots", *arguments)


@pytest.mark.parametrize(
    ("base_url", "ws_url"),
    [("http://localhost:8080", "ws://localhost:8080/ws"), ("https://play.example", "wss://play.example/ws")],
)
def test_the_socket_is_beside_the_http_address(base_url: str, ws_url: str) -> None:
    plan = SwarmPlan(base_url=base_url, count=1, mode="duel", matches=None, seed=0)
    assert plan.ws_url == ws_url
