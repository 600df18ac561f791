"""리전과 이웃: 환경에서 한 번에 읽는다."""

from __future__ import annotations

import pytest

from environment.topology import Region, own_grpc_address, own_region


def test_the_region_is_named_with_those_it_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANPAN_REGION", "seoul")
    monkeypatch.setenv("HANPAN_MATCHMAKING_ADDRESSES", "mm1:7000, mm2:7000")
    assert own_region() == Region(name="seoul", matchmaking_addresses=("mm1:7000", "mm2:7000"))


def test_the_own_address_is_the_one_that_is_advertised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANPAN_BIND_HOST", "0.0.0.0")  # noqa: S104 - 알리지 않는 주소다
    monkeypatch.setenv("HANPAN_ADVERTISE_HOST", "session1")
    monkeypatch.setenv("HANPAN_GRPC_PORT", "7001")
    assert own_grpc_address() == "session1:7001"
