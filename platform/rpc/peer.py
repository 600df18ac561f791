"""부르는 상대 하나: 주소, 채널, 그 위의 스텁, 한 번 묻는 기한. v1.7의 차단기가 여기에 달린다."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import grpc.aio

from rpc.channels import CONTROL_DEADLINE_S, make_channel
from rpc.errors import error_from_rpc

Reply = TypeVar("Reply")
MakeStub = Callable[[Any], Any]
AsyncCall = Callable[[Any, float], Awaitable[Reply]]
"""스텁과 기한(초)을 받아 부르는 것: `lambda stub, deadline_s: stub.Join(request, timeout=deadline_s)`."""


class Peer:
    """상대 하나. 채널은 만들 때 열린다(잇는 것은 처음 부를 때다)."""

    def __init__(
        self,
        address: str,
        make_stub: MakeStub,
        *,
        deadline_s: float = CONTROL_DEADLINE_S,
        traced: bool = True,
    ) -> None:
        self.address = address
        self.deadline_s = deadline_s
        self._channel = make_channel(address, traced=traced)
        self.stub: Any = make_stub(self._channel)

    async def ask(self, call: AsyncCall[Reply]) -> Reply:
        """이 상대에게만 묻는다.

        Raises:
            HanpanError: 상대의 답. 닿지 않았거나 기한이 지났으면 Unavailable이다.
        """
        try:
            return await call(self.stub, self.deadline_s)
        except grpc.aio.AioRpcError as error:
            raise error_from_rpc(error) from error

    async def close(self, grace_s: float | None = None) -> None:
        """채널을 닫는다. `grace_s`가 있으면 답을 기다리는 부름을 그만큼 둔다."""
        await self._channel.close(grace_s)
