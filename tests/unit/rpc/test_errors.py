"""오류 나무와 gRPC 상태 사이: 갔다 와도 같은 오류다."""

from __future__ import annotations

import grpc
import grpc.aio
import pytest
from google.rpc import code_pb2, error_details_pb2, status_pb2

from kernel.errors import ERRORS_BY_CODE, HanpanError, Internal, NotQueued, RateLimited, Unavailable
from rpc.errors import DETAILS_KEY, error_from_rpc, is_answered, status_metadata


def failure(code: grpc.StatusCode, *trailing: tuple[str, bytes]) -> grpc.aio.AioRpcError:
    """받은 gRPC 실패."""
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata(*trailing), "말")


def crossed(error: HanpanError) -> HanpanError:
    """선을 한 번 건넌 오류."""
    status = getattr(grpc.StatusCode, error.grpc_code)
    return error_from_rpc(failure(status, *status_metadata(error)))


@pytest.mark.parametrize("kind", ERRORS_BY_CODE.values(), ids=lambda kind: kind.code)
def test_every_error_of_the_tree_crosses_unchanged(kind: type[HanpanError]) -> None:
    error = kind("까닭")
    back = crossed(error)
    assert type(back) is kind
    assert (back.message, back.retry_after_ms) == ("까닭", error.retry_after_ms)


def test_the_wait_crosses_too() -> None:
    assert crossed(RateLimited(retry_after_ms=250)).retry_after_ms == 250


@pytest.mark.parametrize(
    "code",
    [
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
    ],
)
def test_no_answer_is_unavailable(code: grpc.StatusCode) -> None:
    assert isinstance(error_from_rpc(failure(code)), Unavailable)


def test_an_answer_nobody_wrote_is_our_fault() -> None:
    assert isinstance(error_from_rpc(failure(grpc.StatusCode.UNKNOWN)), Internal)


def test_only_an_answer_of_the_tree_counts_as_answered() -> None:
    answered = failure(grpc.StatusCode.FAILED_PRECONDITION, *status_metadata(NotQueued()))
    assert is_answered(answered)
    assert not is_answered(failure(grpc.StatusCode.UNAVAILABLE))


def test_details_of_another_domain_are_not_ours() -> None:
    info = error_details_pb2.ErrorInfo(reason="NOT_QUEUED", domain="elsewhere")
    status = status_pb2.Status(code=code_pb2.UNAVAILABLE)
    status.details.add().Pack(info)
    foreign = failure(grpc.StatusCode.UNAVAILABLE, (DETAILS_KEY, status.SerializeToString()))
    assert isinstance(error_from_rpc(foreign), Unavailable)
