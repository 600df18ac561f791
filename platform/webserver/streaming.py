"""긴 답을 흘려보내는 daphne의 연결: 받는 쪽이 느리면 기다리고, 잘린 답을 온전한 답처럼 끝내지 않는다.

daphne는 보낼 것을 끝없이 쌓고, 정해진 시간이 지나면 답을 거기서 얌전히 끝낸다: 느린 사람 하나가 기억을 먹고,
긴 파일은 말없이 잘린다. 여기서는 밀리면 다음 조각을 만들지 않고, 시간은 마지막으로 나아간 때부터 재며, 끝내지
못할 답은 연결을 끊어 받는 쪽이 알게 한다.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final
from weakref import WeakKeyDictionary

from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer  # type: ignore[import-untyped]

ABORT: Final = "hanpan.response.abort"  # 응용이 흘려보내던 답을 잇지 못할 때 보내는 것
STALL_S: Final = 20.0  # 받는 쪽이 이만큼 조금도 읽지 않으면 끊는다


class PeerGone(ConnectionError):
    """받는 쪽이 떠났거나 읽지 않는다. 남은 조각을 만들 까닭이 없다."""


@implementer(IPushProducer)
class FlowGate:
    """보낼 것이 밀렸는지를 안다. Twisted가 버퍼가 차면 멈추라, 비면 이으라 한다."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._open.set()
        self._gone = False

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted의 이름
        self._open.clear()

    def resumeProducing(self) -> None:  # noqa: N802
        self._open.set()

    def stopProducing(self) -> None:  # noqa: N802
        self._gone = True
        self._open.set()

    async def wait(self, timeout_s: float = STALL_S) -> None:
        """더 보내도 될 때까지.

        Raises:
            PeerGone: 떠났거나 `timeout_s` 동안 읽지 않았다.
        """
        try:
            await asyncio.wait_for(self._open.wait(), timeout_s)
        except TimeoutError:
            raise PeerGone("받는 쪽이 읽지 않습니다") from None
        if self._gone:
            raise PeerGone("받는 쪽이 떠났습니다")


class Flows:
    """흘려보내는 답들의 문. 이벤트 루프 하나에서만 쓴다."""

    def __init__(self) -> None:
        # 응용이 취소되어 close를 부르지 못해도 연결과 함께 사라진다.
        self._gates: WeakKeyDictionary[Any, FlowGate] = WeakKeyDictionary()

    def open(self, protocol: Any) -> FlowGate:
        """이 답의 문. 처음이면 만들어 Twisted에 단다."""
        gate = self._gates.get(protocol)
        if gate is None:
            gate = self._gates[protocol] = FlowGate()
            protocol.registerProducer(gate, True)
        return gate

    def progressed(self, protocol: Any) -> None:
        """조각을 보냈다: daphne의 시간 제한은 여기서 다시 잰다."""
        protocol.request_start = time.time()

    def close(self, protocol: Any) -> None:
        """다 보냈거나 끊겼다."""
        if self._gates.pop(protocol, None) is not None and protocol.channel is not None:
            protocol.unregisterProducer()


def cut_off(protocol: Any) -> None:
    """연결을 곧바로 끊는다. 조각으로 보내던 답의 끝이 오지 않아 받는 쪽이 잘린 것을 안다."""
    if protocol.channel is not None and protocol.channel.transport is not None:
        protocol.channel.forceAbortClient()
