"""갈아 끼우기: 한 행의 상태로 누가 이어도 같고, 하나씩 가며, 멈추고 그만둘 수 있다."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Never

import pytest
from django.db import DataError, connections

from audit.models import AuditRecord
from fleet.models import DrainIntent, Roll
from fleet.orders import DrainOrders, Order
from fleet.rolls import RollRequest, Rolls
from kernel.errors import HanpanError, InvalidArgument, NotFound, PermissionDenied
from redisstore import keys
from redisstore.client import SyncRedis
from tests.it.fleet.conftest import REGION, Register, Someone

pytestmark = pytest.mark.django_db(transaction=True)
WISH = RollRequest(reason="새 버전")


class Stage:
    """등록부의 서버들을 손으로 움직인다."""

    def __init__(self, orders: DrainOrders, register: Register, redis: SyncRedis) -> None:
        self.rolls = Rolls(orders)
        self.register = register
        self._redis = redis

    def process_ends(self, server_id: str) -> None:
        self._redis.delete(keys.server(REGION, server_id))
        self._redis.zrem(keys.servers(REGION), server_id)

    def process_returns(self, server_id: str, state: str = "drained") -> None:
        self.register(server_id, boot=f"{server_id}-b", state=state, version="1.4.1")

    def draining(self) -> set[str]:
        return set(self._redis.smembers(keys.draining(REGION)))

    def phase(self) -> tuple[int, str]:
        roll = self.rolls.current()
        assert roll is not None
        return roll.position, roll.phase

    def steps(self, count: int = 1) -> tuple[int, str]:
        for _ in range(count):
            self.rolls.advance()
        return self.phase()


@pytest.fixture
def stage(orders: DrainOrders, register: Register, redis: SyncRedis) -> Stage:
    for server_id in ("session1", "session2"):
        register(server_id)
    return Stage(orders, register, redis)


def actions() -> list[str]:
    return list(AuditRecord.objects.order_by("pk").values_list("action", flat=True))


def test_each_server_is_drained_awaited_opened_and_then_the_next(stage: Stage) -> None:
    stage.rolls.start(WISH, Someone())
    assert stage.phase() == (0, "pending")
    assert stage.steps() == (0, "draining")
    assert stage.draining() == {"session1"}
    stage.process_ends("session1")
    assert stage.steps() == (0, "returning")
    stage.process_returns("session1")
    assert stage.steps() == (0, "opening")
    assert stage.draining() == set()
    assert stage.steps() == (0, "opening"), "아직 판을 받지 않는다"
    stage.process_returns("session1", "ready")
    assert stage.steps() == (1, "pending")
    assert stage.steps() == (1, "draining")
    assert stage.draining() == {"session2"}
    stage.process_returns("session2")  # 지켜보는 사이에 이미 다시 떴다
    assert stage.steps(2) == (1, "opening")
    stage.process_returns("session2", "ready")
    assert stage.steps() == (1, "done")
    assert stage.rolls.advance() is None
    assert actions() == [
        "fleet.roll:start", "fleet.server:drain", "fleet.server:undrain", "fleet.server:drain",
        "fleet.server:undrain", "fleet.roll:finish",
    ]  # fmt: skip
    assert set(AuditRecord.objects.values_list("actor", "reason")) == {("kim", "새 버전")}


def test_the_last_server_that_takes_matches_is_never_drained(stage: Stage) -> None:
    stage.register("session2", state="drained")
    stage.rolls.start(WISH, Someone())
    assert stage.steps() == (0, "stopped")
    assert stage.draining() == set()
    assert actions()[-1] == "fleet.roll:halt"


def test_a_server_that_does_not_return_stops_the_roll_and_leaves_the_others(stage: Stage) -> None:
    stage.rolls.start(RollRequest(reason="새 버전", return_timeout_ms=1), Someone())
    stage.steps()
    stage.process_ends("session1")
    stage.steps()
    Roll.objects.update(phase_since="2020-01-01T00:00:00Z")
    assert stage.steps() == (0, "stopped")
    assert stage.draining() == {"session1"}
    assert not DrainIntent.objects.filter(server_id="session2").exists()


def test_an_abort_opens_the_server_that_was_being_drained(stage: Stage) -> None:
    stage.rolls.start(WISH, Someone())
    stage.steps()
    assert stage.rolls.abort(Someone(), "잘못 눌렀다").phase == "aborted"
    assert stage.draining() == set()
    assert actions()[-2:] == ["fleet.server:undrain", "fleet.roll:abort"]
    with pytest.raises(NotFound):
        stage.rolls.abort(Someone(), "또")


def test_a_second_roll_is_refused_while_one_is_open(stage: Stage) -> None:
    stage.rolls.start(WISH, Someone())
    with pytest.raises(InvalidArgument):
        stage.rolls.start(WISH, Someone())
    stage.rolls.abort(Someone(), "그만")
    assert stage.rolls.start(WISH, Someone()).phase == "pending"


@pytest.mark.parametrize(
    ("wish", "by", "error"),
    [
        (WISH, Someone(pools={"eu"}), PermissionDenied),
        (RollRequest(reason=""), Someone(), InvalidArgument),
        (RollRequest(reason="x", servers=["nowhere"]), Someone(), NotFound),
        (RollRequest(reason="x", servers=[]), Someone(), InvalidArgument),
        (RollRequest(reason="x", grace_ms=120_001), Someone(), InvalidArgument),
        *(
            (RollRequest(reason="x", return_timeout_ms=wrong_ms), Someone(), InvalidArgument)
            for wrong_ms in (-1, 0, 3_600_001, 2**31, 2**32, 2**64, 10**400)
        ),
    ],
)
def test_a_refused_roll_leaves_nothing_but_its_audit(
    stage: Stage, wish: RollRequest, by: Someone, error: type[HanpanError]
) -> None:
    with pytest.raises(error):
        stage.rolls.start(wish, by)
    assert not Roll.objects.exists()
    assert list(AuditRecord.objects.values_list("action", "code")) == [("fleet.roll:start", error.code)]


def test_a_roll_that_fails_by_our_fault_leaves_its_audit_too(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out_of_range(**_columns: object) -> Never:
        raise DataError(1264, "Out of range value")

    monkeypatch.setattr(Roll.objects, "create", out_of_range)
    with pytest.raises(DataError):
        stage.rolls.start(WISH, Someone())
    rows = AuditRecord.objects.values_list("action", "result", "code")
    assert list(rows) == [("fleet.roll:start", "failed", "INTERNAL")]


def test_a_roll_of_a_mixed_fleet_needs_every_pool(stage: Stage) -> None:
    stage.register("session2", pool="eu")
    with pytest.raises(PermissionDenied):
        stage.rolls.start(WISH, Someone(pools={"default"}))
    limited = Someone(pools={"default"})
    assert stage.rolls.start(RollRequest(reason="x", servers=["session1"]), limited)
    with pytest.raises(PermissionDenied):
        stage.rolls.abort(Someone(pools={"eu"}), "남의 것")
    assert stage.rolls.abort(limited, "내 것").phase == "aborted"


def test_an_operator_who_undrains_the_server_stops_the_roll(stage: Stage, orders: DrainOrders) -> None:
    stage.rolls.start(WISH, Someone())
    stage.steps()
    orders.give(Order(server_id="session1", intended=False, reason="아직"), Someone())
    assert stage.steps() == (0, "stopped")


def test_an_intent_redis_lost_is_told_again(stage: Stage, redis: SyncRedis) -> None:
    stage.rolls.start(WISH, Someone())
    stage.steps()
    redis.delete(keys.draining(REGION))
    assert stage.steps() == (0, "draining")
    assert stage.draining() == {"session1"}


def test_two_who_step_at_once_take_one_step(stage: Stage) -> None:
    stage.rolls.start(WISH, Someone())
    barrier = threading.Barrier(4)
    failures: list[BaseException] = []

    def alone(job: Callable[[], Any]) -> None:
        barrier.wait(10)
        try:
            job()
        except BaseException as failure:  # noqa: BLE001 - 시험이 모아서 본다
            failures.append(failure)
        finally:
            connections.close_all()

    walkers = [threading.Thread(target=alone, args=(stage.rolls.advance,)) for _ in range(4)]
    for walker in walkers:
        walker.start()
    for walker in walkers:
        walker.join(20)
    assert failures == []
    assert stage.phase() == (0, "draining")
    assert actions().count("fleet.server:drain") == 1
