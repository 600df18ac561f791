"""아무 바이트에서나 끊는 중계: 이을 때마다 다음 서버로 보내고, 정해 둔 만큼 나른 뒤 인사 없이 끊는다."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

CHUNK = 4096


@dataclass(frozen=True, slots=True)
class Cut:
    """한 소켓의 끝: `upward`면 클라이언트가 보낸 것, 아니면 받을 것을 `after_bytes`만큼 나른 뒤에 끊긴다."""

    upward: bool
    after_bytes: int


class CuttingRelay:
    """`targets`(host:port)에 돌아가며 잇는 중계. 소켓마다 `cuts`에서 하나씩 쓰고, 다 쓰면 끊지 않는다."""

    def __init__(self, targets: Sequence[str], cuts: Sequence[Cut]) -> None:
        self._targets = [target.rsplit(":", 1) for target in targets]
        self._cuts = deque(cuts)
        self.opened = 0
        self.cut = 0

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """소켓 하나를 나른다."""
        host, port = self._targets[self.opened % len(self._targets)]
        self.opened += 1
        cut = self._cuts.popleft() if self._cuts else None
        far_reader, far_writer = await asyncio.open_connection(host, int(port))
        pumps = [
            asyncio.create_task(_pump(reader, far_writer, cut.after_bytes if cut and cut.upward else None)),
            asyncio.create_task(
                _pump(far_reader, writer, cut.after_bytes if cut and not cut.upward else None)
            ),
        ]
        try:
            done, _ = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            self.cut += any(task.result() for task in done)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            writer.transport.abort()
            far_writer.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limit: int | None) -> bool:
    """나르다가 `limit` 바이트에 닿으면 True, 저쪽이 닫으면 False."""
    with suppress(ConnectionError):
        while limit is None or limit > 0:
            data = await reader.read(CHUNK if limit is None else min(CHUNK, limit))
            if not data:
                return False
            if limit is not None:
                limit -= len(data)
            writer.write(data)
            await writer.drain()
        return True
    return False


@asynccontextmanager
async def cutting_relay(
    targets: Sequence[str], cuts: Sequence[Cut]
) -> AsyncIterator[tuple[CuttingRelay, str]]:
    """듣고 있는 중계와 그 주소(host:port)."""
    relay = CuttingRelay(targets, cuts)
    server = await asyncio.start_server(relay.carry, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    try:
        yield relay, f"{host}:{port}"
    finally:
        server.close()
