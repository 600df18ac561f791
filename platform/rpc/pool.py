"""여럿 가운데 처음 답하는 하나: 누구에게 먼저 묻는가, 무엇이 답인가, 아무도 답하지 않으면 무엇인가.

차례를 고르고 답을 가리는 것은 순수하다. 그래서 asyncio로 부르는 쪽과 스레드로 부르는 쪽이 같은 규칙을 쓴다.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import grpc
import grpc.aio

from kernel.errors import HanpanError, Unavailable
from rpc.channels import CONTROL_DEADLINE_S
from rpc.errors import error_from_rpc, is_answered
from rpc.peer import AsyncCall, Peer, Reply

P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class Failure:
    """답을 듣지 못한 물음 하나. `status`는 gRPC 상태의 이름이다."""

    address: str
    status: str
    error: HanpanError


IsAnswer = Callable[[HanpanError, bool], bool]
"""이 오류가 상대의 답인가. 둘째 인자는 상대가 오류 나무로 답했는가다. 답이면 다음에 묻지 않는다."""


def told_in_the_tree(_error: HanpanError, is_told: bool) -> bool:
    """상대가 오류 나무로 답했으면 어떤 답이든 그대로 믿는다."""
    return is_told


def nothing_is_an_answer(_error: HanpanError, _is_told: bool) -> bool:
    """오류는 무엇이든 답이 아니다: 다음에 묻는다."""
    return False


def last_failure(failures: Sequence[Failure]) -> HanpanError:
    """마지막으로 물은 곳의 까닭. 물을 곳이 없었으면 Unavailable이다."""
    return failures[-1].error if failures else Unavailable("내부 서비스에 닿지 않습니다")


@dataclass(frozen=True, slots=True, kw_only=True)
class AskRule:
    """한 물음의 규칙. `on_failure`는 듣지 못할 때마다 불린다(로그)."""

    is_answer: IsAnswer = told_in_the_tree
    nobody: Callable[[Sequence[Failure]], HanpanError] = last_failure
    on_failure: Callable[[Failure], None] = field(default=lambda _failure: None)


TOLD_IN_THE_TREE = AskRule()


def rotated(peers: Sequence[P], turn: int, *, limit: int) -> Sequence[P]:
    """`turn`번째 차례의 상대부터 돌아가며, 많아야 `limit`곳."""
    if not peers:
        return ()
    start = turn % len(peers)
    return (*peers[start:], *peers[:start])[:limit]


async def first_answer(
    peers: Iterable[Peer], call: AsyncCall[Reply], rule: AskRule = TOLD_IN_THE_TREE
) -> Reply:
    """앞에서부터 묻고, 답을 듣지 못하면 다음에 묻는다. 멱등한 물음에만 쓴다.

    상대는 차례가 왔을 때 꺼낸다: 앞의 답을 기다리는 사이 닫힐 수 있는 상대는 생성기로 준다.

    Raises:
        HanpanError: 상대의 답, 또는 아무도 답하지 않았을 때의 것(`rule.nobody`).
    """
    failures: list[Failure] = []
    for peer in peers:
        try:
            return await call(peer.stub, peer.deadline_s)
        except grpc.aio.AioRpcError as error:
            failures.append(_unheard(peer.address, error, rule))
    raise _silence(failures, rule)


def first_answer_sync(
    addresses: Sequence[str],
    stub_of: Callable[[str], Any],
    call: Callable[[Any, float], Reply],
    rule: AskRule = TOLD_IN_THE_TREE,
    *,
    deadline_s: float = CONTROL_DEADLINE_S,
) -> Reply:
    """`first_answer`의 스레드판. 스텁은 주소에서 얻는다.

    Raises:
        HanpanError: `first_answer`와 같다.
    """
    failures: list[Failure] = []
    for address in addresses:
        try:
            return call(stub_of(address), deadline_s)
        except grpc.RpcError as error:
            failures.append(_unheard(address, error, rule))
    raise _silence(failures, rule)


def _silence(failures: list[Failure], rule: AskRule) -> HanpanError:
    """아무도 답하지 않았을 때의 오류. 던져질 오류의 자취가 그 오류가 든 목록을 쥐지 않게 비운다."""
    try:
        return rule.nobody(failures)
    finally:
        failures.clear()


def _unheard(address: str, failed: Any, rule: AskRule) -> Failure:
    """듣지 못한 물음으로 적는다. 상대의 답이면 그 오류를 던진다."""
    error = error_from_rpc(failed)
    if rule.is_answer(error, is_answered(failed)):
        try:
            raise error from None
        finally:
            del error  # 던져진 오류의 자취가 오류를 다시 쥐지 않게
    failure = Failure(address, failed.code().name, error)
    rule.on_failure(failure)
    return failure
