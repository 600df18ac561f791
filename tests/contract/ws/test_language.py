"""소켓의 언어(contract.md 1절): upgrade 요청의 Accept-Language, 또는 첫 프레임의 `lang`."""

from __future__ import annotations

import json
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from kernel.ids import new_id
from kernel.messages import is_korean
from tests.contract.ws.test_bad_input import BAD_REQUESTS
from tests.fakes.gateway_process import Client
from tests.fakes.gateway_stage import Stage

LANGUAGES = ("ko", "en")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_error_of_a_socket_is_in_the_language_of_its_request(stage: Stage, language: str) -> None:
    async with stage.gateway.connect(additional_headers={"Accept-Language": language}) as socket:
        client = Client(socket)
        await client.hello(new_id())
        for kind, fields, code in BAD_REQUESTS:
            answer = await client.ask(kind, **fields)
            assert answer["code"] == code
            assert is_korean(answer["message"]) == (language == "ko"), answer["message"]


@pytest.mark.parametrize(
    ("asked", "lang", "korean"),
    [
        ({}, None, True),
        ({"Accept-Language": "fr"}, None, False),
        ({"Accept-Language": "ko"}, "en", False),
        ({"Accept-Language": "ko", "Cookie": "a=b; django_language=en"}, None, False),
    ],
)
async def test_the_first_frame_may_name_another_language(
    stage: Stage, asked: dict[str, str], lang: str | None, korean: bool
) -> None:
    named: dict[str, Any] = {} if lang is None else {"lang": lang}
    async with stage.gateway.connect(additional_headers=asked) as socket:
        client = Client(socket)
        await client.hello(new_id(), **named)
        assert is_korean((await client.ask("queue.cancel"))["message"]) is korean


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_refused_upgrade_names_the_language_of_its_body(stage: Stage, language: str) -> None:
    offered = [Subprotocol("hanpan.v2")]
    with pytest.raises(InvalidStatus) as caught:
        async with stage.gateway.connect(
            subprotocols=offered, additional_headers={"Accept-Language": language}
        ):
            pass
    response = caught.value.response
    body = json.loads(response.body or b"")
    assert response.headers["Content-Language"] == language
    for name in ("title", "detail"):
        assert is_korean(body[name]) == (language == "ko"), body


@pytest.mark.parametrize("language", LANGUAGES)
async def test_goodbye_is_said_in_the_language_of_the_socket(stage: Stage, language: str) -> None:
    async with stage.gateway.connect(additional_headers={"Accept-Language": language}) as socket:
        client = Client(socket)
        await client.hello(new_id())
        await stage.gateway.app.connections.say_bye(0)
        bye = await client.until("bye")
        assert is_korean(bye["reason"]) == (language == "ko")
