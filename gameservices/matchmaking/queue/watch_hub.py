"""gateway들이 열어 둔 통지 스트림. 통지를 나눠 줄 뿐, 무슨 뜻인지도 Redis도 모른다.

gateway 하나에 스트림 하나다. 밀리면 기다리지 않고 그 스트림을 끊는다: gateway는 다시 열며 놓친 통지를 묻는다.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque

from hanpan.v1.matchmaking_pb2 import WatchEvent

STREAM_LIMIT = 4_096  # 스트림 하나에 밀릴 수 있는 통지의 수
BATCH = 256  # 메시지 하나에 싣는 통지의 수. 통지는 500바이트쯤이다


class GatewayStream:
    """gateway 하나로 가는 통지의 줄. 읽는 쪽은 하나다."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._events: deque[WatchEvent] = deque()
        self._stirred = asyncio.Event()
        self.closed = False

    def put(self, event: WatchEvent) -> bool:
        """통지를 넣는다. 가득 찼으면 스트림을 끊고 False다."""
        if not self.closed and len(self._events) >= self._limit:
            self.close()
        if self.closed:
            return False
        self._events.append(event)
        self._stirred.set()
        return True

    def close(self) -> None:
        """더 넣지 않는다. 이미 든 통지는 나간다."""
        self.closed = True
        self._stirred.set()

    async def next(self, timeout_s: float | None = None) -> list[WatchEvent]:
        """밀린 통지들. 없으면 기다리고, 닫히고 비었거나 `timeout_s`가 지났으면 빈 목록이다."""
        if not self._events and not self.closed:
            self._stirred.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    await self._stirred.wait()
        return [self._events.popleft() for _ in range(min(len(self._events), BATCH))]


class WatchHub:
    """지금 열린 스트림들."""

    def __init__(self, stream_limit: int = STREAM_LIMIT) -> None:
        self._stream_limit = stream_limit
        self._streams: dict[str, GatewayStream] = {}

    def open(self, gateway_id: str) -> GatewayStream:
        """새 스트림을 연다. 같은 gateway의 옛 스트림은 닫힌다."""
        older = self._streams.get(gateway_id)
        if older is not None:
            older.close()
        stream = self._streams[gateway_id] = GatewayStream(self._stream_limit)
        return stream

    def drop(self, gateway_id: str, stream: GatewayStream) -> None:
        """끝난 스트림을 뺀다. 그 사이 새로 열린 것은 남는다."""
        stream.close()
        if self._streams.get(gateway_id) is stream:
            del self._streams[gateway_id]

    def publish(self, gateway_id: str, event: WatchEvent) -> bool:
        """통지를 보낸다. 스트림이 없으면 False이고, gateway가 다시 열 때 `MissedEvents`가 알린다."""
        stream = self._streams.get(gateway_id)
        return stream is not None and stream.put(event)

    def gateways(self) -> list[str]:
        """스트림이 열려 있는 gateway들."""
        return [gateway_id for gateway_id, stream in self._streams.items() if not stream.closed]

    def close(self) -> None:
        """모든 스트림을 닫는다(프로세스가 끝난다)."""
        for stream in self._streams.values():
            stream.close()
