"""드레인하고 거두는 일: 뜻과 감사를 한 트랜잭션에 쓰고, Redis에 곧바로 알린다.

MariaDB가 먼저라서 감사 없이 드레인되는 서버는 없다. Redis에 닿지 못한 뜻은 session 서버가 5초마다 제 행을
읽어 맞춘다(gameservices.session.fleet.intent_sync).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from audit.actions import Action
from audit.models import REASON_MAX_CHARS
from audit.recorder import (
    Actor,
    AuditEntry,
    faults_recorded,
    record,
    record_refusal,
    refusals_recorded,
)
from database.transactions import run_transaction
from fleet.authority import Authority
from fleet.intents import read_intent
from fleet.models import DrainIntent
from fleet.preview import DrainPreview, preview_drain
from kernel.errors import InvalidArgument, NotFound, PermissionDenied, Unavailable
from redisstore.gate import SyncRedisGate
from redisstore.servers.registry import Forgetting, fleet_sync, forget_server_sync, set_draining_sync
from redisstore.servers.rows import Fleet, ServerRow
from telemetry.logs import get_logger
from text.visible import fault_of, visible_form

log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """서버 하나에 시키는 일. `grace_ms`가 None이면 서버의 기본값이다."""

    server_id: str
    intended: bool
    reason: str
    grace_ms: int | None = None
    roll_id: int | None = None


@dataclass(frozen=True, slots=True)
class OrderReceipt:
    """시킨 일의 답. `changed`가 거짓이면 이미 그 뜻이었다. `applied`가 거짓이면 Redis에 아직 닿지 못했다."""

    changed: bool
    applied: bool
    preview: DrainPreview


class DrainOrders:
    """한 리전의 서버들에 시키는 일. `max_grace_ms`는 유예의 기본값이자 상한이다."""

    def __init__(self, gate: SyncRedisGate, region: str, *, max_grace_ms: int) -> None:
        self._gate = gate
        self.region = region
        self.max_grace_ms = max_grace_ms

    def fleet(self) -> Fleet:
        """지금의 등록부.

        Raises:
            Unavailable: Redis가 답하지 않는다.
        """
        return fleet_sync(self._gate, self.region)

    def fleet_with(self, server_id: str) -> Fleet:
        """지금의 등록부. 그 서버가 거기에 없어도 드레인하려던 적이 있으면 하트비트가 끊긴 줄로 있다.

        드레인된 프로세스는 등록부에서 빠지고 나갔다가 다시 뜬다. 그 사이에도 그 서버를 보고
        뜻을 거둘 수 있다.

        Raises:
            Unavailable: Redis나 MariaDB가 답하지 않는다.
        """
        fleet = self.fleet()
        if fleet.find(server_id) is None:
            intent = run_transaction(lambda: read_intent(self.region, server_id))
            if intent is not None:
                return fleet.with_lost(server_id, drain_intended=intent.intended)
        return fleet

    def preview(self, server_id: str, grace_ms: int | None = None) -> DrainPreview:
        """드레인하면 어떻게 되는가.

        Raises:
            NotFound: 그런 서버가 없다.
            InvalidArgument: 유예가 범위를 벗어났다.
            Unavailable: Redis가 답하지 않는다.
        """
        fleet = self.fleet_with(server_id)
        return preview_drain(fleet, find_server(fleet, server_id), self.checked_grace_ms(grace_ms))

    def give(self, order: Order, by: Authority) -> OrderReceipt:
        """서버를 드레인하거나 드레인을 거둔다. 되지 않은 일도 감사에 남는다.

        Raises:
            PermissionDenied: 그 서버를 운영할 수 없다.
            NotFound: 그런 서버가 없다.
            InvalidArgument: 까닭이 없거나 유예가 범위를 벗어났다.
            Unavailable: MariaDB나 Redis가 답하지 않아 뜻을 적지 못했다.
        """
        entry = audit_entry_of(self.region, order)
        with refusals_recorded(by.actor, entry):
            fleet, row = self._check(order, by)
        with faults_recorded(by.actor, entry):
            changed = run_transaction(lambda: write_intent(self.region, order, by.actor, entry))
        log.info("fleet.ordered", server=order.server_id, intended=order.intended, actor=by.actor.name)
        applied = self._apply_or_note(order, by, entry)
        grace_ms = self.checked_grace_ms(order.grace_ms)
        return OrderReceipt(changed, applied, preview_drain(fleet, row, grace_ms))

    def forget(self, server_id: str, by: Authority, reason: str) -> None:
        """돌아오지 않을 서버를 등록부에서 뺀다.

        Raises:
            PermissionDenied: 리전 전체를 맡지 않았다.
            NotFound: 그런 서버가 없다.
            InvalidArgument: 하트비트가 있거나, 끝이 쓰이지 않은 판이 남았다.
            Unavailable: MariaDB나 Redis가 답하지 않는다.
        """
        entry = AuditEntry(
            action=Action.SERVER_FORGET,
            target=target_of(self.region, server_id),
            reason=reason[:REASON_MAX_CHARS],
        )
        with refusals_recorded(by.actor, entry):
            check_reason(reason)
            if not by.may_operate(self.region, ""):
                raise PermissionDenied("이 서버를 운영할 권한이 없습니다")
            find_server(self.fleet(), server_id)
            outcome = forget_server_sync(self._gate, self.region, server_id)
            if outcome is Forgetting.ALIVE:
                raise InvalidArgument("아직 하트비트가 있는 서버입니다. 드레인하십시오")
            if outcome is Forgetting.HOLDS:
                raise InvalidArgument("끝이 쓰이지 않은 판이 남았습니다. 남은 서버들이 곧 씁니다")
        run_transaction(lambda: record(by.actor, entry))

    def apply(self, server_id: str) -> None:
        """적힌 뜻을 Redis에 알린다(멱등). 행을 잠그고 읽으므로 늘 마지막 뜻이 남는다.

        Raises:
            Unavailable: MariaDB나 Redis가 답하지 않는다.
        """

        def job() -> None:
            intent = DrainIntent.objects.select_for_update().get(region=self.region, server_id=server_id)
            set_draining_sync(
                self._gate,
                self.region,
                server_id,
                intended=intent.intended,
                grace_ms=intent.grace_ms,
            )

        run_transaction(job)

    def _check(self, order: Order, by: Authority) -> tuple[Fleet, ServerRow]:
        check_reason(order.reason)
        self.checked_grace_ms(order.grace_ms)
        fleet = self.fleet_with(order.server_id)
        row = fleet.find(order.server_id)
        # 없는 서버인지 아닌지도 운영할 수 있는 사람만 안다.
        if not by.may_operate(self.region, row.pool if row else ""):
            raise PermissionDenied("이 서버를 운영할 권한이 없습니다")
        if row is None:
            raise NotFound("그런 서버가 없습니다")
        return fleet, row

    def _apply_or_note(self, order: Order, by: Authority, entry: AuditEntry) -> bool:
        try:
            self.apply(order.server_id)
        except Unavailable as error:
            log.warning("fleet.order_not_applied", server=order.server_id, reason=error.message)
            run_transaction(partial(record_refusal, by.actor, entry, error))
            return False
        return True

    def checked_grace_ms(self, grace_ms: int | None) -> int:
        """시킨 유예. 시키지 않았으면 기본값이다.

        Raises:
            InvalidArgument: 범위를 벗어났다.
        """
        if grace_ms is None:
            return self.max_grace_ms
        if not 0 <= grace_ms <= self.max_grace_ms:
            raise InvalidArgument("유예는 0에서 {max_ms} ms 사이입니다", max_ms=self.max_grace_ms)
        return grace_ms


def check_reason(reason: str) -> None:
    """까닭은 꼭 있어야 하고 REASON_MAX_CHARS를 넘지 않으며, 감사에서 읽히도록 눈에 보이는 글이어야 한다.

    Raises:
        InvalidArgument: 비었거나 길거나, 보이지 않는 글자나 쌓인 부호가 있다.
    """
    if not reason.strip() or len(reason) > REASON_MAX_CHARS:
        raise InvalidArgument("까닭을 1자에서 {max_chars}자로 적어 주십시오", max_chars=REASON_MAX_CHARS)
    if fault_of(visible_form(reason)) is not None:
        raise InvalidArgument("까닭에 보이지 않는 글자나 너무 많이 붙은 부호가 있습니다")


def find_server(fleet: Fleet, server_id: str) -> ServerRow:
    """등록부의 한 줄.

    Raises:
        NotFound: 없다.
    """
    row = fleet.find(server_id)
    if row is None:
        raise NotFound("그런 서버가 없습니다")
    return row


def audit_entry_of(region: str, order: Order) -> AuditEntry:
    """감사에 적을 일."""
    details = {
        name: value
        for name, value in (("grace_ms", order.grace_ms), ("roll", order.roll_id))
        if value is not None
    }
    return AuditEntry(
        action=Action.SERVER_DRAIN if order.intended else Action.SERVER_UNDRAIN,
        target=target_of(region, order.server_id),
        reason=order.reason[:REASON_MAX_CHARS],
        details=details,
    )


def target_of(region: str, server_id: str) -> str:
    """감사에서 서버를 가리키는 이름."""
    return f"server:{region}/{server_id[:64]}"


def write_intent(region: str, order: Order, actor: Actor, entry: AuditEntry) -> bool:
    """뜻과 감사를 쓴다. 부른 쪽의 트랜잭션 안이다. 드레인하는지가 바뀌었으면 True."""
    before = DrainIntent.objects.select_for_update().filter(region=region, server_id=order.server_id).first()
    DrainIntent.objects.update_or_create(
        region=region,
        server_id=order.server_id,
        defaults={
            "intended": order.intended,
            "grace_ms": order.grace_ms if order.intended else None,
            "reason": order.reason,
            "actor": actor.name,
        },
    )
    record(actor, entry)
    return (before.intended if before else False) != order.intended
