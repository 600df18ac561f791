"""비우기: 운영자의 뜻과 SIGTERM, 유예, 그리고 등록부에 말하는 상태."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import pytest

from gameservices.session.drain import Drain
from gameservices.session.fleet_heartbeat import FleetHeartbeat
from gameservices.session.room_host import RoomHost
from kernel.errors import SessionDraining, Unavailable
from redisstore.registry import ServerReport, ServerState
from tests.fakes.session_rooms import IDENTITY, HeardEvents, ManualClock, plan


def test_a_server_is_open_until_someone_intends_to_drain_it() -> None:
    drain = Drain(grace_ms=120_000)
    drain.check_open()
    assert drain.state(3) is ServerState.READY
    assert drain.heed_operator(intends=True, now_s=0)
    assert not drain.heed_operator(intends=True, now_s=1)
    with pytest.raises(SessionDraining):
        drain.check_open()
    assert drain.state(3) is ServerState.DRAINING
    assert drain.state(0) is ServerState.DRAINED


def test_a_withdrawn_intent_opens_the_server_and_the_grace_starts_anew() -> None:
    drain = Drain(grace_ms=1_000)
    drain.heed_operator(intends=True, now_s=0)
    drain.heed_operator(intends=False, now_s=0.5)
    drain.check_open()
    assert not drain.grace_is_over(5)
    drain.heed_operator(intends=True, now_s=10)
    assert not drain.grace_is_over(10.9)
    assert drain.grace_is_over(11)


def test_a_stopping_server_stays_closed_whatever_the_operator_intends() -> None:
    drain = Drain(grace_ms=1_000)
    drain.stop(0)
    drain.heed_operator(intends=False, now_s=0.5)
    with pytest.raises(SessionDraining):
        drain.check_open()
    assert drain.grace_is_over(1)


@dataclass
class FakeRegistry:
    """소식을 적는 등록부."""

    intends: bool = False
    is_down: bool = False
    reports: list[ServerReport] = field(default_factory=list)

    async def heartbeat(self, report: ServerReport) -> bool:
        if self.is_down:
            raise Unavailable
        self.reports.append(report)
        return self.intends


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def host(clock: ManualClock) -> RoomHost:
    return RoomHost(identity=IDENTITY, clock=clock, events=HeardEvents())


def heartbeat_of(
    host: RoomHost, registry: FakeRegistry, drain: Drain, clock: ManualClock, opening: Collection[str] = ()
) -> FleetHeartbeat:
    return FleetHeartbeat(
        registry=registry, host=host, opening=opening, drain=drain, clock=clock, identity=IDENTITY
    )


async def test_a_beat_says_where_the_server_is_and_how_busy(host: RoomHost, clock: ManualClock) -> None:
    registry = FakeRegistry()
    host.open_room(plan())
    await heartbeat_of(host, registry, Drain(grace_ms=1_000), clock).beat()
    assert registry.reports == [
        ServerReport(
            server_id="session1",
            address="127.0.0.1:7000",
            state="ready",
            capacity=3,
            running=1,
            version="1.0.0",
        )
    ]


async def test_a_match_that_is_being_opened_is_told_and_keeps_the_server_from_being_drained(
    host: RoomHost, clock: ManualClock
) -> None:
    registry, opening = FakeRegistry(intends=True), {"m1"}
    heartbeat = heartbeat_of(host, registry, Drain(grace_ms=1_000), clock, opening)
    await heartbeat.beat()
    await heartbeat.beat()
    opening.clear()
    await heartbeat.beat()
    assert [(report.state, tuple(report.opening)) for report in registry.reports] == [
        ("ready", ("m1",)),
        ("draining", ("m1",)),
        ("drained", ()),
    ]


async def test_an_operators_drain_closes_the_door_and_ends_what_outlives_the_grace(
    host: RoomHost, clock: ManualClock
) -> None:
    registry, drain = FakeRegistry(intends=True), Drain(grace_ms=2_000)
    heartbeat = heartbeat_of(host, registry, drain, clock)
    room = host.open_room(plan())
    await heartbeat.beat()
    assert drain.is_draining
    clock.at_s += 1.9
    await heartbeat.beat()
    assert host.running_matches == 1
    clock.at_s += 0.1
    await heartbeat.beat()
    assert host.running_matches == 0
    assert room.abort_code == "SESSION_DRAINING"
    assert [report.state for report in registry.reports] == ["ready", "draining", "draining"]


async def test_a_drain_that_began_keeps_its_grace_while_the_registry_is_down(
    host: RoomHost, clock: ManualClock
) -> None:
    registry, drain = FakeRegistry(intends=True), Drain(grace_ms=1_000)
    heartbeat = heartbeat_of(host, registry, drain, clock)
    host.open_room(plan())
    await heartbeat.beat()
    registry.is_down = True
    clock.at_s += 1
    with pytest.raises(Unavailable):
        await heartbeat.beat()
    assert host.running_matches == 0
