"""상대 하나에게 묻기: 제 기한으로 부르고, 실패는 오류 나무의 것이 된다."""

from __future__ import annotations

from typing import Any

import grpc
import grpc.aio
import pytest

from kernel.errors import HanpanError, Internal, NotQueued, Unavailable
from rpc.channels import CONTROL_DEADLINE_S
from rpc.errors import status_metadata
from rpc.peer import Peer

NOWHERE = "127.0.0.1:1"  # 부르지 않으면 잇지 않는다


def failed(code: grpc.StatusCode, *trailing: tuple[str, bytes]) -> grpc.aio.AioRpcError:
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata(*trailing))


async def outcome_of(peer: Peer, failure: Exception) -> HanpanError:
    """부름이 `failure`로 끝났을 때 부른 쪽이 받는 오류."""

    async def call(_stub: Any, _deadline_s: float) -> None:
        raise failure

    with pytest.raises(HanpanError) as caught:
        await peer.ask(call)
    return caught.value


async def test_a_call_gets_the_stub_of_the_channel_and_the_deadline() -> None:
    peer = Peer(NOWHERE, lambda channel: ("stub of", channel), deadline_s=0.25)
    asked: list[tuple[Any, float]] = []

    async def call(stub: Any, deadline_s: float) -> str:
        asked.append((stub, deadline_s))
        return "answer"

    assert await peer.ask(call) == "answer"
    assert asked == [(peer.stub, 0.25)]
    assert isinstance(peer.stub[1], grpc.aio.Channel)
    await peer.close()


async def test_a_peer_without_a_deadline_of_its_own_keeps_that_of_control_calls() -> None:
    peer = Peer(NOWHERE, lambda channel: channel)
    assert peer.deadline_s == CONTROL_DEADLINE_S
    await peer.close()


async def test_failures_come_back_as_the_error_tree() -> None:
    peer = Peer(NOWHERE, lambda channel: channel)
    told = failed(grpc.StatusCode.FAILED_PRECONDITION, *status_metadata(NotQueued()))
    assert isinstance(await outcome_of(peer, told), NotQueued)
    for code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
        assert isinstance(await outcome_of(peer, failed(code)), Unavailable)
    assert isinstance(await outcome_of(peer, failed(grpc.StatusCode.UNKNOWN)), Internal)
    await peer.close()


async def test_a_bug_of_the_caller_is_not_a_failure_of_the_peer() -> None:
    peer = Peer(NOWHERE, lambda channel: channel)

    async def call(_stub: Any, _deadline_s: float) -> None:
        raise KeyError("bug")

    with pytest.raises(KeyError):
        await peer.ask(call)
    await peer.close()
