"""잘못된 입력(contract.md 2.3): 줄마다 정해진 답이 있고, 살아야 할 소켓은 산다."""

from __future__ import annotations

import asyncio
import json
import random
from contextlib import suppress
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from kernel.ids import new_id
from tests.fakes.gateway_process import Client
from tests.fakes.gateway_stage import Stage, gateway_stage

DEEP = '{"t":"ping","ts":' + "[" * 7_000 + "]" * 7_000 + "}"


BAD_REQUESTS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("dance", {}, "INVALID_ARGUMENT"),
    ("queue.join", {}, "INVALID_ARGUMENT"),
    ("queue.join", {"mode": 7}, "INVALID_ARGUMENT"),
    ("queue.join", {"mode": "chess"}, "INVALID_ARGUMENT"),
    ("queue.join", {"mode": "d" * 4_000}, "INVALID_ARGUMENT"),
    ("queue.cancel", {}, "NOT_QUEUED"),
    ("ping", {}, "INVALID_ARGUMENT"),
    ("ping", {"ts": "now"}, "INVALID_ARGUMENT"),
    ("ping", {"ts": 1, "trace": {}}, "INVALID_ARGUMENT"),
    ("input", {"seq": 1, "dx": 0, "dy": 0}, "NOT_IN_MATCH"),
    ("input", {"dx": 0, "dy": 0}, "INVALID_ARGUMENT"),
    ("input", {"seq": -1, "dx": 0, "dy": 0}, "INVALID_ARGUMENT"),
    ("leave", {"match_id": new_id()}, "NOT_IN_MATCH"),
    ("leave", {"match_id": "not-an-id"}, "INVALID_ARGUMENT"),
    ("finalize", {"match_id": "not-an-id"}, "INVALID_ARGUMENT"),
    ("finalize", {"match_id": 7}, "INVALID_ARGUMENT"),
    ("finalize", {"match_id": new_id().replace("-", "")}, "INVALID_ARGUMENT"),
    ("leave", {"match_id": f"urn:uuid:{new_id()}"}, "INVALID_ARGUMENT"),
    ("leave", {"match_id": new_id().upper()}, "NOT_IN_MATCH"),
    ("finalize", {"match_id": new_id()}, "NOT_FOUND"),
    ("finalize", {}, "INVALID_ARGUMENT"),
)


@pytest.mark.parametrize(("kind", "fields", "code"), BAD_REQUESTS)
async def test_a_bad_request_is_answered_and_the_socket_lives(
    stage: Stage, kind: str, fields: dict[str, Any], code: str
) -> None:
    async with stage.gateway.player(new_id()) as client:
        answer = await client.ask(kind, **fields)
        assert (answer["t"], answer["code"]) == ("error", code)
        assert answer["message"]
        assert (await client.ask("ping", ts=1))["t"] == "pong"


@pytest.mark.parametrize(
    "bad", ["{", "[]", "7", "null", "", DEEP, b"", b"\x01\x01"], ids=lambda bad: repr(bad)[:20]
)
async def test_a_frame_that_is_no_json_object_closes_with_4400(stage: Stage, bad: str | bytes) -> None:
    async with stage.gateway.player(new_id()) as client:
        await client.socket.send(bad)
        assert await client.close_code() == 4400


async def test_a_frame_over_the_limit_closes_with_1009(stage: Stage) -> None:
    async with stage.gateway.player(new_id()) as client:
        await client.send("ping", ts=1, pad="x" * 20_000)
        assert await client.close_code() == 1009


async def test_fragments_over_the_limit_together_close_with_1009(stage: Stage) -> None:
    async with stage.gateway.player(new_id()) as client:
        with pytest.raises(ConnectionClosed):
            await client.socket.send(["x" * 6_000] * 1_000)
        assert await client.close_code() == 1009


async def test_a_frame_just_under_the_limit_is_read(stage: Stage) -> None:
    async with stage.gateway.player(new_id()) as client:
        assert (await client.ask("ping", ts=1, pad="x" * 16_000))["t"] == "pong"


async def test_a_message_in_fragments_is_one_message(stage: Stage) -> None:
    async with stage.gateway.player(new_id()) as client:
        await client.socket.send(['{"t":"pi', 'ng","t', 's":5}'])
        assert (await client.until("pong"))["ts"] == 5


def raw(client: Client, *frames: bytes) -> None:
    """틀린 바이트를 그대로 쓴다."""
    client.socket.transport.write(b"".join(frames))


async def test_text_that_is_not_utf8_closes_with_1007(stage: Stage) -> None:
    async with stage.gateway.player(new_id()) as client:
        raw(client, Frame(Opcode.TEXT, b'{"t":"\xff\xfe"}').serialize(mask=True))
        assert await client.close_code() == 1007


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(Frame(Opcode.TEXT, b"{}").serialize(mask=False), id="unmasked"),
        pytest.param(b"\xf1\x80\x00\x00\x00\x00", id="reserved bits"),
        pytest.param(b"\x83\x80\x00\x00\x00\x00", id="reserved opcode"),
        pytest.param(b"\x09\x80\x00\x00\x00\x00", id="fragmented ping"),
        pytest.param(b"\x80\x80\x00\x00\x00\x00", id="continuation of nothing"),
    ],
)
async def test_a_frame_against_the_protocol_closes_with_1002(stage: Stage, frame: bytes) -> None:
    async with stage.gateway.player(new_id()) as client:
        raw(client, frame)
        assert await client.close_code() == 1002


PING = Frame(Opcode.PING, b"x" * 125).serialize(mask=True)
PONG = Frame(Opcode.PONG, b"x" * 125).serialize(mask=True)
EMPTY_PIECE = Frame(Opcode.CONT, b"", fin=False).serialize(mask=True)
FIRST_PIECE = Frame(Opcode.TEXT, b"{", fin=False).serialize(mask=True)
JSON_PING = Frame(Opcode.TEXT, b'{"t":"ping","ts":1}').serialize(mask=True)
NOT_UTF8 = Frame(Opcode.TEXT, b"\xff").serialize(mask=True)


@pytest.mark.parametrize(
    "flood",
    [
        pytest.param(PING * 1_000, id="pings"),
        pytest.param(PONG * 1_000, id="pongs"),
        pytest.param(FIRST_PIECE + EMPTY_PIECE * 1_000, id="empty fragments"),
    ],
)
async def test_a_flood_of_frames_the_game_never_sees_is_closed(stage: Stage, flood: bytes) -> None:
    async with stage.gateway.player(new_id()) as client:
        raw(client, flood)
        assert await client.close_code() == 4429


async def test_pings_of_an_honest_client_are_answered(stage: Stage) -> None:
    async with stage.gateway.player(new_id()) as client:
        for _ in range(50):
            answered = await client.socket.ping()
            async with asyncio.timeout(5):
                await answered


async def test_frames_after_a_refused_one_in_the_same_breath_are_not_seen(stage: Stage) -> None:
    async with stage.gateway.player(new_id()) as client:
        raw(client, JSON_PING, NOT_UTF8, PING, PONG, JSON_PING)
        assert await client.close_code() == 1007


async def test_frames_before_the_handshake_is_answered_harm_only_their_own_socket(stage: Stage) -> None:
    host, port = stage.gateway.base.rsplit(":", 1)
    upgrade = (
        b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    for early in (JSON_PING, NOT_UTF8, PING, b"\xff" * 50):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(upgrade)
        writer.write(early)
        writer.write_eof()
        async with asyncio.timeout(10):
            await reader.read()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
    async with stage.gateway.player(new_id()) as witness:
        assert (await witness.ask("ping", ts=1))["t"] == "pong"


async def test_bytes_that_are_no_frames_end_only_their_own_socket(stage: Stage) -> None:
    """작은 바이트 퍼즈. 씨앗이 정해져 있어 언제나 같은 바이트다."""
    dice = random.Random(20260101)
    async with stage.gateway.player(new_id()) as witness:
        for _ in range(60):
            async with stage.gateway.player(new_id()) as client:
                raw(client, dice.randbytes(dice.randrange(1, 200)))
                client.socket.transport.write_eof()
                await client.close_code()
        assert (await witness.ask("ping", ts=1))["t"] == "pong"
    await stage.until(lambda: len(stage.gateway.app.connections) == 0)


async def test_mutated_messages_never_end_in_an_internal_error(stage: Stage) -> None:
    dice = random.Random(20260102)
    good = [
        json.dumps({"t": "queue.join", "mode": "duel", "id": "1"}),
        json.dumps({"t": "input", "seq": 1, "dx": 1, "dy": -1}),
        json.dumps({"t": "finalize", "match_id": new_id(), "id": 3}),
        json.dumps({"t": "ping", "ts": 12345}),
    ]
    for _ in range(60):
        text = list(dice.choice(good))
        for _ in range(dice.randrange(1, 4)):
            text[dice.randrange(len(text))] = dice.choice('{}[]",:0a-\\é')
        async with stage.gateway.player(new_id()) as client:
            await client.socket.send("".join(text))
            await client.socket.send('{"t":"ping","ts":0,"id":"last"}')
            answers = await _answers(client)
        assert "INTERNAL" not in {answer.get("code") for answer in answers}


async def _answers(client: Client) -> list[dict[str, Any]]:
    """마지막 ping의 답이 오거나 4400으로 닫힐 때까지의 답들."""
    answers: list[dict[str, Any]] = []
    while True:
        try:
            frame = await client.recv()
        except ConnectionClosed as closed:
            assert closed.rcvd is not None
            assert closed.rcvd.code == 4400
            return answers
        assert isinstance(frame, dict)
        answers.append(frame)
        if frame.get("re") == "last":
            return answers


async def test_a_burst_within_the_limit_is_answered_in_full(stage: Stage) -> None:
    async with stage.gateway.player(new_id()) as client:
        for ts in range(100):
            await client.send("ping", ts=ts)
        assert [(await client.until("pong"))["ts"] for ts in range(100)] == list(range(100))


async def test_a_flood_is_told_once_and_then_closed(stage: Stage) -> None:
    async with stage.gateway.player(new_id()) as client:
        with suppress(ConnectionClosed):
            for ts in range(1_000):
                await client.send("ping", ts=ts)
        assert await client.close_code() == 4429
        refusals = [frame for frame in client.kept if isinstance(frame, dict) and frame["t"] == "error"]
        assert {refusal["code"] for refusal in refusals} == {"RATE_LIMITED"}
        assert refusals[0]["retry_after_ms"] > 0


async def test_messages_over_the_rate_are_dropped_and_the_socket_lives() -> None:
    async with (
        gateway_stage(messages_burst=5, messages_per_s=20.0) as stage,
        stage.gateway.player(new_id()) as client,
    ):
        for ts in range(8):
            await client.send("ping", ts=ts)
        error = await client.until("error")
        assert error["code"] == "RATE_LIMITED"
        await asyncio.sleep(error["retry_after_ms"] / 1000 + 0.05)
        assert (await client.ask("ping", ts=99))["t"] == "pong"
