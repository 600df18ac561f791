"""대기표 저장소가 주고받는 값들: 대기표, join의 답, claim. Redis의 글자와 형 있는 값 사이를 옮긴다."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

TICKET_PREFIX = "ticket:"
MATCH_PREFIX = "match:"
OWED_PREFIX = "owed:"


class TicketState(StrEnum):
    """대기표의 상태. 거둔 표와 지난 표는 hash째 사라진다."""

    QUEUED = "queued"
    CLAIMED = "claimed"  # 판에 잡혔고, 판은 아직 만들어지지 않았다
    MATCHED = "matched"


class TicketVerdict(StrEnum):
    """거두기와 되돌리기가 표마다 주는 답. 뜻은 각 Lua의 머리말에 있다."""

    KEPT = "KEPT"
    TIMEOUT = "TIMEOUT"
    REAPED = "REAPED"
    GHOST = "GHOST"
    MOVED = "MOVED"
    QUEUED = "QUEUED"
    DROPPED = "DROPPED"
    GONE = "GONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTicket:
    """만들려는 대기표. `request_key`가 같으면 같은 표다. `rating`은 줄에 세우는 자리가 읽어 채운다."""

    ticket_id: str
    player_id: str
    name: str
    mode: str
    gateway_id: str
    conn_id: int
    request_key: str
    rating: float = 0.0
    traceparent: str = ""
    is_bot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """줄에 선 대기표. 시각은 Redis의 ms.

    주인(gateway와 소켓)만 바뀔 수 있다: 같은 선수의 새 소켓이 잇는다. 프로세스의 기억이 낡았으면 claim과
    expire가 그 표를 건드리지 않고 알린다. 나머지 칸은 바뀌지 않는다.
    """

    ticket_id: str
    player_id: str
    name: str
    mode: str
    rating: float
    gateway_id: str
    conn_id: int
    joined_ms: int
    traceparent: str = ""
    is_bot: bool = False

    @classmethod
    def of(cls, new: NewTicket, joined_ms: int) -> Ticket:
        """줄에 들어간 `new`."""
        return cls(
            ticket_id=new.ticket_id, player_id=new.player_id, name=new.name, mode=new.mode, rating=new.rating,
            gateway_id=new.gateway_id, conn_id=new.conn_id, joined_ms=joined_ms, traceparent=new.traceparent,
            is_bot=new.is_bot,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Joined:
    """join의 답. 이미 있던 답이면 `ticket_id`가 청한 것과 다르다."""

    ticket_id: str
    joined_ms: int
    expires_in_ms: int


@dataclass(frozen=True, slots=True)
class Held:
    """join이 거절되었다: 선수의 가드가 이미 있다. `match_id`가 비면 다른 대기표다."""

    match_id: str


@dataclass(frozen=True, slots=True)
class TicketCancelRequest:
    """거두려는 대기표. `ticket_id`가 비면 그 선수의 어떤 표든, 있으면 그 표일 때만 거둔다.

    `owner_conn_id`가 있으면 그 소켓이 주인일 때만 거둔다.
    """

    player_id: str
    ticket_id: str = ""
    mode: str = ""
    owner_conn_id: int | None = None


@dataclass(frozen=True, slots=True)
class Cancelled:
    """거둔 표와 그때의 주인."""

    ticket_id: str
    gateway_id: str
    conn_id: int


@dataclass(frozen=True, slots=True)
class TicketAdoptRequest:
    """대기표를 이으려는 새 소켓."""

    player_id: str
    ticket_id: str
    gateway_id: str
    conn_id: int


@dataclass(frozen=True, slots=True)
class Adopted:
    """이은 표의 모드와 남은 시간, 그리고 앞 주인."""

    mode: str
    gateway_id: str
    conn_id: int
    expires_in_ms: int


@dataclass(frozen=True, slots=True)
class PlayerHold:
    """선수가 매인 것. `guard`는 `ticket:<id>`, `match:<id>` 또는 None, `owed_match_id`는 듣지 못한 판이다."""

    guard: str | None
    owed_match_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRequest:
    """잡으려는 한 판. 표의 순서가 자리이고, `guard_ttl_ms`는 판이 끝날 때까지 가드가 사는 시간이다."""

    match_id: str
    mode: str
    seed: int
    tickets: Sequence[Ticket]
    guard_ttl_ms: int


@dataclass(frozen=True, slots=True)
class Claimed:
    """모두 잡았다. 시각은 Redis의 ms."""

    claimed_ms: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """하나도 잡지 못했다: 이 표들이 더는 줄에 없다. `moved`는 줄에 있지만 주인이 바뀐 표다."""

    ticket_ids: tuple[str, ...]
    moved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimSettlement:
    """정해진 판과, 이제 줄에서 빠질 그 표들."""

    mode: str
    match_id: str
    ticket_ids: Sequence[str]


@dataclass(frozen=True, slots=True)
class Release:
    """판 하나에서 놓아줄 선수들."""

    match_id: str
    player_ids: Collection[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredClaim:
    """Redis에 남은 claim. `settled`면 판이 만들어졌고, 아니면 아직 모른다. 시각은 Redis의 ms."""

    match_id: str
    mode: str
    seed: int
    claimed_ms: int
    settled: bool
    ticket_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TicketStatus:
    """표 하나의 지금. `match_id`는 잡힌 뒤에만 있다."""

    ticket: Ticket
    state: TicketState
    match_id: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """줄의 사진 한 장. `waiting`은 모드마다 들어온 순서의 표 이름이다."""

    now_ms: int
    waiting: Mapping[str, list[str]]


CLAIM_FIELDS = ("mode", "seed", "claimed", "state", "tickets")
TICKET_FIELDS = (
    "player", "name", "mode", "rating", "gateway", "conn", "joined", "trace", "bot", "state", "match",
)  # fmt: skip


def status_from_row(ticket_id: str, row: Sequence[str | None]) -> TicketStatus | None:
    """HMGET `TICKET_FIELDS`의 답을 옮긴다. hash가 없으면 None."""
    player_id, name, mode, rating, gateway_id, conn_id, joined_ms, traceparent, bot, state, match_id = row
    if player_id is None or mode is None or state is None:
        return None
    ticket = Ticket(
        ticket_id=ticket_id,
        player_id=player_id,
        name=name or "",
        mode=mode,
        rating=float(rating or 0),
        gateway_id=gateway_id or "",
        conn_id=int(conn_id or 0),
        joined_ms=int(joined_ms or 0),
        traceparent=traceparent or "",
        is_bot=bot == "1",
    )
    return TicketStatus(ticket, TicketState(state), match_id or "")


def hold_from_row(guard: str | None, result: str | None) -> PlayerHold:
    """가드와 들을 결과의 값을 옮긴다. 이미 들은 결과는 없는 것과 같다."""
    owed = result is not None and result.startswith(OWED_PREFIX)
    return PlayerHold(guard, result.removeprefix(OWED_PREFIX) if result is not None and owed else "")


def claim_from_row(match_id: str, row: Sequence[str | None]) -> StoredClaim | None:
    """HMGET `CLAIM_FIELDS`의 답을 옮긴다. hash가 없으면 None."""
    mode, seed, claimed_ms, state, ticket_ids = row
    if mode is None or seed is None or claimed_ms is None or ticket_ids is None:
        return None
    return StoredClaim(
        match_id=match_id,
        mode=mode,
        seed=int(seed),
        claimed_ms=int(claimed_ms),
        settled=state == "settled",
        ticket_ids=tuple(ticket_ids.split()),
    )
