"""session 서버를 부르는 gRPC. 주소마다 채널 하나를 두고 나눠 쓴다."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection
from typing import Any

import grpc.aio

from hanpan.v1.session_pb2 import CreateMatchRequest, CreateMatchResponse
from hanpan.v1.session_pb2_grpc import SessionServiceStub
from rpc.channels import CREATE_MATCH_DEADLINE_S, make_channel
from rpc.errors import error_from_rpc


class SessionCalls:
    """판을 만드는 부름."""

    def __init__(self, *, deadline_s: float = CREATE_MATCH_DEADLINE_S) -> None:
        self._deadline_s = deadline_s
        self._channels: dict[str, grpc.aio.Channel] = {}
        self._asking: Counter[str] = Counter()

    async def create(self, address: str, request: CreateMatchRequest) -> CreateMatchResponse:
        """판을 만든다. 같은 `match_id`면 같은 답이다.

        Raises:
            Unavailable: 답을 듣지 못했다(만들어졌을 수도 있다) 또는 서버가 지금은 받지 않는다.
            SessionDraining: 서버가 비워지는 중이다. 만들지 않았다.
            HanpanError: 서버가 거절했다.
        """
        channel = self._channels.get(address)
        if channel is None:
            channel = self._channels[address] = make_channel(address)
        stub: Any = SessionServiceStub(channel)
        self._asking[address] += 1
        try:
            made: CreateMatchResponse = await stub.CreateMatch(request, timeout=self._deadline_s)
            return made
        except grpc.aio.AioRpcError as error:
            raise error_from_rpc(error) from error
        finally:
            self._asking[address] -= 1

    async def keep_only(self, addresses: Collection[str]) -> None:
        """등록부에서 사라진 서버로 가는 채널을 닫는다. 답을 기다리는 부름이 있으면 다음에 닫는다."""
        await self._close(
            [each for each in self._channels if each not in addresses and not self._asking[each]]
        )

    async def close(self) -> None:
        """모든 채널을 닫는다."""
        await self._close(list(self._channels))

    async def _close(self, addresses: Collection[str]) -> None:
        await asyncio.gather(*(self._channels.pop(address).close() for address in addresses))
        for address in addresses:
            del self._asking[address]
