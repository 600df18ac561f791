"""session의 시험이 함께 쓰는 것: 판의 계획, 프레임을 모으는 줄, 방의 일을 듣는 귀."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from gameservices.rules.catalog import Mode, load_modes
from gameservices.session.identity import ServerIdentity
from gameservices.session.rooms.room import AnyRoom, RoomPace, RoomPlan, RoomPlayer
from gameservices.simulation.codec import HEADER, SNAPSHOT

IDENTITY = ServerIdentity(server_id="session1", address="127.0.0.1:7000", capacity_matches=3, version="1.0.0")


PACE = RoomPace(start_countdown_ms=0, abandon_after_ms=10_000, concede_after_ms=15_000)
"""카운트다운 없이 시작하는 방."""


def player_id(number: int) -> str:
    """번호가 눈에 보이는 선수의 UUID."""
    return str(UUID(int=number))


def duel(duration_ms: int = 1_000) -> Mode:
    """짧은 duel."""
    return load_modes({"duel": {"duration_ms": duration_ms}})["duel"]


def plan(match: int = 1, *, players: int = 2, mode: Mode | None = None, first_player: int = 1) -> RoomPlan:
    """`players`명의 판. 선수의 번호는 `first_player`부터다."""
    if mode is None:
        mode = duel() if players == 2 else load_modes({})["arena"]
    return RoomPlan(
        match_id=str(UUID(int=match)),
        mode=mode,
        region="local",
        seed=7,
        players=tuple(
            RoomPlayer(player_id(first_player + slot), f"p{slot}", 1500.0) for slot in range(players)
        ),
        created_at_ms=1_000,
        queued_at_ms=900,
    )


@dataclass(frozen=True)
class SeenFrame:
    """받은 프레임의 머리."""

    conn_id: int
    is_snapshot: bool
    tick: int
    seq: int
    base: int

    @classmethod
    def read(cls, conn_id: int, payload: bytes) -> SeenFrame:
        """프레임의 머리를 읽는다."""
        _version, kind, _count, tick, seq, base = HEADER.unpack_from(payload)
        return cls(conn_id, kind == SNAPSHOT, tick, seq, base)


@dataclass(eq=False)
class CollectingSink:
    """프레임을 모으는 줄."""

    accepts_frames: bool = True
    seen: list[SeenFrame] = field(default_factory=list)

    def add_frame(self, conn_id: int, payload: bytes) -> None:
        """프레임 하나를 적는다."""
        self.seen.append(SeenFrame.read(conn_id, payload))


@dataclass
class HeardEvents:
    """방의 일을 적는다."""

    started: list[AnyRoom] = field(default_factory=list)
    ended: list[AnyRoom] = field(default_factory=list)
    left: list[tuple[AnyRoom, str]] = field(default_factory=list)

    def room_started(self, room: AnyRoom) -> None:
        """시작한 방."""
        self.started.append(room)

    def room_ended(self, room: AnyRoom) -> None:
        """끝난 방."""
        self.ended.append(room)

    def player_left(self, room: AnyRoom, player_id: str, tell: Callable[[], None]) -> None:
        """떠난 선수. 곧바로 놓아준 것으로 친다."""
        self.left.append((room, player_id))
        tell()
