"""gRPC와 Redis를 부르는 것을 막는 약속은 주인이 아닌 모든 방을 적는다: 새 방이 빠지지 않는다."""

from __future__ import annotations

from configparser import ConfigParser

import pytest

from tests.architecture.rooms import ROOT

STUBS = "hanpan"  # protoc가 만든 스텁


@pytest.mark.parametrize(("driver", "owner"), [("grpc", "rpc"), ("redis", "redisstore")])
def test_every_room_but_the_owner_is_kept_from_the_driver(driver: str, owner: str) -> None:
    contracts = ConfigParser()
    contracts.read(ROOT / ".importlinter", encoding="utf-8")
    rooms = set(contracts["importlinter"]["root_packages"].split())
    contract = contracts[f"importlinter:contract:{driver}-has-an-owner"]
    assert set(contract["source_modules"].split()) == rooms - {owner, STUBS}
    assert contract["forbidden_modules"].split() == [driver]
    assert "ignore_imports" not in contract
