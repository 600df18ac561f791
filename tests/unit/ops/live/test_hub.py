"""모으기와 나누기: 보는 이가 있을 때만 돌고, 여럿이 떠도 하나만 재고, layer가 멈춰도 화면은 산다."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer

from kernel.clock import SystemClock
from kernel.errors import Unavailable
from ops.live import hub as hub_module
from ops.live.hub import GROUP, MESSAGE_TYPE, LiveHub, Watcher
from ops.live.reading import Reading
from tests.unit.ops.live.readings import reading

WAIT_S = 5.0


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """간격만 줄인다. 순서와 규칙은 같다."""
    monkeypatch.setattr(hub_module, "INTERVAL_S", 0.01)
    monkeypatch.setattr(hub_module, "HEARD_FOR_S", 0.1)
    monkeypatch.setattr(hub_module, "RETRY_S", 0.01)


class Platform:
    """hub 하나를 가진 platform. 몇 번 쟀는지 센다."""

    def __init__(self, source: str, layer: Any) -> None:
        self.source = source
        self.takes = 0
        self.failure: Exception | None = None
        self.hub = LiveHub(source=source, take=self._take, layer=layer, clock=SystemClock())

    async def _take(self) -> Reading:
        self.takes += 1
        if self.failure is not None:
            raise self.failure
        return reading(self.source, self.takes)


class DeadLayer(InMemoryChannelLayer):
    """아무것도 되지 않는 layer."""

    async def group_add(self, group: str, channel: str) -> None:
        raise ConnectionError

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        raise ConnectionError


@pytest.fixture
async def layer() -> AsyncIterator[InMemoryChannelLayer]:
    yield InMemoryChannelLayer()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not condition():  # noqa: ASYNC110 - 무엇이 바뀔지는 조건만 안다
            await asyncio.sleep(0.005)


async def see(watcher: Watcher) -> Reading:
    async with asyncio.timeout(WAIT_S):
        seen = await watcher.next()
    assert seen is not None
    return seen


async def test_nothing_is_measured_while_nobody_watches(layer: InMemoryChannelLayer) -> None:
    platform = Platform("a", layer)
    assert not platform.hub.is_running
    watcher = platform.hub.watch()
    await see(watcher)
    platform.hub.leave(watcher)
    assert not platform.hub.is_running
    await until(lambda: asyncio.all_tasks() == {asyncio.current_task()})
    assert layer.groups.get(GROUP, {}) == {}


async def test_a_second_watcher_sees_the_newest_at_once_and_adds_no_measuring(
    layer: InMemoryChannelLayer,
) -> None:
    platform = Platform("a", layer)
    first = platform.hub.watch()
    newest = await see(first)
    second = platform.hub.watch()
    assert (await see(second)).at_ms >= newest.at_ms
    platform.hub.close()


async def test_a_slow_watcher_skips_to_the_newest(layer: InMemoryChannelLayer) -> None:
    platform = Platform("a", layer)
    watcher = platform.hub.watch()
    await until(lambda: platform.takes >= 5)
    assert (await see(watcher)).at_ms >= 4
    platform.hub.close()


async def test_of_two_platforms_only_the_first_by_name_measures(layer: InMemoryChannelLayer) -> None:
    first, second = Platform("a", layer), Platform("b", layer)
    watchers = [first.hub.watch(), second.hub.watch()]
    await until(lambda: first.takes >= 5)
    taken = second.takes
    await until(lambda: first.takes >= 15)
    assert second.takes <= taken + 1
    assert (await see(watchers[1])).source == "a"
    first.hub.close()
    second.hub.close()


async def test_the_second_platform_measures_again_when_the_first_is_gone(layer: InMemoryChannelLayer) -> None:
    first, second = Platform("a", layer), Platform("b", layer)
    first.hub.watch()
    watcher = second.hub.watch()
    await until(lambda: first.takes >= 5)
    first.hub.close()
    async with asyncio.timeout(WAIT_S):
        while (await see(watcher)).source != "b":
            pass
    second.hub.close()


async def test_the_page_stays_alive_while_the_layer_is_dead() -> None:
    platform = Platform("a", DeadLayer())
    watcher = platform.hub.watch()
    first = await see(watcher)
    assert (await see(watcher)).at_ms > first.at_ms
    platform.hub.close()


async def test_a_message_of_another_version_is_not_believed(layer: InMemoryChannelLayer) -> None:
    platform = Platform("b", layer)
    watcher = platform.hub.watch()
    await see(watcher)
    await until(lambda: bool(layer.groups.get(GROUP)))
    await layer.group_send(GROUP, {"type": MESSAGE_TYPE, "source": "a", "body": '{"other":1}'})
    taken = platform.takes
    await until(lambda: platform.takes > taken + 3)
    platform.hub.close()


async def test_when_measuring_breaks_everyone_is_sent_away_and_a_new_watcher_starts_it_again(
    layer: InMemoryChannelLayer,
) -> None:
    platform = Platform("a", layer)
    platform.failure = RuntimeError("우리 잘못")
    watcher = platform.hub.watch()
    async with asyncio.timeout(WAIT_S):
        assert await watcher.next() is None
    assert not platform.hub.is_running
    platform.failure = None
    again = platform.hub.watch()
    assert (await see(again)).source == "a"
    platform.hub.close()


async def test_there_is_a_limit_to_the_watchers(
    layer: InMemoryChannelLayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "MAX_WATCHERS", 2)
    platform = Platform("a", layer)
    platform.hub.watch()
    platform.hub.watch()
    with pytest.raises(Unavailable):
        platform.hub.watch()
    platform.hub.close()
