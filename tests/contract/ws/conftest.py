"""바깥 계약의 시험이 쓰는 무대. 어느 시험도 스택 추적을 남기지 않는다."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import structlog

from tests.fakes.gateway_stage import Stage, gateway_stage, log_to_stdlib, stack_traces, trace_for_tests


@pytest.fixture(autouse=True)
def _no_stack_traces(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """클라이언트가 무엇을 보내든 우리 로그에는 스택이 없다."""
    trace_for_tests()
    before = structlog.get_config()
    log_to_stdlib()
    yield
    structlog.configure(**before)
    assert not stack_traces([*caplog.get_records("setup"), *caplog.get_records("call")])


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """기본 설정의 무대."""
    async with gateway_stage() as ready:
        yield ready
