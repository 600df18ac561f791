"""소켓의 문과 첫 프레임: 누구를 들이고 누구를 어떻게 돌려보내는가."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from kernel.ids import new_id
from redisstore.ratelimit import Decision
from tests.fakes.gateway_ports import token_of
from tests.fakes.gateway_stage import Stage, gateway_stage

GOOD_ORIGIN = "http://localhost:8080"


async def refused_status(stage: Stage, **options: Any) -> int:
    with pytest.raises(InvalidStatus) as caught:
        async with stage.gateway.connect(**options):
            pass
    return int(caught.value.response.status_code)


async def test_hello_is_answered_with_welcome(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.client() as client:
        welcome = await client.hello(player_id)
    assert welcome["re"] == "h"
    assert welcome["player_id"] == player_id
    assert welcome["gateway"] == "gateway1"
    assert welcome["region"] == "local"
    assert welcome["heartbeat_interval_ms"] == 15_000
    assert welcome["conn_id"].isdigit()
    assert welcome["server_time_ms"] > 1_600_000_000_000


async def test_a_wished_region_is_answered_with_the_region_that_is_here(stage: Stage) -> None:
    async with stage.gateway.client() as client:
        assert (await client.hello(new_id(), region="mars"))["region"] == "local"


async def test_the_server_picks_the_subprotocol(stage: Stage) -> None:
    offered = [Subprotocol("other"), Subprotocol("hanpan.v1")]
    async with stage.gateway.connect(subprotocols=offered) as socket:
        assert socket.subprotocol == "hanpan.v1"


async def test_a_client_that_offers_no_subprotocol_is_taken_as_the_first_version(stage: Stage) -> None:
    async with stage.gateway.connect(subprotocols=None) as socket:
        assert socket.subprotocol is None
        await socket.send(json.dumps({"t": "hello", "token": token_of(new_id())}))
        assert json.loads(await socket.recv())["t"] == "welcome"


async def test_a_client_that_offers_only_another_subprotocol_is_refused(stage: Stage) -> None:
    assert await refused_status(stage, subprotocols=[Subprotocol("hanpan.v2")]) == 422


async def test_compression_is_not_agreed(stage: Stage) -> None:
    async with stage.gateway.connect(compression="deflate") as socket:
        assert socket.response is not None
        assert "Sec-WebSocket-Extensions" not in socket.response.headers


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "https://localhost:8080",
        "http://localhost:8081",
        "http://localhost",
        "http://localhost:8080.evil.example",
        "null",
    ],
)
async def test_a_foreign_origin_is_refused(stage: Stage, origin: str) -> None:
    assert await refused_status(stage, origin=Origin(origin)) == 403


async def test_our_own_origin_is_let_in(stage: Stage) -> None:
    async with stage.gateway.connect(origin=Origin(GOOD_ORIGIN)):
        pass


async def test_two_origins_are_no_request_of_a_browser(stage: Stage) -> None:
    headers = [("Origin", GOOD_ORIGIN), ("Origin", "http://evil.example")]
    assert await refused_status(stage, additional_headers=headers) == 400


async def test_another_path_is_not_found(stage: Stage) -> None:
    with pytest.raises(InvalidStatus) as caught:
        async with stage.gateway.connect("/other"):
            pass
    assert caught.value.response.status_code == 404


async def test_an_address_over_its_rate_is_told_when_to_come_back(stage: Stage) -> None:
    stage.redis.decision = Decision(allowed=False, retry_after_ms=2500)
    with pytest.raises(InvalidStatus) as caught:
        async with stage.gateway.connect():
            pass
    response = caught.value.response
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "3"
    problem = json.loads(response.body or b"")
    assert (problem["code"], problem["status"]) == ("RATE_LIMITED", 429)
    assert len(problem["trace_id"]) == 32


UPGRADE = b"Host: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
KEY = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
BAD_HANDSHAKES = {
    "여느 HTTP": (b"GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 426),
    "12판": (b"GET /ws HTTP/1.1\r\n" + UPGRADE + KEY + b"Sec-WebSocket-Version: 12\r\n\r\n", 426),
    "열쇠가 없다": (b"GET /ws HTTP/1.1\r\n" + UPGRADE + b"Sec-WebSocket-Version: 13\r\n\r\n", 400),
    "POST": (b"POST /ws HTTP/1.1\r\n" + UPGRADE + KEY + b"Sec-WebSocket-Version: 13\r\n\r\n", 405),
    "너무 긴 머리글": (
        b"GET /ws HTTP/1.1\r\n" + UPGRADE + KEY + b"Cookie: a=" + b"x" * 9000
        + b"\r\nSec-WebSocket-Version: 13\r\n\r\n",
        431,
    ),
    "너무 긴 주소": (
        b"GET /ws?" + b"a" * 9000 + b" HTTP/1.1\r\n" + UPGRADE + KEY + b"Sec-WebSocket-Version: 13\r\n\r\n",
        414,
    ),
    "깨진 요청": (b"NONSENSE\r\n\r\n", 400),
    "다른 경로": (b"GET /other HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 404),
    "읽기가 아닌 상태 확인": (b"DELETE /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 405),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_HANDSHAKES)
async def test_a_bad_handshake_is_a_problem_like_any_other_error(stage: Stage, name: str) -> None:
    request, status = BAD_HANDSHAKES[name]
    reader, writer = await asyncio.open_connection(*stage.gateway.base.split(":"))
    writer.write(request)
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    problem = json.loads(body)
    assert head.split()[1] == str(status).encode()
    assert b"application/problem+json" in head
    assert set(problem) == {"type", "title", "status", "detail", "code", "trace_id"}
    assert (problem["status"], problem["type"]) == (status, f"urn:hanpan:error:{problem['code']}")
    assert len(problem["trace_id"]) == 32
    assert (b"sec-websocket-version: 13" in head.lower()) == (status == 426)


async def test_a_refusal_tells_the_trace_and_the_language_of_the_caller(stage: Stage) -> None:
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    headers = {"traceparent": f"00-{trace_id}-b7ad6b7169203331-01", "Accept-Language": "en"}
    with pytest.raises(InvalidStatus) as caught:
        async with stage.gateway.connect(origin=Origin("http://evil.example"), additional_headers=headers):
            pass
    problem = json.loads(caught.value.response.body or b"")
    assert (problem["trace_id"], problem["type"]) == (trace_id, "urn:hanpan:error:PERMISSION_DENIED")
    assert problem["title"] == "Permission denied"


async def test_the_address_of_the_client_comes_from_the_trusted_proxy(stage: Stage) -> None:
    headers = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}
    async with stage.gateway.connect(additional_headers=headers):
        pass
    assert stage.redis.taken[-1] == ("connect:198.51.100.7", 1)


async def test_an_untrusted_peer_cannot_name_another_address() -> None:
    async with gateway_stage(trusted_proxies=("10.0.0.0/8",)) as stage:
        async with stage.gateway.connect(additional_headers={"X-Forwarded-For": "198.51.100.7"}):
            pass
        assert stage.redis.taken[-1][0].startswith("connect:127.0.")


async def test_sockets_are_taken_while_redis_is_down(stage: Stage) -> None:
    stage.redis.is_down = True
    async with stage.gateway.client() as client:
        assert (await client.hello(new_id()))["t"] == "welcome"
        error = await client.until("error")
        assert (error["code"], error["retry_after_ms"]) == ("UNAVAILABLE", 1000)
        assert (await client.ask("ping", ts=1))["t"] == "pong"


@pytest.mark.parametrize("token", ["", "garbage", "token:only-two", "a.b.c"])
async def test_a_bad_token_is_refused_and_closed(stage: Stage, token: str) -> None:
    async with stage.gateway.client() as client:
        await client.send("hello", id=9, token=token)
        error = await client.until("error")
        assert (error["code"], error["re"]) == ("UNAUTHENTICATED", 9)
        assert len(error["trace_id"]) == 32
        assert await client.close_code() == 4401


@pytest.mark.parametrize(
    "first", [{"t": "ping", "ts": 1}, {"t": "queue.join", "mode": "duel"}, {"t": "dance"}, {"t": 1}, {}]
)
async def test_a_first_frame_that_says_nothing_of_who_is_refused(stage: Stage, first: dict[str, Any]) -> None:
    async with stage.gateway.client() as client:
        await client.socket.send(json.dumps(first))
        assert (await client.until("error"))["code"] == "UNAUTHENTICATED"
        assert await client.close_code() == 4401


@pytest.mark.parametrize("first", [{"t": "hello", "token": 7}, {"t": "resume", "last_tick": 0}])
async def test_a_first_frame_with_a_wrong_field_may_be_sent_again(
    stage: Stage, first: dict[str, Any]
) -> None:
    async with stage.gateway.client() as client:
        await client.socket.send(json.dumps({**first, "id": 1}))
        error = await client.until("error")
        assert (error["code"], error["re"]) == ("INVALID_ARGUMENT", 1)
        assert (await client.hello(new_id()))["t"] == "welcome"


@pytest.mark.parametrize("first", ["not json", "[]", "null", "", b"\x01\x02"], ids=repr)
async def test_a_first_frame_that_is_no_json_object_closes_with_4400(
    stage: Stage, first: str | bytes
) -> None:
    async with stage.gateway.client() as client:
        await client.socket.send(first)
        assert await client.close_code() == 4400
        assert client.kept == []


async def test_a_silent_socket_is_closed() -> None:
    async with gateway_stage(hello_timeout_s=0.3) as stage, stage.gateway.client() as client:
        assert (await client.until("error"))["code"] == "UNAUTHENTICATED"
        assert await client.close_code() == 4401


async def test_a_socket_that_said_hello_in_time_stays() -> None:
    async with gateway_stage(hello_timeout_s=0.3) as stage, stage.gateway.player(new_id()) as client:
        await asyncio.sleep(0.5)  # 기한이 지나는 것 자체가 시험할 일이다
        assert (await client.ask("ping", ts=1))["t"] == "pong"


@pytest.mark.parametrize("again", ["hello", "resume"])
async def test_a_second_first_frame_is_refused_and_the_socket_stays(stage: Stage, again: str) -> None:
    async with stage.gateway.player(new_id()) as client:
        answer = await client.ask(again, token=token_of(new_id()), resume_token="x", last_tick=0)
        assert (answer["t"], answer["code"]) == ("error", "INVALID_ARGUMENT")
        assert (await client.ask("ping", ts=1))["t"] == "pong"


async def test_a_trace_of_the_client_comes_back_in_the_error(stage: Stage) -> None:
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    async with stage.gateway.player(new_id()) as client:
        for kind, fields in (("queue.cancel", {}), ("input", {"seq": 1, "dx": 0, "dy": 0})):
            error = await client.ask(kind, trace=f"00-{trace_id}-b7ad6b7169203331-01", **fields)
            assert error["trace_id"] == trace_id


async def test_a_malformed_trace_starts_a_new_one(stage: Stage) -> None:
    async with stage.gateway.player(new_id()) as client:
        error = await client.ask("queue.cancel", trace="zz")
        assert len(error["trace_id"]) == 32
