"""대시보드가 1초마다 받는 한 벌의 숫자와, 모은 것들에서 그것을 짜는 순수한 코드.

모르는 숫자는 0이 아니라 None이다: 답하지 않는 프로세스가 한가한 프로세스로 보이면 안 된다.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from fleet.preview import free_places
from ops.live.exposition import ProcessFigures
from ops.live.targets import Target
from redisstore.servers.rows import Fleet
from redisstore.tickets.queue_depth import QueueDepth


class ProcessSeen(msgspec.Struct, frozen=True):
    """프로세스 하나와, 이번에 제때 답했는가."""

    name: str
    role: str
    answered: bool


class QueueSeen(msgspec.Struct, frozen=True):
    """한 모드의 줄."""

    waiting: int
    oldest_wait_ms: int


class ServerSeen(msgspec.Struct, frozen=True, kw_only=True):
    """등록부의 한 줄. `age_ms`는 마지막 하트비트의 나이이고 하트비트가 끊겼으면 None이다."""

    server_id: str
    address: str
    state: str
    drain_intended: bool
    capacity: int
    running: int
    load: int
    version: str
    pool: str
    boot_id: str
    longest_left_ms: int
    drain_left_ms: int | None
    age_ms: int | None


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """대시보드의 숫자들. `*_by`는 프로세스나 모드마다의 몫, `free_places`는 새 판이 들어갈 빈자리다."""

    connections: int | None
    connections_by: dict[str, int | None]
    queue: int | None
    queue_by: dict[str, QueueSeen]
    running: int | None
    running_by: dict[str, int | None]
    finalizes_per_s: float | None
    pending: int | None
    pending_oldest_s: float | None
    servers_by_state: dict[str, int] | None
    free_places: int | None
    violations: int


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """한 순간의 모습. 볼 수 없는 갈래는 None으로 지워 보낸다.

    `source`는 잰 platform, `at_ms`는 그 프로세스의 벽시계다.
    """

    source: str
    at_ms: int
    redis: bool
    processes: tuple[ProcessSeen, ...]
    numbers: Numbers | None
    servers: tuple[ServerSeen, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisLook:
    """Redis에서 본 것. 아직 어떤 모드가 있는지 배우지 못했으면 `queues`가 None이다."""

    fleet: Fleet
    queues: Mapping[str, QueueDepth] | None
    pending: int
    pending_oldest_ms: int


def compose_reading(
    *,
    source: str,
    at_ms: int,
    scraped: Mapping[Target, ProcessFigures | None],
    look: RedisLook | None,
    finalizes_per_s: float | None,
) -> Reading:
    """모은 것들을 한 벌로 짠다. `look`이 None이면 Redis가 답하지 않은 것이다."""
    return Reading(
        source=source,
        at_ms=at_ms,
        redis=look is not None,
        processes=tuple(ProcessSeen(t.name, t.role, seen is not None) for t, seen in scraped.items()),
        numbers=_numbers(scraped, look, finalizes_per_s),
        servers=servers_seen(look.fleet) if look else None,
    )


def _numbers(
    scraped: Mapping[Target, ProcessFigures | None], look: RedisLook | None, finalizes_per_s: float | None
) -> Numbers:
    connections_by = {
        t.name: None if seen is None else seen.connections
        for t, seen in scraped.items()
        if t.role == "gateway"
    }
    running_by = _running_by(scraped, look)
    pending, pending_oldest_s = _pending(scraped, look)
    queues = look.queues if look else None
    return Numbers(
        connections=_known_sum(connections_by),
        connections_by=connections_by,
        queue=None if queues is None else sum(depth.waiting for depth in queues.values()),
        queue_by={m: QueueSeen(d.waiting, d.oldest_wait_ms) for m, d in sorted((queues or {}).items())},
        running=_known_sum(running_by),
        running_by=running_by,
        finalizes_per_s=finalizes_per_s,
        pending=pending,
        pending_oldest_s=pending_oldest_s,
        servers_by_state=_by_state(look.fleet) if look else None,
        free_places=free_places(look.fleet.servers) if look else None,
        violations=sum(seen.violations for seen in scraped.values() if seen),
    )


def _running_by(
    scraped: Mapping[Target, ProcessFigures | None], look: RedisLook | None
) -> dict[str, int | None]:
    """서버마다 도는 판. 등록부가 모든 서버를 알므로 먼저이고, Redis가 없으면 프로세스들의 말을 듣는다."""
    if look is not None:
        return {row.server_id: row.running if row.seen_ms else None for row in look.fleet.servers}
    return {
        t.name: None if seen is None else seen.matches for t, seen in scraped.items() if t.role == "session"
    }


def _pending(
    scraped: Mapping[Target, ProcessFigures | None], look: RedisLook | None
) -> tuple[int | None, float | None]:
    if look is not None:
        return look.pending, look.pending_oldest_ms / 1000 if look.pending else None
    # 서버마다 일지 전체를 세어 말하므로 더하면 겹친다: 가장 큰 것을 쓴다.
    told = [seen for t, seen in scraped.items() if seen and t.role == "session"]
    if not told:
        return None, None
    pending = max(seen.pending_results for seen in told)
    return pending, max(seen.pending_oldest_s for seen in told) if pending else None


def servers_seen(fleet: Fleet) -> tuple[ServerSeen, ...]:
    """등록부를 화면에 보일 줄들로."""
    return tuple(
        ServerSeen(
            server_id=row.server_id,
            address=row.address,
            state=row.state.value,
            drain_intended=row.drain_intended,
            capacity=row.capacity,
            running=row.running,
            load=row.load,
            version=row.version,
            pool=row.pool,
            boot_id=row.boot_id,
            longest_left_ms=row.longest_left_ms,
            drain_left_ms=row.drain_left_ms,
            age_ms=fleet.age_ms(row),
        )
        for row in fleet.servers
    )


def _by_state(fleet: Fleet) -> dict[str, int]:
    return dict(sorted(Counter(row.state.value for row in fleet.servers).items()))


def _known_sum(parts: Mapping[str, int | None]) -> int | None:
    """아는 것들의 합. 하나도 모르면 None이다."""
    known = [part for part in parts.values() if part is not None]
    return sum(known) if known else None
