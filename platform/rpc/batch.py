"""묶음으로 부르는 RPC: 항목마다 따로 하고, 거절도 항목마다 따로 답한다."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

from hanpan.v1.common_pb2 import Refusal
from kernel.errors import HanpanError, Internal, Unavailable, error_from_code
from rpc.errors import text_params
from telemetry.logs import get_logger

log = get_logger(__name__)
T = TypeVar("T")
R = TypeVar("R")


async def answer_each(
    handle: Callable[[T], Coroutine[Any, Any, R]], items: Iterable[T], *, failed_event: str
) -> list[R | HanpanError]:
    """항목마다 나란히 하고 답을 같은 순서로 준다. 던져진 오류는 그 자리의 답이 된다.

    우리 잘못은 `failed_event`로 적고 INTERNAL로 답한다. 취소는 내려가는 중이라는 뜻이고 한 일의 끝을 모르므로
    UNAVAILABLE이다: 같은 열쇠로 다시 물으면 된다.
    """
    replies = await asyncio.gather(*map(handle, items), return_exceptions=True)
    broken = [reply for reply in replies if _is_our_fault(reply)]
    if broken:
        log.error(failed_event, count=len(broken), exc_info=broken[0])
    return [_told(reply) if isinstance(reply, BaseException) else reply for reply in replies]


def refusal(error: HanpanError) -> Refusal:
    """오류를 묶음의 칸에 싣는다."""
    return Refusal(
        code=error.code,
        message=error.message,
        retry_after_ms=error.retry_after_ms,
        source=error.source,
        params=text_params(error),
    )


def error_of(refused: Refusal) -> HanpanError:
    """`refusal`의 거꾸로."""
    retry_after_ms = refused.retry_after_ms if refused.HasField("retry_after_ms") else None
    return error_from_code(
        refused.code,
        refused.source or refused.message,  # 옛 상대는 원문을 싣지 않는다
        retry_after_ms=retry_after_ms,
        params=dict(refused.params),
    )


def _is_our_fault(reply: object) -> bool:
    return isinstance(reply, Exception) and not isinstance(reply, HanpanError)


def _told(failure: BaseException) -> HanpanError:
    if isinstance(failure, HanpanError):
        return failure
    return Unavailable() if isinstance(failure, asyncio.CancelledError) else Internal()
