"""판 하나의 방: created -> running -> ended. 자리, epoch, 입력 번호, 그리고 보는 소켓들을 안다.

created의 끝은 카운트다운이다: 시작을 알렸으나 틱은 아직 돌지 않는다.
전송과 저장소를 모른다. 시각은 받고, 프레임은 받은 FrameSink에 내려놓는다. 한 스레드에서만 불린다.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar

import msgspec

from gameservices.rules.base import TICK_RATE_HZ, GameRules, places
from gameservices.rules.catalog import Mode
from gameservices.session.ports import FrameSink
from gameservices.session.rooms.presence import Presence
from gameservices.simulation.codec import codec_of
from gameservices.simulation.delta import StateEncoder
from kernel.errors import Abandoned, InvalidArgument, NotInMatch, Superseded
from matches.outcome import PlayerOutcome

START_WAIT_S = 3.0  # 모두 모이지 않아도 이만큼 뒤에는 시작한다
# 이만큼 안쪽으로 되돌아간 seq는 다시 보낸 입력이다. 더 먼 것은 번호를 새로 세는 것이라 듣는다.
RESENT_SEQS = 64
SEQ_SPAN = 2**32


S = TypeVar("S", bound=FrameSink)


class RoomStatus(Enum):
    """방의 상태. 앞으로만 간다."""

    CREATED = "created"
    RUNNING = "running"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class RoomPlayer:
    """앉기로 한 선수. rating은 찾을 때의 값이고 표시용이다."""

    player_id: str
    name: str
    rating: float
    is_bot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomPlan:
    """방을 만드는 데 필요한 것. 선수의 자리는 목록의 순서다."""

    match_id: str
    mode: Mode
    region: str
    seed: int
    players: tuple[RoomPlayer, ...]
    created_at_ms: int
    queued_at_ms: int
    traceparent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomPace:
    """방의 때들(설정).

    차례로: 시작을 알리고 틱이 돌기까지, 모두 떠난 판을 무효로 끝내기까지, 둘의 판에서 혼자 떠난 선수를 포기로
    치기까지.
    """

    start_countdown_ms: int
    abandon_after_ms: int
    concede_after_ms: int


@dataclass(frozen=True, slots=True)
class RoomViewer(Generic[S]):
    """자리를 보는 소켓 하나."""

    sink: S
    conn_id: int


@dataclass(slots=True, eq=False)
class RoomSeat(Generic[S]):
    """자리 하나. `epoch`는 이 자리를 잡은 접속의 세대이고 줄어들지 않는다.

    `traceparent`는 처음 앉은 선수의 추적이다. 떠난 선수의 자리에는 다시 앉을 수 없고, 함께 끝난 판의 끝만
    `ear`로 듣는다. `seq_owner`는 `last_seq`를 세기 시작한 접속이다.
    """

    slot: int
    player: RoomPlayer
    epoch: int = 1
    viewer: RoomViewer[S] | None = None
    ear: RoomViewer[S] | None = None
    has_left: bool = False
    last_seq: int = 0
    seq_owner: tuple[int, int] | None = None
    needs_snapshot: bool = True
    ever_attached: bool = False
    traceparent: str = ""

    def ask_snapshot(self) -> None:
        """다음 프레임은 delta가 아니라 snapshot이다."""
        self.needs_snapshot = True


class Room(Generic[S]):
    """판 하나. 같은 계획과 같은 부름의 순서는 같은 판을 만든다."""

    def __init__(self, plan: RoomPlan, *, pace: RoomPace, created_at_s: float) -> None:
        spec = plan.mode.spec
        self.plan = plan
        self.status = RoomStatus.CREATED
        self.abort_code = ""
        self.started_at_ms = 0
        self.ended_at_ms = 0
        self.host_ticks_per_step = TICK_RATE_HZ // spec.tick_rate_hz
        self.seats: list[RoomSeat[S]] = [RoomSeat(slot, player) for slot, player in enumerate(plan.players)]
        self._seat_by_player = {seat.player.player_id: seat for seat in self.seats}
        self._presence = Presence(
            len(self.seats), abandon_after_ms=pace.abandon_after_ms, concede_after_ms=pace.concede_after_ms
        )
        self._countdown_s = pace.start_countdown_ms / 1000
        self._start_by_s = created_at_s + START_WAIT_S
        self._starts_at_s: float | None = None
        self._rules: GameRules = plan.mode.rules(mode=spec, player_count=len(plan.players), seed=plan.seed)
        codec = codec_of(tuple(self._rules.state_fields))
        self.schema_json = codec.schema_json
        setup = {"duration_ms": spec.duration_ms, **self._rules.setup}
        self.setup_json = msgspec.json.encode(setup).decode()
        self._frames = StateEncoder(codec, self._rules.entities())

    @property
    def match_id(self) -> str:
        """판의 번호."""
        return self.plan.match_id

    @property
    def tick(self) -> int:
        """마지막으로 돈 틱. 시작하기 전에는 0이다."""
        return self._frames.tick

    @property
    def player_ids(self) -> tuple[str, ...]:
        """자리 순서의 선수들."""
        return tuple(self._seat_by_player)

    def left_ms(self, now_s: float) -> int:
        """끝나기까지 길어야 이만큼(밀리초). 아직 돌지 않으면 기다림과 카운트다운을 더한다."""
        spec = self.plan.mode.spec
        if self.status is RoomStatus.ENDED:
            return 0
        wait_s = 0.0
        if self.status is RoomStatus.CREATED:
            starts_at_s = max(self._start_by_s, now_s) + self._countdown_s
            wait_s = max(0.0, (starts_at_s if self._starts_at_s is None else self._starts_at_s) - now_s)
        return max(0, round(spec.duration_ms - 1000 * self.tick / spec.tick_rate_hz + 1000 * wait_s))

    def entity_players(self) -> dict[int, str]:
        """선수 엔티티의 번호와 선수."""
        return {self._rules.entity_of_slot(seat.slot): seat.player.player_id for seat in self.seats}

    def seat_of(self, player_id: str) -> RoomSeat[S] | None:
        """이 선수의 자리. 이 판의 선수가 아니면 None."""
        return self._seat_by_player.get(player_id)

    def attach(
        self, player_id: str, epoch: int, viewer: RoomViewer[S], *, traceparent: str = ""
    ) -> tuple[RoomSeat[S], RoomViewer[S] | None]:
        """소켓을 자리에 앉힌다. 밀려난 소켓이 있으면 함께 준다. 새 소켓의 첫 프레임은 snapshot이다.

        Raises:
            NotInMatch: 이 판의 선수가 아니거나 판을 떠났다.
            Superseded: 더 새로운 접속이 이미 자리를 이었다.
        """
        seat = self._seat_by_player.get(player_id)
        if seat is None or seat.has_left:
            raise NotInMatch
        if epoch < seat.epoch:
            raise Superseded
        replaced = seat.viewer if seat.viewer not in (None, viewer) else None
        seat.epoch, seat.viewer = epoch, viewer
        seat.needs_snapshot = seat.ever_attached = True
        seat.traceparent = seat.traceparent or traceparent
        self._presence.came(seat.slot)
        return seat, replaced

    def detach(self, seat: RoomSeat[S], viewer: RoomViewer[S]) -> None:
        """소켓이 떠났다. 이미 다른 소켓이 이은 자리면 아무 일도 없다. 빈 자리의 선수는 멈춰 선다."""
        if seat.viewer != viewer:
            return
        self._vacate(seat)

    def take_input(self, seat: RoomSeat[S], seq: int, values: Sequence[int]) -> None:
        """입력을 다음 틱에 반영하게 놓는다. 이미 놓은 번호(다시 보낸 것)와 끝난 판의 입력은 버린다.

        시작 전의 입력은 첫 틱에 반영된다: 시작을 기다리며 누른 키가 사라지지 않는다. 새 접속의 첫 입력은
        번호가 무엇이든 거기서부터 센다. 한 접속에서 크게 뛰거나 되돌아간 번호도 듣는다: 번호 하나가 자리를
        묶지 못한다.

        Raises:
            InvalidArgument: 칸의 수나 범위가 틀렸다.
        """
        fields = self._rules.input_fields
        if len(values) != len(fields) or not all(
            field.min <= value <= field.max for field, value in zip(fields, values, strict=True)
        ):
            raise InvalidArgument("입력 칸의 수나 범위가 틀렸습니다")
        if self.status is not RoomStatus.ENDED and self._is_new(seat, seq):
            seat.last_seq = seq
            self._rules.apply_input(seat.slot, values)

    def _is_new(self, seat: RoomSeat[S], seq: int) -> bool:
        """다시 보낸 것이 아닌가. 번호는 2^32에서 돈다(RFC 1982)."""
        owner = (seat.epoch, seat.viewer.conn_id) if seat.viewer is not None else None
        if owner != seat.seq_owner:
            seat.seq_owner = owner
            return True
        behind = (seat.last_seq - seq) % SEQ_SPAN
        return behind >= RESENT_SEQS

    def leave(self, seat: RoomSeat[S], ear: RoomViewer[S]) -> None:
        """선수가 떠난다(여러 번 불러도 같다). 자리를 비우고 포기하며 다시 앉을 수 없다.

        그래서 판이 끝나면(벌써 끝났어도) 그 끝만은 `ear`로 듣는다.
        """
        seat.has_left = True
        self._vacate(seat)
        self._concede(seat)
        if self.is_decided:
            seat.ear = ear

    def pass_tick(self, now_ms: int, *, is_held: bool) -> None:
        """host 틱 하나가 지났다: 모두 버린 판은 무효로 끝내고, 둘의 판에서 너무 오래 비운 선수는 포기로 친다.

        `is_held`는 이 서버가 어느 gateway와도 이어져 있지 않다는 뜻이다.
        """
        presence = self._presence
        presence.advance(is_held=is_held)
        if self.status is RoomStatus.ENDED or presence.is_full:
            return
        conceded = self._rules.conceded()
        absentee = presence.absentee(conceded)
        if presence.is_abandoned(conceded):
            self._end(now_ms, Abandoned.code)
        elif absentee is not None:
            self._concede(self.seats[absentee])

    @property
    def is_decided(self) -> bool:
        """더 둘 것이 없는가. 시작하기 전에도 모두 떠나 남은 이가 둘보다 적으면 그렇다."""
        return self.status is RoomStatus.ENDED or self._rules.is_over

    def _vacate(self, seat: RoomSeat[S]) -> None:
        seat.viewer = None
        self._presence.went(seat.slot)
        if self.status is not RoomStatus.ENDED:
            self._rules.idle(seat.slot)

    def _concede(self, seat: RoomSeat[S]) -> None:
        if self.status is not RoomStatus.ENDED:
            self._rules.leave(seat.slot)

    @property
    def is_announced(self) -> bool:
        """시작을 알렸는가: 카운트다운이거나, 돌거나, 끝났다."""
        return self._starts_at_s is not None or self.status is not RoomStatus.CREATED

    @property
    def is_counting_down(self) -> bool:
        """시작을 알렸고 틱 0을 기다리는가."""
        return self.is_announced and self.status is RoomStatus.CREATED

    @property
    def is_still(self) -> bool:
        """시작은 알렸으나 틱마다의 프레임이 나가지 않는가: 카운트다운이거나 끝났다."""
        return self.is_announced and self.status is not RoomStatus.RUNNING

    def ready_to_announce(self, now_s: float) -> bool:
        """시작을 알릴 때가 되었는가: 모두 앉았거나(포기한 선수는 빼고) 기다릴 만큼 기다렸다."""
        if self.is_announced:
            return False
        conceded = self._rules.conceded()
        return now_s >= self._start_by_s or all(
            seat.viewer is not None or seat.slot in conceded for seat in self.seats
        )

    def announce(self, now_s: float) -> None:
        """카운트다운을 시작한다."""
        self._starts_at_s = now_s + self._countdown_s

    def starts_in_ms(self, now_s: float) -> int:
        """틱이 돌기까지 남은 시간. 알리지 않았거나 이미 돌면 0."""
        if self._starts_at_s is None or self.status is not RoomStatus.CREATED:
            return 0
        return max(0, round(1000 * (self._starts_at_s - now_s)))

    def ready_to_start(self, now_s: float) -> bool:
        """카운트다운이 끝났는가."""
        is_counting = self.status is RoomStatus.CREATED and self._starts_at_s is not None
        return is_counting and self.starts_in_ms(now_s) == 0

    def start(self, now_ms: int) -> None:
        """틱 0의 상태로 판을 연다."""
        self.status = RoomStatus.RUNNING
        self.started_at_ms = now_ms

    def step(self, now_ms: int) -> None:
        """한 틱 돌고 보는 소켓마다 프레임을 낸다. 판이 끝났으면 ended가 된다."""
        if not self._rules.is_over:
            self._rules.step()
            self._frames.advance(self._rules.entities(), self._rules.touched(), self._rules.removed())
            self.emit_frames()
        if self._rules.is_over:
            self._end(now_ms, "" if any(seat.ever_attached for seat in self.seats) else Abandoned.code)

    def emit_frames(self) -> None:
        """보는 소켓마다 이 틱의 프레임 하나. 받지 않는 Link의 소켓은 다음에 snapshot을 받는다."""
        for seat in self.seats:
            if seat.viewer is not None:
                self._emit(seat, seat.viewer)

    def emit_snapshots(self) -> None:
        """snapshot을 기다리는 소켓에만 낸다. 돌지 않는 판을 보러 온 소켓을 위한 것이다."""
        for seat in self.seats:
            if seat.viewer is not None and seat.needs_snapshot:
                self._emit(seat, seat.viewer)

    def abort(self, code: str, now_ms: int) -> None:
        """판을 무효로 끝낸다. 레이팅은 움직이지 않는다. 이미 끝난 판이면 아무 일도 없다."""
        if self.status is not RoomStatus.ENDED:
            self._end(now_ms, code)

    def standings(self) -> tuple[PlayerOutcome, ...]:
        """지금의 순위. 순위, 선수 순으로 늘어놓는다."""
        scores = self._rules.scores()
        conceded = self._rules.conceded()
        ranked = places(scores, conceded)
        rows = [
            PlayerOutcome(
                player_id=seat.player.player_id,
                place=ranked[seat.slot],
                score=scores[seat.slot],
                conceded=seat.slot in conceded,
            )
            for seat in self.seats
        ]
        return tuple(sorted(rows, key=lambda row: (row.place, row.player_id)))

    def _emit(self, seat: RoomSeat[S], viewer: RoomViewer[S]) -> None:
        sink = viewer.sink
        if not sink.accepts_frames:
            seat.needs_snapshot = True
        elif seat.needs_snapshot:
            seat.needs_snapshot = False
            sink.add_frame(viewer.conn_id, self._frames.snapshot_frame(seat.last_seq))
        else:
            sink.add_frame(viewer.conn_id, self._frames.delta_frame(seat.last_seq))

    def _end(self, now_ms: int, abort_code: str) -> None:
        self.status = RoomStatus.ENDED
        self.abort_code = abort_code
        self.ended_at_ms = now_ms


AnyRoom = Room[Any]
"""보는 소켓이 어느 줄에 있는지 가리지 않는 방."""
