"""접속만 재는 소켓: welcome만 성공이고, 거절은 빠른 성공으로 세어지지 않는다."""

from __future__ import annotations

import asyncio
import json
from unittest.mock import Mock

import pytest

from load.bare_socket import BareSocket

UPGRADED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"


def text_frame(message: dict[str, str]) -> bytes:
    payload = json.dumps(message).encode()
    return bytes((0x81, 126)) + len(payload).to_bytes(2, "big") + payload


def opened() -> tuple[BareSocket, Mock]:
    bare, transport = BareSocket(b"upgrade", b"hello"), Mock(spec=asyncio.Transport)
    bare.connection_made(transport)
    return bare, transport


async def test_hello_goes_out_only_after_the_upgrade_and_welcome_ends_it() -> None:
    bare, transport = opened()
    for byte in UPGRADED:
        assert transport.write.call_count == 1
        bare.data_received(bytes((byte,)))
    assert [call.args[0] for call in transport.write.call_args_list] == [b"upgrade", b"hello"]
    for byte in text_frame({"t": "welcome"}):
        assert not bare.welcomed.done()
        bare.data_received(bytes((byte,)))
    await bare.welcomed


@pytest.mark.parametrize(
    "heard",
    [
        b"HTTP/1.1 429 Too Many Requests\r\n\r\n",
        UPGRADED + text_frame({"t": "error", "code": "UNAUTHENTICATED"}),
    ],
)
async def test_a_refusal_is_a_failure(heard: bytes) -> None:
    bare, _ = opened()
    for byte in heard:
        bare.data_received(bytes((byte,)))
    with pytest.raises(ConnectionError):
        await bare.welcomed


async def test_a_cut_before_welcome_is_a_failure() -> None:
    bare, _ = opened()
    bare.data_received(UPGRADED)
    bare.connection_lost(None)
    with pytest.raises(ConnectionError):
        await bare.welcomed
