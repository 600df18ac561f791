"""드레인: 운영자의 뜻과 SIGTERM, 유예, 그리고 등록부에 말하는 상태."""

from __future__ import annotations

from collections.abc import Callable, Collection

import pytest

from gameservices.session.fleet.drain import Drain, DrainRequest
from gameservices.session.fleet.heartbeat import FleetHeartbeat
from gameservices.session.rooms import link_events
from gameservices.session.rooms.room_host import RoomHost
from kernel.errors import SessionDraining, Unavailable
from redisstore.servers.registry import ServerReport, ServerState
from tests.fakes.manual_clock import ManualClock
from tests.fakes.session_records import MemoryRegistry
from tests.fakes.session_rooms import IDENTITY, PACE, HeardEvents, plan

DRAIN, SERVE = DrainRequest(intends=True), DrainRequest(intends=False)


def test_a_server_is_starting_until_it_has_heard_the_operator_and_open_until_one_intends_to_drain_it() -> (
    None
):
    drain = Drain(grace_ms=120_000)
    drain.check_open()
    assert drain.state(0) is ServerState.STARTING
    assert not drain.heed_operator(SERVE, now_s=0)
    assert drain.state(3) is ServerState.READY
    assert drain.heed_operator(DRAIN, now_s=0)
    assert not drain.heed_operator(DRAIN, now_s=1)
    with pytest.raises(SessionDraining):
        drain.check_open()
    assert drain.state(3) is ServerState.DRAINING
    assert drain.state(0) is ServerState.DRAINED


def test_a_withdrawn_intent_opens_the_server_and_the_grace_starts_anew() -> None:
    drain = Drain(grace_ms=1_000)
    drain.heed_operator(DRAIN, now_s=0)
    drain.heed_operator(SERVE, now_s=0.5)
    drain.check_open()
    assert not drain.grace_is_over(5)
    assert drain.left_ms(5) is None
    drain.heed_operator(DRAIN, now_s=10)
    assert drain.left_ms(10.9) == 100
    assert not drain.grace_is_over(10.999)
    assert drain.grace_is_over(11)


def test_the_grace_of_an_order_is_heeded_also_when_it_changes_while_draining() -> None:
    drain = Drain(grace_ms=1_000)
    drain.heed_operator(DrainRequest(intends=True, grace_ms=5_000), now_s=0)
    assert not drain.grace_is_over(4.999)
    assert drain.grace_is_over(5)
    drain.heed_operator(DrainRequest(intends=True, grace_ms=0), now_s=1)
    assert drain.grace_is_over(1)


def test_the_default_grace_holds_for_sigterm_once_the_order_is_withdrawn() -> None:
    drain = Drain(grace_ms=1_000)
    drain.heed_operator(DrainRequest(intends=True, grace_ms=5_000), now_s=0)
    drain.stop(0.5)
    assert not drain.grace_is_over(4.9)
    drain.heed_operator(SERVE, now_s=0.6)
    assert drain.grace_is_over(1)


def test_a_stopping_server_stays_closed_whatever_the_operator_intends() -> None:
    drain = Drain(grace_ms=1_000)
    drain.stop(0)
    drain.heed_operator(SERVE, now_s=0.5)
    with pytest.raises(SessionDraining):
        drain.check_open()
    assert drain.grace_is_over(1)


def test_a_drained_server_is_over_only_if_it_ever_served_and_holds_nothing() -> None:
    served, reborn = Drain(grace_ms=1_000), Drain(grace_ms=1_000)
    served.heed_operator(SERVE, now_s=0)
    for drain in (served, reborn):
        drain.heed_operator(DRAIN, now_s=1)
    assert not served.is_over(held=1, running=1, now_s=1)
    assert served.is_over(held=0, running=0, now_s=1)
    assert not reborn.is_over(held=0, running=0, now_s=1)
    reborn.heed_operator(SERVE, now_s=2)
    assert not reborn.is_over(held=0, running=0, now_s=2)
    reborn.heed_operator(DRAIN, now_s=3)
    assert reborn.is_over(held=0, running=0, now_s=3)


def test_results_that_cannot_be_written_are_awaited_no_longer_than_the_grace() -> None:
    drain = Drain(grace_ms=1_000)
    drain.heed_operator(SERVE, now_s=0)
    drain.heed_operator(DRAIN, now_s=1)
    assert not drain.is_over(held=1, running=0, now_s=1.9)
    assert not drain.is_over(held=2, running=1, now_s=2)
    assert drain.is_over(held=1, running=0, now_s=2)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def host(clock: ManualClock) -> RoomHost:
    return RoomHost(identity=IDENTITY, pace=PACE, clock=clock, events=HeardEvents())


def heartbeat_of(
    host: RoomHost,
    registry: MemoryRegistry,
    drain: Drain,
    clock: ManualClock,
    opening: Collection[str] = (),
    on_drained: Callable[[], None] = lambda: None,
) -> FleetHeartbeat:
    return FleetHeartbeat(
        registry=registry, host=host, opening=opening, drain=drain, clock=clock, identity=IDENTITY,
        on_drained=on_drained,
    )  # fmt: skip


async def test_a_beat_says_where_the_server_is_and_how_busy(host: RoomHost, clock: ManualClock) -> None:
    registry = MemoryRegistry()
    host.open_room(plan())
    await heartbeat_of(host, registry, Drain(grace_ms=1_000), clock).beat()
    assert registry.reports == [
        ServerReport(
            server_id="session1",
            address="127.0.0.1:7000",
            state=state,
            capacity=3,
            running=1,
            version="1.0.0",
            longest_left_ms=4_000,
        )
        for state in ("starting", "ready")
    ]


async def test_a_match_that_is_being_opened_is_told_and_keeps_the_server_from_being_drained(
    host: RoomHost, clock: ManualClock
) -> None:
    registry, opening = MemoryRegistry(intends=True), {"m1"}
    heartbeat = heartbeat_of(host, registry, Drain(grace_ms=1_000), clock, opening)
    await heartbeat.beat()
    await heartbeat.beat()
    opening.clear()
    await heartbeat.beat()
    assert [(report.state, tuple(report.opening)) for report in registry.reports] == [
        ("starting", ("m1",)),
        ("draining", ("m1",)),
        ("draining", ("m1",)),
        ("drained", ()),
    ]


async def test_an_operators_drain_closes_the_door_and_ends_what_outlives_the_grace(
    host: RoomHost, clock: ManualClock
) -> None:
    registry, drain = MemoryRegistry(intends=True), Drain(grace_ms=2_000)
    heartbeat = heartbeat_of(host, registry, drain, clock)
    room = host.open_room(plan())
    await heartbeat.beat()
    assert drain.is_draining
    clock.now_s += 1.9
    await heartbeat.beat()
    assert host.running_matches == 1
    clock.now_s += 0.1
    await heartbeat.beat()
    assert host.running_matches == 0
    assert room.abort_code == "SESSION_DRAINING"
    assert [(report.state, report.drain_left_ms) for report in registry.reports] == [
        ("starting", -1), ("draining", 2_000), ("draining", 100), ("draining", 0),
    ]  # fmt: skip


async def test_a_drain_that_began_keeps_its_grace_while_the_registry_is_down(
    host: RoomHost, clock: ManualClock
) -> None:
    registry, drain = MemoryRegistry(intends=True), Drain(grace_ms=1_000)
    heartbeat = heartbeat_of(host, registry, drain, clock)
    host.open_room(plan())
    await heartbeat.beat()
    registry.is_down = True
    clock.now_s += 1
    with pytest.raises(Unavailable):
        await heartbeat.beat()
    assert host.running_matches == 0


async def test_the_process_is_told_to_end_when_an_ordered_drain_has_nothing_left(
    host: RoomHost, clock: ManualClock
) -> None:
    registry, told = MemoryRegistry(), []
    heartbeat = heartbeat_of(host, registry, Drain(grace_ms=1_000), clock, on_drained=lambda: told.append(1))
    room = host.open_room(plan())
    await heartbeat.beat()
    registry.intends = True
    await heartbeat.beat()
    assert not told
    host.abort(room.match_id, "INTERNAL")
    await heartbeat.beat()
    assert not told, "결과가 쓰이기 전이다"
    host.settle(room.match_id, link_events.refused(room.match_id, SessionDraining()))
    await heartbeat.beat()
    assert told


async def test_a_changed_number_of_matches_is_news_until_it_is_told(
    host: RoomHost, clock: ManualClock
) -> None:
    heartbeat = heartbeat_of(host, MemoryRegistry(), Drain(grace_ms=1_000), clock)
    assert not heartbeat.has_news
    host.open_room(plan())
    assert heartbeat.has_news
    await heartbeat.beat()
    assert not heartbeat.has_news


async def test_a_server_that_starts_while_the_intent_stands_waits_empty(
    host: RoomHost, clock: ManualClock
) -> None:
    registry, told = MemoryRegistry(intends=True), []
    heartbeat = heartbeat_of(host, registry, Drain(grace_ms=1_000), clock, on_drained=lambda: told.append(1))
    await heartbeat.beat()
    await heartbeat.beat()
    assert [report.state for report in registry.reports] == ["starting", "drained", "drained"]
    assert not told


async def test_an_intent_outlives_a_registry_that_comes_back_empty(
    host: RoomHost, clock: ManualClock
) -> None:
    registry, drain = MemoryRegistry(intends=True), Drain(grace_ms=1_000)
    heartbeat = heartbeat_of(host, registry, drain, clock)
    await heartbeat.beat()
    registry.intends, registry.is_empty = False, True
    await heartbeat.beat()
    assert registry.intends
    assert registry.written == [(True, None)]
    assert drain.is_draining
    registry.intends = False
    await heartbeat.beat()
    assert not drain.is_draining, "거둔 뜻은 되살리지 않는다"
