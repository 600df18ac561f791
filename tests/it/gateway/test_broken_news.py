"""통지를 전하다 난 우리 잘못: 로그에 남고, 통지 스트림은 다시 열린다."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import structlog

from gateway.protocol.mode_catalog import ModeCatalog
from gateway.queueing.queue_link import QueueLink
from hanpan.v1 import matchmaking_pb2 as pb
from tests.fakes.matchmaking_server import FakeMatchmaking, matchmaking_server


class Listener:
    """첫 통지에서 넘어지는 귀."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def waiting_ticket_ids(self) -> list[str]:
        return []

    def match_found(self, event: pb.MatchFound) -> None:
        self.told.append(event.match_id)

    def queue_timeout(self, event: pb.QueueTimeout) -> None:
        raise RuntimeError(event.ticket_id)


class BrokenOnce(ModeCatalog):
    """첫 배움에서 넘어지는 모드 표."""

    def __init__(self) -> None:
        super().__init__()
        self.lessons = 0

    def learn(self, modes: Iterable[pb.Mode]) -> None:
        self.lessons += 1
        if self.lessons == 1:
            raise RuntimeError("learn")
        super().learn(modes)


async def watched(fake: FakeMatchmaking, count: int) -> None:
    """스트림이 `count`번 열릴 때까지."""
    async with asyncio.timeout(5):
        while len(fake.watches) < count:  # noqa: ASYNC110 - 알려 줄 이가 없다
            await asyncio.sleep(0.01)


async def test_a_listener_that_fails_is_logged_and_the_stream_is_opened_again() -> None:
    listener, modes = Listener(), BrokenOnce()
    async with matchmaking_server() as fake:
        link = QueueLink([fake.address], gateway_id="gateway1", region="local", modes=modes)
        with structlog.testing.capture_logs() as logs:
            link.start(listener)
            await watched(fake, 1)
            fake.notify("gateway1", pb.WatchEvent(queue_timeout=pb.QueueTimeout(ticket_id="t")))
            await watched(fake, 2)
            fake.notify("gateway1", pb.WatchEvent(match_found=pb.MatchFound(match_id="m")))
            async with asyncio.timeout(5):
                while not (listener.told and modes.lessons >= 2):  # noqa: ASYNC110 - 알려 줄 이가 없다
                    await asyncio.sleep(0.01)
        await link.stop()
    assert listener.told == ["m"]
    assert {"watch.failed", "modes.failed"} <= {line["event"] for line in logs}
