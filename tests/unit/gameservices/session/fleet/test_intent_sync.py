"""적힌 뜻과 그 그림자: 다르면 적힌 뜻을 따르고, 같거나 손댄 적이 없으면 건드리지 않는다."""

from __future__ import annotations

import pytest

from fleet.intents import StoredIntent
from gameservices.session.fleet.intent_sync import IntentSync
from kernel.errors import Unavailable
from tests.fakes.session_records import MemoryRegistry


def sync_of(shadow: MemoryRegistry, *reads: StoredIntent | None) -> IntentSync:
    """`reads`를 차례로 읽는다. 마지막 것은 되풀이된다."""
    left = list(reads)

    async def read() -> StoredIntent | None:
        return left.pop(0) if len(left) > 1 else left[0]

    return IntentSync(server_id="session1", registry=shadow, read=read)


@pytest.mark.parametrize(
    ("stored", "draining"),
    [(None, False), (None, True), (StoredIntent(True, None), True), (StoredIntent(False, None), False)],
)
async def test_what_agrees_or_was_never_ordered_is_left_alone(
    stored: StoredIntent | None, draining: bool
) -> None:
    shadow = MemoryRegistry(intends=draining)
    await sync_of(shadow, stored).work()
    assert shadow.written == []


@pytest.mark.parametrize("stored", [StoredIntent(True, 5_000), StoredIntent(False, None)])
async def test_the_stored_intent_wins(stored: StoredIntent) -> None:
    shadow = MemoryRegistry(intends=not stored.intended)
    await sync_of(shadow, stored).work()
    assert shadow.written == [(stored.intended, stored.grace_ms)]


async def test_an_order_given_between_the_two_reads_is_followed() -> None:
    shadow = MemoryRegistry(intends=False)
    await sync_of(shadow, StoredIntent(True, None), StoredIntent(False, None)).work()
    assert shadow.written == [(False, None)]


async def test_without_redis_it_says_so_and_waits_for_the_next_time() -> None:
    with pytest.raises(Unavailable):
        await sync_of(MemoryRegistry(is_down=True), StoredIntent(True, None)).work()
