"""차례로 갈아 끼우기: 시작하고, 한 걸음씩 나아가고, 그만둔다. 상태는 모두 MariaDB의 한 행에 있다.

누가 걸음을 떼어도 같다: 명령을 돌린 터미널이 죽어도 platform이 이어 간다. 걸음마다 행을 잠그므로(SKIP LOCKED)
둘이 함께 떼지 못한다.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.db import IntegrityError
from django.utils import timezone

from audit.actions import Action
from audit.models import REASON_MAX_CHARS, ActorKind
from audit.recorder import Actor, AuditEntry, record, refusals_recorded
from database.transactions import run_transaction
from fleet.authority import Authority
from fleet.models import FINISHED_PHASES, DrainIntent, Roll, RollPhase
from fleet.orders import DrainOrders, Order, audit_entry_of, check_reason, find_server, write_intent
from fleet.roll_plan import Advance, Begin, Enter, Halt, Step, Turn, TurnPhase, Wait, next_step
from kernel.errors import InvalidArgument, NotFound, PermissionDenied, Unavailable
from kernel.messages import translate
from redisstore.servers.rows import Fleet, ServerState
from telemetry.logs import get_logger

log = get_logger(__name__)

RETURN_TIMEOUT_MS: Final = 120_000
RETURN_TIMEOUT_MAX_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RollRequest:
    """갈아 끼울 서버들. None이면 하트비트가 있는 서버를 이름순으로 모두. 빈 목록은 모두가 아니다(잘못)."""

    reason: str
    servers: Sequence[str] | None = None
    grace_ms: int | None = None
    return_timeout_ms: int = RETURN_TIMEOUT_MS


class Rolls:
    """한 리전의 갈아 끼우기."""

    def __init__(self, orders: DrainOrders) -> None:
        self._orders = orders
        self._region = orders.region

    def start(self, wish: RollRequest, by: Authority) -> Roll:
        """시작한다. 걸음은 `advance`가 뗀다.

        Raises:
            PermissionDenied: 그 가운데 운영할 수 없는 서버가 있다.
            NotFound: 그런 서버가 없다.
            InvalidArgument: 이미 도는 것이 있거나, 까닭이 없거나, 고른 서버가 하나도 없거나, 값이 틀렸다.
            Unavailable: MariaDB나 Redis가 답하지 않는다.
        """
        entry = AuditEntry(
            action=Action.ROLL_START, target=f"region:{self._region}", reason=wish.reason[:REASON_MAX_CHARS]
        )
        with refusals_recorded(by.actor, entry):
            servers, pools = self._check(wish, by)
            return run_transaction(lambda: self._open(wish, servers, pools, by.actor, entry))

    def abort(self, by: Authority, reason: str) -> Roll:
        """도는 것을 그만둔다. 드레인하던 서버는 뜻을 거두고, 이미 끝난 프로세스는 다시 뜨면 판을 받는다.

        Raises:
            NotFound: 도는 것이 없다.
            PermissionDenied: 그 서버들을 운영할 수 없다.
            Unavailable: MariaDB가 답하지 않는다.
        """
        entry = AuditEntry(
            action=Action.ROLL_ABORT, target=f"region:{self._region}", reason=reason[:REASON_MAX_CHARS]
        )

        def job() -> tuple[Roll, bool]:
            roll = Roll.objects.select_for_update().filter(open_key=self._region).first()
            if roll is None:
                raise NotFound("도는 갈아 끼우기가 없습니다")
            self._require(by, roll.pools)
            undrain = roll.phase in {RollPhase.DRAINING, RollPhase.RETURNING}
            if undrain:
                self._write_order(roll, intended=False, actor=by.actor, reason=reason)
            record(by.actor, entry)
            _finish(roll, RollPhase.ABORTED, reason)
            return roll, undrain

        with refusals_recorded(by.actor, entry):
            check_reason(reason)
            roll, undrain = run_transaction(job)
        if undrain:
            self._apply(roll.servers[roll.position])
        return roll

    def current(self) -> Roll | None:
        """지금 도는 것. 없으면 마지막으로 끝난 것, 그것도 없으면 None."""
        return (
            Roll.objects.filter(open_key=self._region).first()
            or Roll.objects.filter(region=self._region).order_by("-pk").first()
        )

    def advance(self) -> Roll | None:
        """한 걸음. 도는 것이 없거나 다른 이가 떼는 중이면 None.

        Raises:
            Unavailable: MariaDB나 Redis가 답하지 않는다. 다음에 다시 부르면 된다.
        """
        if not Roll.objects.filter(open_key=self._region).exists():
            return None
        fleet = self._orders.fleet()
        moved = run_transaction(lambda: self._advance(fleet))
        if moved is None:
            return None
        roll, server_id = moved
        if server_id:
            self._apply(server_id)
        return roll

    def _advance(self, fleet: Fleet) -> tuple[Roll, str] | None:
        """걸음 하나와, Redis에 알려야 할 서버(없으면 빈 글)."""
        roll = Roll.objects.select_for_update(skip_locked=True).filter(open_key=self._region).first()
        if roll is None:
            return None
        server_id: str = roll.servers[roll.position]
        intent = DrainIntent.objects.filter(region=self._region, server_id=server_id).first()
        turn = self._turn(roll, server_id, intended=bool(intent and intent.intended))
        touched = self._take(roll, next_step(turn, fleet))
        if not touched and turn.intended and not _knows(fleet, server_id):
            touched = True  # 적힌 뜻이 Redis에 없다: 다시 알린다
        return roll, server_id if touched else ""

    def _turn(self, roll: Roll, server_id: str, *, intended: bool) -> Turn:
        waited = timezone.now() - roll.phase_since
        grace_ms = self._orders.max_grace_ms if roll.grace_ms is None else roll.grace_ms
        return Turn(
            server_id=server_id,
            phase=TurnPhase(roll.phase),
            boot_before=roll.boot_before,
            waited_ms=round(waited.total_seconds() * 1000),
            grace_ms=grace_ms,
            return_timeout_ms=roll.return_timeout_ms,
            intended=intended,
        )

    def _take(self, roll: Roll, step: Step) -> bool:
        """정해진 걸음을 쓴다. 뜻을 적었으면 True."""
        match step:
            case Wait():
                return False
            case Begin(boot_id):
                roll.boot_before = boot_id
                self._write_order(roll, intended=True, actor=_actor_of(roll), reason=roll.reason)
                _enter(roll, RollPhase.DRAINING)
                return True
            case Enter(phase, undrain):
                if undrain:
                    self._write_order(roll, intended=False, actor=_actor_of(roll), reason=roll.reason)
                _enter(roll, RollPhase(phase.value))
                return undrain
            case Advance(note):
                self._to_next(roll, note)
            case Halt(reason):
                self._conclude(roll, Action.ROLL_HALT, RollPhase.STOPPED, reason)
        return False

    def _to_next(self, roll: Roll, note: str) -> None:
        if note:
            roll.note = f"{roll.servers[roll.position]}: {note}"
        if roll.position + 1 < len(roll.servers):
            roll.position += 1
            roll.boot_before = ""
            _enter(roll, RollPhase.PENDING)
        else:
            self._conclude(roll, Action.ROLL_FINISH, RollPhase.DONE, roll.note)

    def _conclude(self, roll: Roll, action: Action, phase: RollPhase, note: str) -> None:
        details = {"roll": roll.pk, "servers": roll.servers, "done": roll.position, "note": note}
        entry = AuditEntry(
            action=action, target=f"region:{self._region}", reason=roll.reason, details=details
        )
        record(_actor_of(roll), entry)
        _finish(roll, phase, note)

    def _write_order(self, roll: Roll, *, intended: bool, actor: Actor, reason: str) -> None:
        order = Order(
            server_id=roll.servers[roll.position],
            intended=intended,
            reason=reason,
            grace_ms=roll.grace_ms,
            roll_id=roll.pk,
        )
        write_intent(self._region, order, actor, audit_entry_of(self._region, order))

    def _apply(self, server_id: str) -> None:
        try:
            self._orders.apply(server_id)
        except Unavailable as error:
            log.warning("fleet.order_not_applied", server=server_id, reason=error.message)

    def _check(self, wish: RollRequest, by: Authority) -> tuple[list[str], list[str]]:
        """갈 서버들과 그들의 무리."""
        check_reason(wish.reason)
        self._orders.checked_grace_ms(wish.grace_ms)
        if not 1 <= wish.return_timeout_ms <= RETURN_TIMEOUT_MAX_MS:
            raise InvalidArgument(
                "다시 뜨기를 기다리는 상한은 1에서 {max_ms} ms 사이입니다", max_ms=RETURN_TIMEOUT_MAX_MS
            )
        if wish.servers is not None and not wish.servers:
            raise InvalidArgument("갈아 끼울 서버를 하나는 골라야 합니다")
        fleet = self._orders.fleet()
        alive = [row.server_id for row in fleet.servers if row.state is not ServerState.LOST]
        servers = alive if wish.servers is None else list(dict.fromkeys(wish.servers))
        pools = sorted({row.pool for row in fleet.servers if row.server_id in servers}) or [""]
        self._require(by, pools)
        for server_id in servers:
            find_server(fleet, server_id)
        if not servers:
            raise NotFound("갈아 끼울 서버가 없습니다")
        return servers, pools

    def _require(self, by: Authority, pools: Sequence[str]) -> None:
        if not all(by.may_operate(self._region, pool) for pool in pools):
            raise PermissionDenied("이 서버들을 운영할 권한이 없습니다")

    def _open(
        self, wish: RollRequest, servers: list[str], pools: list[str], actor: Actor, entry: AuditEntry
    ) -> Roll:
        if Roll.objects.filter(open_key=self._region).exists():
            raise InvalidArgument("이미 갈아 끼우는 중입니다")
        try:
            roll = Roll.objects.create(
                region=self._region,
                open_key=self._region,
                servers=servers,
                pools=pools,
                phase_since=timezone.now(),
                grace_ms=wish.grace_ms,
                return_timeout_ms=wish.return_timeout_ms,
                reason=wish.reason,
                actor_kind=actor.kind,
                actor=actor.name,
                actor_roles=actor.roles,
            )
        except IntegrityError as error:
            raise InvalidArgument("이미 갈아 끼우는 중입니다") from error
        record(actor, replace(entry, details={"roll": roll.pk, "servers": servers}))
        return roll


def is_finished(roll: Roll) -> bool:
    """끝난 것인가."""
    return roll.phase in FINISHED_PHASES


def _knows(fleet: Fleet, server_id: str) -> bool:
    """Redis도 드레인 지시을 아는가. 등록부에서 빠진 서버는 묻지 않는다."""
    return all(row.drain_intended for row in fleet.servers if row.server_id == server_id)


def _actor_of(roll: Roll) -> Actor:
    return Actor(ActorKind(roll.actor_kind), roll.actor, roll.actor_roles)


def _enter(roll: Roll, phase: RollPhase) -> None:
    roll.phase, roll.phase_since = phase, timezone.now()
    roll.save()


def _finish(roll: Roll, phase: RollPhase, note: str) -> None:
    now: datetime = timezone.now()
    roll.phase, roll.phase_since, roll.finished_at = phase, now, now
    roll.open_key, roll.note = None, note[:200]
    roll.save()
    log.info("fleet.roll_finished", phase=phase.value, note=note)


def note_in(note: str, language: str | None) -> str:
    """남은 말(`서버: 까닭` 또는 까닭)을 읽는 이의 언어로. 표에는 원문이 적혀 있다."""
    server_id, mark, source = note.rpartition(": ")
    return server_id + mark + (translate(source, {}, language) or source)
