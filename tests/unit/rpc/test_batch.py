"""묶음 RPC: 답은 항목마다 따로이고, 오류는 칸에 실려 그대로 되돌아온다."""

from __future__ import annotations

import asyncio

from hanpan.v1.common_pb2 import Refusal
from kernel.errors import AlreadyQueued, HanpanError, Internal, InvalidArgument, RateLimited, Unavailable
from rpc.batch import answer_each, error_of, refusal


async def _handle(item: str) -> str:
    match item:
        case "refused":
            raise AlreadyQueued
        case "broken":
            raise ZeroDivisionError
        case "cancelled":
            raise asyncio.CancelledError
    await asyncio.sleep(0)
    return item.upper()


async def test_each_item_gets_its_own_answer_in_order() -> None:
    replies = await answer_each(
        _handle, ["a", "refused", "broken", "cancelled", "b"], failed_event="test.failed"
    )
    assert replies[0] == "A"
    assert replies[4] == "B"
    assert [type(reply) for reply in replies[1:4]] == [AlreadyQueued, Internal, Unavailable]


def _told(error: HanpanError) -> tuple[type[HanpanError], str, int | None]:
    return type(error), error.message, error.retry_after_ms


def test_a_refusal_reads_back_as_the_error_it_was() -> None:
    for error in (AlreadyQueued("말"), RateLimited(retry_after_ms=700), Unavailable(retry_after_ms=0)):
        assert _told(error_of(refusal(error))) == _told(error)


def test_a_refusal_can_still_be_told_in_the_language_of_the_reader() -> None:
    error = error_of(refusal(InvalidArgument("대기열에 설 수 없는 요청입니다: {fields}", fields="mode")))
    assert error.detail_in("ko") == "대기열에 설 수 없는 요청입니다: mode"
    assert error.detail_in("en") == "This request cannot join the queue: mode"


def test_a_refusal_of_an_old_peer_keeps_its_korean_and_is_its_title_in_english() -> None:
    error = error_of(Refusal(code="INVALID_ARGUMENT", message="대기열에 설 수 없는 요청입니다: mode"))
    assert error.detail_in("ko") == "대기열에 설 수 없는 요청입니다: mode"
    assert error.detail_in("en") == "Invalid request"
