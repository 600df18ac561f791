"""gateway 하나로 가는 줄: 틱마다 프레임 한 묶음과, 잃어서는 안 되는 통지들.

비우지 않는 gateway의 상태 프레임은 버리고(뒤에 snapshot) 통지는 버리지 않는다. 통지마저 너무 쌓이거나
너무 오래 밀리면 줄을 끊는다: 그 gateway의 소켓들은 다시 붙을 때 모두 새로 받는다.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence

from hanpan.v1 import session_pb2
from telemetry.logs import get_logger

log = get_logger(__name__)

MAX_QUEUED_MESSAGES = 4  # 틱 넷(200 ms)이 밀리면 상태 프레임을 버린다
MAX_MESSAGE_BYTES = 1024 * 1024  # 상대의 수신 상한(4 MiB)보다 넉넉히 작게 나눈다
MAX_QUEUED_CONTROLS = 10_000
MAX_LAG_S = 10.0


class GatewayLink:
    """보낼 것의 순서 있는 줄. room의 FrameSink이자 gRPC 쓰는 쪽의 출처다."""

    def __init__(self, gateway_id: str, *, hang_up: Callable[[], None] | None = None) -> None:
        """`hang_up`은 쓰기에 막혔을 수도 있는 스트림을 끝낸다. 없으면 쓰는 태스크를 취소한다."""
        self.gateway_id = gateway_id
        self.accepts_frames = True
        self._queue: deque[session_pb2.LinkDown] = deque()
        self._tail_bytes = 0
        self._queued_controls = 0
        self._wake = asyncio.Event()
        self._closed = False
        self._lagging_since_s: float | None = None
        self._writer: asyncio.Task[object] | None = None
        self._finished = asyncio.Event()
        self._hang_up = hang_up or self._cancel_writer

    def begin_tick(self, now_s: float) -> None:
        """틱의 프레임을 새 묶음에 담기 시작한다. 밀린 줄은 이번 틱을 받지 않고, 너무 오래 밀리면 끊긴다."""
        if self._queue and self._queue[-1].frames:
            self._tail_bytes = MAX_MESSAGE_BYTES
        self.accepts_frames = len(self._queue) < MAX_QUEUED_MESSAGES
        if self.accepts_frames:
            self._lagging_since_s = None
        elif self._lagging_since_s is None:
            self._lagging_since_s = now_s
            log.warning("link.lagging", gateway=self.gateway_id)
        elif now_s - self._lagging_since_s >= MAX_LAG_S:
            self.cut("lagging")

    def add_frame(self, conn_id: int, payload: bytes) -> None:
        """소켓 하나의 프레임을 지금 묶음에 넣는다. `flush`가 내보낸다."""
        if self._closed:
            return
        if self._tail_bytes >= MAX_MESSAGE_BYTES or not self._queue:
            self._open_message()
        self._tail_bytes += len(payload)
        self._queue[-1].frames.add(conn_ids=(conn_id,), payload=payload)

    def notify(self, conn_ids: Sequence[int], control: session_pb2.Control) -> None:
        """통지를 순서대로 줄에 넣고 내보낸다. 앞서 넣은 프레임보다 먼저 나가지 않는다."""
        if self._closed:
            return
        if self._queued_controls >= MAX_QUEUED_CONTROLS:
            self.cut("controls")
            return
        if not self._queue or self._queue[-1].frames:
            self._open_message()
        row = self._queue[-1].controls.add()
        row.CopyFrom(control)
        row.conn_ids.extend(conn_ids)
        self._queued_controls += 1
        self.flush()

    def flush(self) -> None:
        """쌓인 것이 있으면 쓰는 쪽을 깨운다."""
        if self._queue:
            self._wake.set()

    def close(self) -> None:
        """더 받지 않는다. 이미 쌓인 것은 나간다."""
        self._closed = True
        self._wake.set()

    def cut(self, reason: str) -> None:
        """쌓인 것을 버리고 스트림을 끊는다. 쓰기에 막힌 스트림도 끝난다."""
        if self._closed:
            return
        log.warning("link.cut", gateway=self.gateway_id, reason=reason)
        self._queue.clear()
        self.close()
        self._hang_up()

    @property
    def is_closed(self) -> bool:
        """닫혔는가. 닫힌 줄에 넣는 것은 버려진다."""
        return self._closed

    async def finished(self) -> None:
        """닫힌 줄이 다 나갔거나 끊기기를 기다린다."""
        await self._finished.wait()

    async def outgoing(self) -> AsyncIterator[session_pb2.LinkDown]:
        """보낼 묶음을 순서대로 준다. 닫히고 다 나가면 끝난다. 한 번만 부른다."""
        self._writer = asyncio.current_task()
        try:
            while True:
                while self._queue:
                    message = self._queue.popleft()
                    self._queued_controls -= len(message.controls)
                    yield message
                if self._closed:
                    return
                self._wake.clear()
                await self._wake.wait()
        finally:
            self._finished.set()

    def _cancel_writer(self) -> None:
        if self._writer is not None:
            self._writer.cancel()

    def _open_message(self) -> None:
        self._queue.append(session_pb2.LinkDown())
        self._tail_bytes = 0
