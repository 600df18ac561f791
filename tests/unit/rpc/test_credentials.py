"""평문인지 TLS인지를 정하는 곳은 하나다."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, cast

import grpc.aio

from rpc.credentials import listen, open_channel, open_sync_channel

ROOT = Path(__file__).parents[3]
SECURITY = re.compile(r"\b(?:insecure|secure)_channel\b|\badd_(?:insecure|secure)_port\b")


class Listening:
    """듣는 자리를 적는 서버."""

    def __init__(self) -> None:
        self.addresses: list[str] = []

    def add_insecure_port(self, address: str) -> int:
        self.addresses.append(address)
        return 7001


def test_nothing_that_ships_but_credentials_makes_a_channel_or_a_port() -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for top in ("platform", "gameservices", "clients")
        for path in (ROOT / top).rglob("*.py")
        if SECURITY.search(path.read_text(encoding="utf-8"))
    }
    assert found == {"platform/rpc/credentials.py"}


def test_a_server_listens_where_it_was_told_and_says_its_port() -> None:
    server = Listening()
    assert listen(cast(Any, server), "127.0.0.1:0") == 7001
    assert server.addresses == ["127.0.0.1:0"]


async def test_channels_open_without_a_peer_being_there() -> None:
    channel = open_channel("127.0.0.1:1", options=(("grpc.enable_retries", 0),), interceptors=None)
    assert isinstance(channel, grpc.aio.Channel)
    await channel.close()
    open_sync_channel("127.0.0.1:1", options=()).close()
