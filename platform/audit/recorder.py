"""감사를 적는 하나뿐인 길. 부른 쪽의 트랜잭션 안에서 적으므로, 한 일과 기록은 함께 남거나 함께 없다."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from audit.actions import Action
from audit.models import ActorKind, AuditRecord, AuditVerdict
from database.transactions import run_transaction
from kernel.errors import HanpanError, Internal, PermissionDenied
from kernel.ids import new_id
from telemetry import metrics
from telemetry.tracing import current_trace_id

STAFF_ROLES = ("admin", "operator", "viewer")
"""지표의 라벨이 되는 직원의 역할. 센 것이 먼저다(표는 `accounts/roles.py`)."""


@dataclass(frozen=True, slots=True)
class Actor:
    """일을 하는 이. `roles`는 그때의 역할이나 범위를 쉼표로 이은 글이다."""

    kind: ActorKind
    name: str
    roles: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """하려는 일. `entry_id`는 시킬 때마다 다르다."""

    action: Action
    target: str
    reason: str = ""
    details: Mapping[str, Any] | None = None
    entry_id: str = field(default_factory=new_id)


def record(actor: Actor, entry: AuditEntry) -> AuditRecord:
    """허락된 일을 적는다. 그 일을 쓰는 트랜잭션 안에서 부른다."""
    return _write(actor, entry, AuditVerdict.ALLOWED, "")


def record_refusal(actor: Actor, entry: AuditEntry, error: HanpanError) -> AuditRecord:
    """되지 않은 일을 적는다: 권한이 없으면 거부, 그 밖은 실패다."""
    denied = isinstance(error, PermissionDenied)
    if denied:
        metrics.ops_denied.labels(_metric_role(actor)).inc()
    return _write(actor, entry, AuditVerdict.DENIED if denied else AuditVerdict.FAILED, error.code)


@contextmanager
def refusals_recorded(actor: Actor, entry: AuditEntry) -> Iterator[None]:
    """안의 일이 예외로 끝나면 그것을 적고 그대로 올린다. 우리 잘못(오류 나무 밖의 것)은 INTERNAL이다.

    트랜잭션 밖에서 쓴다. 적지 못하면 그 까닭이 올라가고, 본래의 예외는 그 앞에 이어져 있다.
    """
    with faults_recorded(actor, entry):
        try:
            yield
        except HanpanError as error:
            run_transaction(partial(record_refusal, actor, entry, error))
            raise


@contextmanager
def faults_recorded(actor: Actor, entry: AuditEntry) -> Iterator[None]:
    """안의 일이 우리 잘못으로 끝나면 실패라 적고 그대로 올린다. 오류 나무의 오류는 적지 않는다."""
    try:
        yield
    except HanpanError:
        raise
    except Exception:
        run_transaction(partial(record_refusal, actor, entry, Internal()))
        raise


def _write(actor: Actor, entry: AuditEntry, result: AuditVerdict, code: str) -> AuditRecord:
    written, is_new = AuditRecord.objects.get_or_create(
        deed_id=entry.entry_id,
        result=result,
        defaults={
            "actor_kind": actor.kind,
            "actor": actor.name,
            "roles": actor.roles,
            "action": entry.action.value,
            "target": entry.target,
            "code": code,
            "reason": entry.reason,
            "details": dict(entry.details or {}),
            "trace_id": current_trace_id() or "",
        },
    )
    if is_new:
        metrics.audit_records.labels(result.value).inc()
    return written


def _metric_role(actor: Actor) -> str:
    """라벨은 정해진 갈래뿐이다: 직원은 가진 역할 가운데 가장 센 하나, 그 밖은 누구의 갈래.

    역할은 그룹의 이름이고 관리 화면에서 새로 지을 수 있으므로, 아는 이름만 라벨이 된다.
    """
    if actor.kind is not ActorKind.STAFF:
        return actor.kind.value
    held = set(filter(None, actor.roles.split(",")))
    return next((role for role in STAFF_ROLES if role in held), "other" if held else "none")
