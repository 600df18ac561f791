"""클라이언트의 통합 시험이 함께 쓰는 것: 시키는 대로 답하는 HTTP 서버와, 거기 붙은 클라이언트."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hanpan_client import HanpanHttp
from tests.fakes.http_server import FakeHttp, fake_http


@pytest.fixture
async def server() -> AsyncIterator[FakeHttp]:
    async with fake_http() as running:
        yield running


@pytest.fixture
async def http(server: FakeHttp) -> AsyncIterator[HanpanHttp]:
    async with HanpanHttp(server.base_url, deadline_s=2) as client:
        yield client
