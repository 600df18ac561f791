"""잘못된 입력(contract.md 2.3): LB를 지나 온 무엇에도 정해진 답을 하고, 살아야 할 소켓은 산다."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.exceptions import InvalidStatus

from stack.runtime import Runtime
from tests.e2e.players import Lobby, meet, open_raw

# 읽는 쪽이 견디는 깊이를 넘으면 JSON이 아닌 것과 같다.
DEEP = '{"t":"ping","ts":' + "[" * 2_000 + "]" * 2_000 + "}"
MATCH = "00000000-0000-7000-8000-000000000000"


SERVERS = ("gateway1", "gateway2", "matchmaking", "session1", "session2", "platform")


@pytest.fixture(scope="module", autouse=True)
def quiet_servers(stack: Runtime) -> Iterator[None]:
    """이 파일의 무엇을 보내든 어느 프로세스도 스택 추적이나 error 줄을 남기지 않는다."""
    before = {name: len(stack.logs(name)) for name in SERVERS}
    yield
    for name in SERVERS:
        written = stack.logs(name)[before[name] :]
        loud = [line for line in written.splitlines() if "Traceback" in line or '"level":"error"' in line]
        assert loud == [], name


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"t": "dance"}, "INVALID_ARGUMENT"),
        ({"no": "type"}, "INVALID_ARGUMENT"),
        ({"t": 7}, "INVALID_ARGUMENT"),
        ({"t": None}, "INVALID_ARGUMENT"),
        ({"t": "hello", "token": "두 번째"}, "INVALID_ARGUMENT"),
        ({"t": "resume", "resume_token": "x", "last_tick": 0}, "INVALID_ARGUMENT"),
        ({"t": "queue.join"}, "INVALID_ARGUMENT"),
        ({"t": "queue.join", "mode": 7}, "INVALID_ARGUMENT"),
        ({"t": "queue.join", "mode": "chess"}, "INVALID_ARGUMENT"),
        ({"t": "queue.join", "mode": "d" * 4_000}, "INVALID_ARGUMENT"),
        ({"t": "queue.join", "mode": "duel\u0000"}, "INVALID_ARGUMENT"),
        ({"t": "queue.cancel"}, "NOT_QUEUED"),
        ({"t": "ping", "ts": "now"}, "INVALID_ARGUMENT"),
        ({"t": "ping"}, "INVALID_ARGUMENT"),
        ({"t": "ping", "ts": 1, "id": ["list"]}, "INVALID_ARGUMENT"),
        ({"t": "input", "seq": 1, "dx": 1, "dy": 0}, "NOT_IN_MATCH"),
        ({"t": "input", "seq": 0, "dx": 1, "dy": 0}, "INVALID_ARGUMENT"),
        ({"t": "input", "seq": 2**32, "dx": 1, "dy": 0}, "INVALID_ARGUMENT"),
        ({"t": "input", "seq": True, "dx": 1, "dy": 0}, "INVALID_ARGUMENT"),
        ({"t": "leave", "match_id": MATCH}, "NOT_IN_MATCH"),
        ({"t": "leave"}, "INVALID_ARGUMENT"),
        ({"t": "finalize", "match_id": MATCH}, "NOT_FOUND"),
        ({"t": "finalize", "match_id": 3}, "INVALID_ARGUMENT"),
        ({"t": "finalize"}, "INVALID_ARGUMENT"),
    ],
    ids=lambda case: case if isinstance(case, str) else json.dumps(case, ensure_ascii=False)[:40],
)
async def test_a_bad_message_is_answered_and_the_socket_lives(frame: dict[str, Any], code: str) -> None:
    async with Lobby() as lobby:
        socket = await lobby.greeted()
        await socket.send(frame)
        error = await socket.next("error")
        assert error["code"] == code
        assert error["trace_id"]
        assert error["message"]
        assert await socket.is_alive()


@pytest.mark.parametrize(
    "bad",
    [{"dx": 2, "dy": 0}, {"dx": 0, "dy": -2}, {"dx": 1.5, "dy": 0}, {"dx": "1", "dy": 0}, {"dx": 1}, {}],
    ids=str,
)
async def test_a_bad_input_in_a_match_changes_nothing(bad: dict[str, Any]) -> None:
    async with Lobby() as lobby:
        accounts = [await lobby.guest(), await lobby.guest()]
        socket, rival = await lobby.greeted(accounts[0]), await lobby.client(accounts[1])
        await asyncio.gather(socket.ask("queue.join", "queue.joined", mode="duel"), rival.join("duel"))
        found = await socket.next("match.found")
        await socket.next("match.start")
        await socket.send({"t": "input", "seq": 1, **bad})
        assert (await socket.next("error"))["code"] == "INVALID_ARGUMENT"
        assert await socket.is_alive()
        await socket.send({"t": "leave", "match_id": found["match_id"]})
        assert (await socket.next("match.result"))["status"] == "finalized"


async def test_a_leave_of_another_match_is_refused() -> None:
    async with Lobby() as lobby:
        account = await lobby.guest()
        socket, rival = await lobby.greeted(account), await lobby.client()
        await asyncio.gather(socket.ask("queue.join", "queue.joined", mode="duel"), rival.join("duel"))
        found = await socket.next("match.found")
        await socket.send({"t": "leave", "match_id": MATCH})
        assert (await socket.next("error"))["code"] == "NOT_IN_MATCH"
        await socket.send({"t": "leave", "match_id": found["match_id"]})
        await socket.next("match.result")


@pytest.mark.parametrize(
    "frame",
    ["이것은 JSON이 아니다", "{", "[]", '"글"', "null", "", DEEP, b"\x01\x01\x00\x00"],
    ids=lambda frame: repr(frame)[:40],
)
async def test_a_frame_that_is_no_json_object_closes_with_4400(frame: str | bytes) -> None:
    async with Lobby() as lobby:
        before, after = await lobby.raw(), await lobby.greeted()
        for socket in (before, after):
            await socket.send(frame)
            assert await socket.close_code() == 4400


@pytest.mark.smoke
async def test_the_first_frame_must_say_who(subtests: pytest.Subtests) -> None:
    frames: list[dict[str, Any]] = [
        {"t": "ping", "ts": 1},
        {"t": "queue.join", "mode": "duel"},
        {"t": "dance"},
        {"t": "hello"},
    ]
    for frame in frames:
        with subtests.test(frame=frame):
            async with Lobby() as lobby:
                socket = await lobby.raw()
                await socket.send(frame)
                assert (await socket.next("error"))["code"] == "UNAUTHENTICATED"
                assert await socket.close_code() == 4401


@pytest.mark.parametrize(
    "frame",
    [{"t": "hello", "token": 7}, {"t": "hello", "token": "x", "region": 7}, {"t": "resume", "last_tick": 0}],
    ids=str,
)
async def test_a_first_frame_with_a_bad_field_may_be_sent_again(frame: dict[str, Any]) -> None:
    async with Lobby() as lobby:
        account = await lobby.guest()
        socket = await lobby.raw()
        await socket.send(frame)
        assert (await socket.next("error"))["code"] == "INVALID_ARGUMENT"
        assert (await socket.ask("hello", "welcome", token=account.access_token))["t"] == "welcome"


async def test_a_silent_socket_is_closed_after_five_seconds() -> None:
    async with Lobby() as lobby:
        socket = await lobby.raw()
        opened_s = time.monotonic()
        assert (await socket.next("error"))["code"] == "UNAUTHENTICATED"
        assert await socket.close_code() == 4401
        assert 4.0 < time.monotonic() - opened_s < 8.0


def forged_tokens(good: str) -> dict[str, str]:
    """좋은 토큰을 조금씩 틀리게 한 것들."""
    head, body, _ = good.split(".")
    claims = jwt.decode(good, options={"verify_signature": False})
    kid = jwt.get_unverified_header(good)["kid"]
    other = Ed25519PrivateKey.generate()
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    return {
        "empty": "",
        "garbage": "not.a.token",
        "long": "x" * 8_000,
        "no signature": f"{head}.{body}.",
        "alg none": f"{none}.{body}.",
        "another key, our kid": jwt.encode(claims, other, "EdDSA", headers={"kid": kid}),
        "another key, its kid": jwt.encode(claims, other, "EdDSA", headers={"kid": "unknown"}),
        "no kid": jwt.encode(claims, other, "EdDSA"),
        "symmetric": jwt.encode(claims, "s" * 32, "HS256", headers={"kid": kid}),
    }


@pytest.mark.smoke
async def test_a_forged_token_is_refused_everywhere(subtests: pytest.Subtests) -> None:
    async with Lobby() as lobby:
        good = (await lobby.guest()).access_token
        for name, token in forged_tokens(good).items():
            with subtests.test(token=name):
                socket = await lobby.raw()
                refusal = await socket.ask("hello", "welcome", token=token)
                assert refusal["code"] == "UNAUTHENTICATED"
                assert await socket.close_code() == 4401
                if token:
                    answer = await lobby.http.send("GET", "/api/v1/me", token=token)
                    assert answer.status == 401


@pytest.mark.smoke
async def test_a_foreign_origin_is_refused_and_our_own_is_not(subtests: pytest.Subtests) -> None:
    for origin in ("http://evil.example", "https://localhost:8080", "http://localhost:8081", "null"):
        with subtests.test(origin=origin):
            with pytest.raises(InvalidStatus) as caught:
                await open_raw(origin=origin)
            assert caught.value.response.status_code == 403
    ours = await open_raw(origin="http://localhost:8080")
    await ours.close()


@pytest.mark.parametrize("greeted", [True, False])
async def test_an_oversized_frame_closes_with_1009(greeted: bool) -> None:
    async with Lobby() as lobby:
        socket = await (lobby.greeted() if greeted else lobby.raw())
        await socket.send(json.dumps({"t": "ping", "ts": 1, "pad": "x" * 20_000}))
        # LB가 나머지 바이트에 RST로 답하면 닫힘 프레임을 읽기 전에 끊길 수 있다(reliability.md).
        assert await socket.close_code() in {1009, 1006}


async def test_a_frame_just_under_the_limit_is_read() -> None:
    async with Lobby() as lobby:
        socket = await lobby.greeted()
        await socket.send(json.dumps({"t": "ping", "ts": 5, "pad": "x" * 16_000}))
        assert (await socket.next("pong"))["ts"] == 5


async def test_a_burst_within_the_limit_is_answered_in_full() -> None:
    async with Lobby() as lobby:
        socket = await lobby.greeted()
        await asyncio.gather(*(socket.send({"t": "ping", "ts": ts}) for ts in range(100)))
        assert [(await socket.next("pong"))["ts"] for _ in range(100)] == list(range(100))


async def test_a_flood_is_refused_and_then_closed() -> None:
    async with Lobby() as lobby:
        socket = await lobby.greeted()
        flood = asyncio.create_task(_flood(socket))
        try:
            assert (await socket.next("error"))["code"] == "RATE_LIMITED"
            assert await socket.close_code() == 4429
        finally:
            flood.cancel()
            await asyncio.gather(flood, return_exceptions=True)


async def _flood(socket: Any) -> None:
    for ts in range(20_000):
        await socket.send({"t": "ping", "ts": ts})


@pytest.mark.smoke
async def test_others_play_on_while_one_misbehaves() -> None:
    async with Lobby() as lobby:
        one, two = await lobby.apart()
        await meet(one, two)
        for frame in ("{", b"\x00", "[]"):
            bad = await lobby.greeted()
            await bad.send(frame)
            assert await bad.close_code() == 4400
        tick = (await one.next_state()).tick
        await one.wait_state(lambda world: world.tick > tick)
        assert one.reconnects == two.reconnects == 0
