"""모은 것에서 짠 숫자: 모르는 것은 0이 아니고, Redis가 없으면 프로세스의 말을 듣는다."""

from __future__ import annotations

import msgspec

from ops.live.exposition import ProcessFigures
from ops.live.reading import Numbers, QueueSeen, Reading, RedisLook, compose_reading
from ops.live.targets import Target
from ops.live.viewer import Viewer
from redisstore.servers.rows import Fleet, ServerRow, ServerState
from redisstore.tickets.queue_depth import QueueDepth
from tests.unit.ops.live.readings import figures

GATEWAY1, GATEWAY2 = Target("gateway1", "g", 1), Target("gateway2", "g", 2)
SESSION1, SESSION2 = Target("session1", "s", 1), Target("session2", "s", 2)


def server(server_id: str, *, running: int = 0, state: ServerState = ServerState.READY) -> ServerRow:
    lost = state is ServerState.LOST
    return ServerRow(
        server_id=server_id, address="h:7000", state=state, capacity=10, running=running, load=running,
        version="1.0.0", seen_ms=0 if lost else 9_000, drain_intended=False,
    )  # fmt: skip


def look(*servers: ServerRow, **changed: object) -> RedisLook:
    fields: dict[str, object] = {
        "fleet": Fleet(10_000, servers), "queues": {"duel": QueueDepth(3, 900), "arena": QueueDepth(1, 50)},
        "pending": 0, "pending_oldest_ms": 0,
    }  # fmt: skip
    return RedisLook(**{**fields, **changed})  # type: ignore[arg-type]


def compose(scraped: dict[Target, ProcessFigures | None], seen: RedisLook | None) -> Reading:
    return compose_reading(source="p", at_ms=1, scraped=scraped, look=seen, finalizes_per_s=2.5)


def numbers(scraped: dict[Target, ProcessFigures | None], seen: RedisLook | None) -> Numbers:
    composed = compose(scraped, seen).numbers
    assert composed is not None
    return composed


def test_connections_are_summed_over_the_gateways_that_answered() -> None:
    seen = numbers({GATEWAY1: figures(connections=4), GATEWAY2: None, SESSION1: figures()}, look())
    assert seen.connections == 4
    assert seen.connections_by == {"gateway1": 4, "gateway2": None}


def test_nobody_knows_the_connections_when_no_gateway_answers() -> None:
    assert numbers({GATEWAY1: None}, look()).connections is None


def test_the_registry_counts_the_running_matches_and_a_lost_server_is_unknown() -> None:
    rows = look(server("session1", running=5), server("session9", state=ServerState.LOST))
    seen = numbers({SESSION1: figures(matches=99)}, rows)
    assert (seen.running, seen.running_by) == (5, {"session1": 5, "session9": None})
    assert seen.servers_by_state == {"lost": 1, "ready": 1}


def test_only_servers_that_take_matches_have_free_places() -> None:
    rows = (
        server("session1", running=4),
        server("session2", running=1, state=ServerState.DRAINING),
        server("session3", state=ServerState.LOST),
    )
    assert numbers({}, look(*rows)).free_places == 6
    assert numbers({}, look(server("session1", running=12))).free_places == 0
    assert numbers({}, None).free_places is None


def test_without_redis_the_processes_are_believed_and_the_rest_is_unknown() -> None:
    scraped: dict[Target, ProcessFigures | None] = {
        SESSION1: figures(matches=3, pending_results=2, pending_oldest_s=4.0),
        SESSION2: figures(matches=1, pending_results=2, pending_oldest_s=1.0),
    }
    reading = compose(scraped, None)
    seen = reading.numbers
    assert seen is not None
    assert (reading.redis, reading.servers) == (False, None)
    assert (seen.running, seen.running_by) == (4, {"session1": 3, "session2": 1})
    assert (seen.pending, seen.pending_oldest_s) == (2, 4.0)
    assert (seen.queue, seen.queue_by, seen.servers_by_state) == (None, {}, None)


def test_without_redis_and_sessions_nothing_is_known_of_the_results() -> None:
    assert numbers({SESSION1: None}, None).pending is None


def test_the_queue_is_unknown_until_the_modes_are_learned() -> None:
    assert numbers({}, look(queues=None)).queue is None
    seen = numbers({}, look())
    assert (seen.queue, seen.queue_by["duel"]) == (4, QueueSeen(3, 900))


def test_the_age_of_pending_results_is_there_only_with_results() -> None:
    assert numbers({}, look()).pending_oldest_s is None
    assert numbers({}, look(pending=1, pending_oldest_ms=2500)).pending_oldest_s == 2.5


def test_broken_invariants_are_summed_over_all_processes() -> None:
    scraped: dict[Target, ProcessFigures | None] = {
        GATEWAY1: figures(violations=1),
        SESSION1: figures(violations=2),
    }
    assert numbers(scraped, look()).violations == 3


def test_a_process_that_did_not_answer_is_named() -> None:
    reading = compose({GATEWAY1: figures(), SESSION1: None}, look(server("session1")))
    assert [(seen.name, seen.answered) for seen in reading.processes] == [
        ("gateway1", True),
        ("session1", False),
    ]
    assert reading.servers is not None
    assert reading.servers[0].age_ms == 1000


def test_a_reading_survives_the_wire() -> None:
    reading = compose({GATEWAY1: figures(connections=1), SESSION1: None}, look(server("session1")))
    assert msgspec.json.decode(msgspec.json.encode(reading), type=Reading) == reading


def test_a_viewer_gets_only_what_he_may_see() -> None:
    reading = compose({}, look(server("session1")))
    only_servers = Viewer(sees_numbers=False, sees_servers=True).visible(reading)
    assert (only_servers.numbers, only_servers.servers) == (None, reading.servers)
    only_numbers = Viewer(sees_numbers=True, sees_servers=False).visible(reading)
    assert (only_numbers.numbers, only_numbers.servers) == (reading.numbers, None)
