"""보는 이가 있는 동안만 도는 모으기와 나누기. 프로세스에 하나 있고, 이벤트 루프 하나에서만 쓴다.

잰 것은 이 프로세스의 보는 이들에게 곧바로 가고(Redis가 멈춰도 화면은 산다), 다른 platform에는 channel layer로
간다. 여럿이 함께 떠 있으면 이름이 가장 앞선 platform만 잰다: 앞선 이의 값이 들리는 동안 나머지는 쉬고,
들리지 않으면 스스로 잰다. layer는 넘치면 조용히 버리므로 사라져도 되는 것만 싣는다.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import msgspec

from concurrency.cancellation import end_tasks
from kernel.clock import Clock
from kernel.errors import Unavailable
from ops.live.reading import Reading
from redisstore.client import REDIS_FAILURES
from telemetry.logs import get_logger

log = get_logger(__name__)

GROUP = "ops.live"
MESSAGE_TYPE = "live.reading"
INTERVAL_S = 1.0
HEARD_FOR_S = 2.5  # 앞선 platform의 값이 이만큼 끊기면 스스로 잰다
LAYER_TIMEOUT_S = 0.5
REJOIN_S = 600.0  # 비워진 Redis에도 다시 들어가 있도록 가끔 새로 든다
RETRY_S = 1.0
MAX_WATCHERS = 200
_decoder = msgspec.json.Decoder(Reading)


class Layer(Protocol):
    """Channels의 channel layer 가운데 여기서 쓰는 것."""

    async def new_channel(self) -> str: ...
    async def group_add(self, group: str, channel: str) -> None: ...
    async def group_discard(self, group: str, channel: str) -> None: ...
    async def group_send(self, group: str, message: dict[str, Any]) -> None: ...
    async def receive(self, channel: str) -> dict[str, Any]: ...


class Watcher:
    """보는 이 하나. 밀리면 옛것을 버리고 가장 새것만 남는다. 모으기가 죽으면 끝난다."""

    def __init__(self) -> None:
        self._latest: Reading | None = None
        self._changed = asyncio.Event()
        self._is_over = False

    def put(self, reading: Reading) -> None:
        self._latest = reading
        self._changed.set()

    def end(self) -> None:
        self._is_over = True
        self._changed.set()

    async def next(self) -> Reading | None:
        """다음 것. 더 오지 않으면 None이다."""
        await self._changed.wait()
        self._changed.clear()
        return None if self._is_over else self._latest


class LiveHub:
    """`source`는 platform마다 달라야 하는 이름이다."""

    def __init__(
        self, *, source: str, take: Callable[[], Awaitable[Reading]], layer: Layer, clock: Clock
    ) -> None:
        self._source = source
        self._take = take
        self._layer = layer
        self._clock = clock
        self._watchers: set[Watcher] = set()
        self._tasks: tuple[asyncio.Task[None], ...] = ()
        self._ending: set[asyncio.Task[None]] = set()
        self._latest: Reading | None = None
        self._leader_heard_s = float("-inf")
        self._layer_works = True

    @property
    def is_running(self) -> bool:
        """지금 모으고 있는가."""
        return bool(self._tasks)

    def watch(self) -> Watcher:
        """보기 시작한다. 첫 사람이 오면 모으기 시작하고, 뒤에 온 사람은 가장 새것부터 본다.

        Raises:
            Unavailable: 보는 이가 너무 많다.
        """
        if len(self._watchers) >= MAX_WATCHERS:
            raise Unavailable("보는 사람이 너무 많습니다")
        watcher = Watcher()
        self._watchers.add(watcher)
        if not self._tasks:
            self._start()
        elif self._latest is not None:
            watcher.put(self._latest)
        return watcher

    def leave(self, watcher: Watcher) -> None:
        """그만 본다. 마지막 사람이 가면 모으기를 멈춘다."""
        self._watchers.discard(watcher)
        if not self._watchers:
            self._stop()

    def close(self) -> None:
        """프로세스가 닫힌다: 모두 보낸다."""
        for watcher in tuple(self._watchers):
            watcher.end()
            self.leave(watcher)

    def _start(self) -> None:
        self._tasks = (
            asyncio.create_task(self._measure(), name="ops-live-measure"),
            asyncio.create_task(self._listen(), name="ops-live-listen"),
        )
        for task in self._tasks:
            task.add_done_callback(self._failed)

    def _stop(self) -> None:
        tasks, self._tasks, self._latest = self._tasks, (), None
        for task in tasks:
            ending = asyncio.create_task(end_tasks([task]), name="ops-live-end")
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)

    def _failed(self, task: asyncio.Task[None]) -> None:
        """우리 잘못으로 멈췄으면 적고 모두 보낸다. 화면이 다시 이으면 새로 시작한다."""
        if task.cancelled() or task.exception() is None:
            return
        log.error("ops.live_failed", exc_info=task.exception())
        if task in self._tasks:
            self.close()

    async def _measure(self) -> None:
        while True:
            began_s = self._clock.monotonic_s()
            if began_s - self._leader_heard_s > HEARD_FOR_S:
                reading = await self._take()
                self._deliver(reading)
                await self._tell_others(reading)
            took_s = self._clock.monotonic_s() - began_s
            await asyncio.sleep(max(0.0, INTERVAL_S - took_s))

    def _deliver(self, reading: Reading) -> None:
        self._latest = reading
        for watcher in self._watchers:
            watcher.put(reading)

    async def _tell_others(self, reading: Reading) -> None:
        message = {
            "type": MESSAGE_TYPE, "source": self._source, "body": msgspec.json.encode(reading).decode(),
        }  # fmt: skip
        try:
            async with asyncio.timeout(LAYER_TIMEOUT_S):
                await self._layer.group_send(GROUP, message)
        except REDIS_FAILURES:
            self._note_layer(works=False)
        else:
            self._note_layer(works=True)

    def _note_layer(self, *, works: bool) -> None:
        """바뀔 때만 적는다."""
        if works != self._layer_works:
            self._layer_works = works
            log.warning("ops.live_layer", works=works)

    async def _listen(self) -> None:
        while True:
            try:
                await self._hear_for(REJOIN_S)
            except REDIS_FAILURES:
                await asyncio.sleep(RETRY_S)

    async def _hear_for(self, seconds: float) -> None:
        async with asyncio.timeout(LAYER_TIMEOUT_S):
            channel = await self._layer.new_channel()
            await self._layer.group_add(GROUP, channel)
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    while True:
                        self._hear(await self._layer.receive(channel))
        finally:
            with contextlib.suppress(*REDIS_FAILURES):
                async with asyncio.timeout(LAYER_TIMEOUT_S):
                    await self._layer.group_discard(GROUP, channel)

    def _hear(self, message: dict[str, Any]) -> None:
        if message["source"] >= self._source:
            return
        try:
            reading = _decoder.decode(message["body"])
        except msgspec.DecodeError:
            return  # 버전가 다른 platform이다. 듣지 못한 것으로 치고 스스로 잰다
        self._leader_heard_s = self._clock.monotonic_s()
        self._deliver(reading)
