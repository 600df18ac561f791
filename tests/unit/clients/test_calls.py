"""요청의 표: 답은 제 번호의 요청에만 가고, 끊기면 아무도 남지 않는다."""

from __future__ import annotations

import asyncio

import pytest

from hanpan_client.calls import CallTable, TooManyCallsError
from hanpan_client.errors import ConnectionLostError


async def test_replies_find_their_own_call_in_any_order() -> None:
    table: CallTable[str] = CallTable()
    first_id, first = table.open()
    second_id, second = table.open()
    assert table.resolve(second_id, "둘째")
    assert table.resolve(first_id, "첫째")
    assert (await first, await second) == ("첫째", "둘째")
    assert len(table) == 0


async def test_a_second_or_unknown_reply_is_dropped() -> None:
    table: CallTable[str] = CallTable()
    call_id, reply = table.open()
    assert table.resolve(call_id, "답")
    assert not table.resolve(call_id, "또")
    assert not table.reject("999", ConnectionLostError())
    assert await reply == "답"


async def test_a_reply_after_the_deadline_is_dropped() -> None:
    table: CallTable[str] = CallTable()
    call_id, reply = table.open()
    table.forget(call_id)
    assert not table.resolve(call_id, "늦은 답")
    assert not reply.done()


async def test_a_lost_socket_ends_every_call() -> None:
    table: CallTable[str] = CallTable()
    replies = [table.open()[1] for _ in range(3)]
    table.reject_all(ConnectionLostError(4900))
    outcomes = await asyncio.gather(*replies, return_exceptions=True)
    assert [outcome.close_code for outcome in outcomes if isinstance(outcome, ConnectionLostError)] == [
        4900
    ] * 3
    assert len(table) == 0


async def test_calls_in_flight_are_bounded() -> None:
    table: CallTable[str] = CallTable(limit=2)
    table.open()
    table.open()
    with pytest.raises(TooManyCallsError):
        table.open()
