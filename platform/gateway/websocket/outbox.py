"""소켓 하나의 보낼 것들: 크기가 정해진 상자. 느린 소켓이 메모리를 먹지도, 남을 늦추지도 못하게 한다.

순수하다. 통지(글)는 잃지 않고, 상태(이진)는 최신이 이긴다: 넘치면 밀린 상태를 모두 버리고
새 snapshot부터 다시 잇는다. 밀린 것이 없고 소켓이 곧바로 받으면 상자에 담지 않고 쓴다.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from gateway.protocol.server_frames import is_snapshot
from gateway.settings import OutboxLimits


@dataclass(frozen=True, slots=True)
class Close:
    """마지막으로 꺼내지는 것: 이 코드로 소켓을 닫는다."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class DeliveryReceipt:
    """앞에 보낸 것을 상대가 모두 받았음이 확인되면 `heard`를 부른다."""

    heard: Callable[[], None]


Outgoing = str | bytes | DeliveryReceipt | Close
WriteNow = Callable[[str | bytes | DeliveryReceipt], bool]
"""기다리지 않고 쓴다. 소켓이 지금 받지 않으면 False이고 아무것도 쓰지 않았다."""


class Outbox:
    """한 소켓의 상자. 넣는 쪽은 많고 꺼내는 쪽(쓰는 태스크)은 하나다.

    지키는 것: 빈 상자에 하나를 넣는 때가 아니면 상한을 넘지 않는다. 통지는 순서대로 모두 나간다.
    상태를 하나라도 버렸으면 다음에 나가는 상태는 snapshot이다. 꺼낸 것이 쓰이는 동안에는 앞지르지 않는다.
    """

    __slots__ = (
        "_bytes", "_closed", "_closing", "_dropped", "_is_writing", "_lagging_since_s", "_limits",
        "_needs_snapshot", "_queue", "_resync_asked", "_write_now",
    )  # fmt: skip

    def __init__(self, limits: OutboxLimits, write_now: WriteNow) -> None:
        self._limits = limits
        self._write_now = write_now
        self._is_writing = False
        self._queue: deque[str | bytes | DeliveryReceipt] = deque()
        self._bytes = 0
        self._dropped = 0
        # 처음 나가는 상태는 snapshot이다. 자리에 붙을 때 저절로 오므로 청하지 않는다.
        self._needs_snapshot = True
        self._resync_asked = True
        self._lagging_since_s: float | None = None
        self._closing: Close | None = None
        self._closed = False

    def __len__(self) -> int:
        return len(self._queue)

    @property
    def queued_bytes(self) -> int:
        """지금 쌓인 바이트."""
        return self._bytes

    @property
    def is_closing(self) -> bool:
        """닫기로 했다. 더 넣는 것은 조용히 버려진다."""
        return self._closing is not None

    def put_control(self, text: str, now_s: float) -> bool:
        """통지를 넣는다. 상태를 다 버려도 자리가 없으면 False: 부른 쪽이 4408로 닫는다."""
        if self._closing is not None:
            return True
        size = _size(text)
        if not self._fits(size):
            self._drop_states(now_s)
            if not self._fits(size):
                return False
        self._append(text)
        return True

    def put_receipt(self, receipt: DeliveryReceipt) -> None:
        """지금까지 넣은 통지를 받았는지 묻는다. 크기가 없는 것과 같아 상한에 들지 않는다."""
        if self._closing is None:
            self._append(receipt)

    def put_state(self, frame: bytes, now_s: float) -> None:
        """상태 프레임을 넣거나 버린다."""
        if self._closing is not None:
            return
        snapshot = is_snapshot(frame)
        if self._needs_snapshot and not snapshot:
            self._dropped += 1
            return
        if not self._fits(len(frame)):
            self._drop_states(now_s)
            if not snapshot or not self._fits(len(frame)):
                self._dropped += 1
                self._resync_asked = False
                return
        if snapshot:
            self._needs_snapshot = False
            self._resync_asked = False
        self._append(frame)

    def pop(self) -> Outgoing | None:
        """다음에 보낼 것. 없으면 None이고, 그때 상자는 따라잡은 것으로 친다.

        꺼낸 것은 다시 부를 때까지 쓰이는 중이다.
        """
        self._is_writing = bool(self._queue)
        if self._queue:
            item = self._queue.popleft()
            self._bytes -= _size(item)
            return item
        self._lagging_since_s = None
        if self._closing is not None and not self._closed:
            self._closed = True
            return self._closing
        return None

    def ask_resync(self) -> bool:
        """따라잡은 뒤 새 snapshot을 청할 때인가. 한 번 버린 일에 한 번만 True다."""
        if not self._needs_snapshot or self._resync_asked or self._queue or self._closing is not None:
            return False
        self._resync_asked = True
        return True

    def forget_states(self) -> None:
        """판이 바뀌었다: 앞 판의 상태를 버리고 새 판의 snapshot을 기다린다."""
        self._keep_controls()
        self._needs_snapshot = True
        self._resync_asked = True  # 자리에 붙을 때 snapshot이 저절로 온다

    def is_stuck(self, now_s: float) -> bool:
        """넘친 채로 너무 오래 비우지 못했는가."""
        return self._lagging_since_s is not None and now_s - self._lagging_since_s >= self._limits.lag_s

    def take_dropped(self) -> int:
        """지난번 뒤로 버린 상태 프레임 수."""
        dropped, self._dropped = self._dropped, 0
        return dropped

    def close(self, code: int, reason: str, *, discard: bool = False) -> None:
        """남은 통지까지 보내고 닫는다. `discard`면 남은 것도 버린다. 처음 부른 까닭이 남는다."""
        if self._closing is not None:
            return
        self._closing = Close(code, reason)
        if discard:
            self._queue.clear()
            self._bytes = 0
        else:
            self._keep_controls()

    def _fits(self, size: int) -> bool:
        if not self._queue:
            return True
        return len(self._queue) < self._limits.max_frames and self._bytes + size <= self._limits.max_bytes

    def _append(self, item: str | bytes | DeliveryReceipt) -> None:
        if not self._queue and not self._is_writing and self._write_now(item):
            return
        self._queue.append(item)
        self._bytes += _size(item)

    def _drop_states(self, now_s: float) -> None:
        before = len(self._queue)
        self._keep_controls()
        dropped = before - len(self._queue)
        if dropped:
            self._dropped += dropped
        self._needs_snapshot = True
        self._resync_asked = False
        if self._lagging_since_s is None:
            self._lagging_since_s = now_s

    def _keep_controls(self) -> None:
        self._queue = deque(item for item in self._queue if not isinstance(item, bytes))
        self._bytes = sum(_size(item) for item in self._queue)


def _size(item: str | bytes | DeliveryReceipt) -> int:
    """소켓에 쓰일 바이트. 거의 모든 통지는 ASCII라 다시 부호화하지 않는다."""
    if isinstance(item, DeliveryReceipt):
        return 0
    if isinstance(item, bytes) or item.isascii():
        return len(item)
    return len(item.encode())
