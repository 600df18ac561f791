"""드레인하고 거두기: 뜻과 감사가 함께 쓰이고, 되지 않은 일도 남으며, 감사의 행은 누구도 바꾸지 못한다."""

from __future__ import annotations

from typing import Any, Never

import pytest
from django.db import DatabaseError, connection, transaction

from audit.models import AuditRecord
from fleet import orders as orders_module
from fleet.models import DrainIntent
from fleet.orders import DrainOrders, Order
from fleet.wiring import drain_orders
from kernel.errors import HanpanError, InvalidArgument, NotFound, PermissionDenied, Unavailable
from redisstore import keys
from redisstore.client import SyncRedis
from tests.it.fleet.conftest import REGION, Register, Someone

pytestmark = pytest.mark.django_db(transaction=True)


def drain(server_id: str = "session1", **changes: Any) -> Order:
    return Order(**{"server_id": server_id, "intended": True, "reason": "커널 갱신", **changes})


def leave(redis: SyncRedis, server_id: str) -> None:
    """드레인된 프로세스가 등록부에서 빠지고 나갔다."""
    redis.delete(keys.server(REGION, server_id))
    redis.zrem(keys.servers(REGION), server_id)


def audited() -> list[tuple[str, str, str, str]]:
    """(한 일, 무엇에, 결과, 코드)를 적힌 차례로."""
    rows = AuditRecord.objects.order_by("pk")
    return [(row.action, row.target, row.result, row.code) for row in rows]


def test_an_order_writes_intent_and_audit_and_tells_redis(
    orders: DrainOrders, register: Register, redis: SyncRedis
) -> None:
    register("session1", running=3, left=41_000)
    register("session2", running=1)
    receipt = orders.give(drain(grace_ms=60_000), Someone())
    assert (receipt.changed, receipt.applied) == (True, True)
    preview = receipt.preview
    assert (preview.matches, preview.at_most_ms, preview.cuts_matches) == (3, 41_000, False)
    assert (preview.others_ready, preview.room_elsewhere) == (1, 49)
    intent = DrainIntent.objects.get()
    assert (intent.server_id, intent.intended, intent.grace_ms, intent.actor) == (
        "session1", True, 60_000, "kim",
    )  # fmt: skip
    (row,) = AuditRecord.objects.all()
    assert (row.actor, row.roles, row.action, row.target) == (
        "kim", "operator", "fleet.server:drain", "server:local/session1",
    )  # fmt: skip
    assert (row.result, row.reason, row.details) == ("allowed", "커널 갱신", {"grace_ms": 60_000})
    assert redis.smembers(keys.draining(REGION)) == {"session1"}
    assert redis.hgetall(keys.drain_grace(REGION)) == {"session1": "60000"}


def test_an_undrain_takes_the_intent_and_its_grace_back(
    orders: DrainOrders, register: Register, redis: SyncRedis
) -> None:
    register("session1")
    orders.give(drain(grace_ms=60_000), Someone())
    assert orders.give(drain(intended=False), Someone()).changed
    assert not orders.give(drain(intended=False), Someone()).changed
    assert redis.exists(keys.draining(REGION), keys.drain_grace(REGION)) == 0
    assert [action for action, *_ in audited()] == ["fleet.server:drain", *["fleet.server:undrain"] * 2]


def test_a_drained_server_between_two_processes_can_be_undrained(
    orders: DrainOrders, register: Register, redis: SyncRedis
) -> None:
    register("session1")
    orders.give(drain(), Someone())
    leave(redis, "session1")
    assert orders.fleet().servers == ()
    receipt = orders.give(drain(intended=False), Someone())
    assert (receipt.changed, receipt.applied, receipt.preview.matches) == (True, True, 0)
    assert redis.exists(keys.draining(REGION)) == 0
    assert not DrainIntent.objects.get().intended


def test_the_pool_of_a_server_between_two_processes_is_not_known(
    orders: DrainOrders, register: Register, redis: SyncRedis
) -> None:
    register("session1", pool="eu")
    orders.give(drain(), Someone(pools={"eu"}))
    leave(redis, "session1")
    with pytest.raises(PermissionDenied):
        orders.give(drain(intended=False), Someone(pools={"eu"}))
    assert DrainIntent.objects.get().intended


@pytest.mark.parametrize("grace_ms", [0, 120_000])
def test_a_grace_up_to_the_policy_is_taken(orders: DrainOrders, register: Register, grace_ms: int) -> None:
    register("session1", running=1, left=130_000)
    preview = orders.give(drain(grace_ms=grace_ms), Someone()).preview
    assert (preview.at_most_ms, preview.cuts_matches) == (grace_ms, True)


@pytest.mark.parametrize(
    ("order", "by", "error", "result"),
    [
        (drain(), Someone(pools={"eu"}), PermissionDenied, "denied"),
        (drain("nowhere"), Someone(pools={"eu"}), PermissionDenied, "denied"),
        (drain("nowhere"), Someone(), NotFound, "failed"),
        (drain(grace_ms=-1), Someone(), InvalidArgument, "failed"),
        (drain(grace_ms=120_001), Someone(), InvalidArgument, "failed"),
        (drain(reason=" "), Someone(), InvalidArgument, "failed"),
        (drain(reason="긴" * 201), Someone(), InvalidArgument, "failed"),
    ],
)
def test_a_refused_order_changes_nothing_and_is_audited(
    orders: DrainOrders,
    register: Register,
    redis: SyncRedis,
    order: Order,
    by: Someone,
    error: type[HanpanError],
    result: str,
) -> None:
    register("session1")
    with pytest.raises(error):
        orders.give(order, by)
    assert not DrainIntent.objects.exists()
    assert redis.exists(keys.draining(REGION)) == 0
    assert [row[2:] for row in audited()] == [(result, error.code)]


def test_a_pool_is_operated_by_those_it_was_given_to(orders: DrainOrders, register: Register) -> None:
    register("session1", pool="eu")
    assert orders.give(drain(), Someone(pools={"eu"})).applied


@pytest.mark.usefixtures("stopped_redis")
def test_without_redis_an_order_is_refused_and_audited() -> None:
    with pytest.raises(Unavailable):
        drain_orders().give(drain(), Someone())
    assert not DrainIntent.objects.exists()
    assert [row[2:] for row in audited()] == [("failed", "UNAVAILABLE")]


def test_an_intent_redis_did_not_hear_of_stands_and_says_so(
    orders: DrainOrders, register: Register, redis: SyncRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deaf(*_args: object, **_options: object) -> None:
        raise Unavailable

    register("session1")
    monkeypatch.setattr(orders_module, "set_draining_sync", deaf)
    receipt = orders.give(drain(), Someone())
    assert (receipt.changed, receipt.applied) == (True, False)
    assert DrainIntent.objects.get().intended
    rows = AuditRecord.objects.order_by("pk")
    assert [row.result for row in rows] == ["allowed", "failed"]
    assert rows[0].deed_id == rows[1].deed_id
    monkeypatch.undo()
    orders.apply("session1")
    assert redis.smembers(keys.draining(REGION)) == {"session1"}


def test_when_the_audit_cannot_be_written_there_is_no_intent(
    orders: DrainOrders, register: Register, redis: SyncRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object) -> None:
        raise RuntimeError("감사를 쓰지 못한다")

    register("session1")
    monkeypatch.setattr(orders_module, "record", broken)
    with pytest.raises(RuntimeError):
        orders.give(drain(), Someone())
    assert not DrainIntent.objects.exists()
    assert redis.exists(keys.draining(REGION)) == 0


def test_a_server_that_will_not_return_is_forgotten_once_its_matches_are_settled(
    orders: DrainOrders, register: Register, redis: SyncRedis
) -> None:
    register("session1")
    with pytest.raises(InvalidArgument, match="하트비트"):
        orders.forget("session1", Someone(), "내렸다")
    redis.delete(keys.server(REGION, "session1"))
    redis.sadd(keys.held_matches(REGION, "session1"), "m1")
    with pytest.raises(InvalidArgument, match="판"):
        orders.forget("session1", Someone(), "내렸다")
    with pytest.raises(PermissionDenied):
        orders.forget("session1", Someone(pools={"eu"}), "내렸다")
    redis.delete(keys.held_matches(REGION, "session1"))
    orders.forget("session1", Someone(), "내렸다")
    assert orders.fleet().servers == ()
    with pytest.raises(NotFound):
        orders.forget("session1", Someone(), "내렸다")
    assert [result for _, _, result, _ in audited()] == ["failed", "failed", "denied", "allowed", "failed"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_record SET reason = 'x'",
        "UPDATE audit_record SET result = 'denied', code = 'X'",
        "DELETE FROM audit_record",
        "REPLACE INTO audit_record SELECT * FROM audit_record",
        "INSERT INTO audit_record SELECT * FROM audit_record ON DUPLICATE KEY UPDATE reason = 'x'",
    ],
)
def test_the_database_refuses_to_change_an_audit_row(
    orders: DrainOrders, register: Register, statement: str
) -> None:
    register("session1")
    orders.give(drain(), Someone())
    before = list(AuditRecord.objects.values())
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert list(AuditRecord.objects.values()) == before


@pytest.mark.parametrize("where", ["_check", "write_intent"])
def test_an_order_that_fails_by_our_fault_leaves_its_audit_too(
    orders: DrainOrders, register: Register, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def fail(*_args: object) -> Never:
        raise DatabaseError(1264, "Out of range value")

    register("session1")
    monkeypatch.setattr(DrainOrders if where == "_check" else orders_module, where, fail)
    with pytest.raises(DatabaseError):
        orders.give(drain(), Someone())
    assert audited() == [("fleet.server:drain", "server:local/session1", "failed", "INTERNAL")]
    assert not DrainIntent.objects.exists()
