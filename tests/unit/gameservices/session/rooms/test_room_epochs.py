"""방의 자리와 입력 번호를 아무 순서로나 흔든다: epoch는 줄지 않고, 자리는 한 소켓의 것이며, 떠난 자리는 빈다.

번호는 어떤 소켓이 무엇을 보냈든, 다시 1부터 세는 소켓과 이어 세는 소켓이 모두 들린다.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gameservices.session.rooms.room import RESENT_SEQS, AnyRoom, Room, RoomStatus, RoomViewer
from kernel.errors import NotInMatch, Superseded
from tests.fakes.session_rooms import PACE, CollectingSink, duel, plan, player_id

PLAYERS = st.integers(1, 2)
CONNS = st.integers(1, 4)
SEQ_MAX = 2**32 - 1
SEQS = st.one_of(st.integers(1, 20), st.integers(1, SEQ_MAX), st.sampled_from([2**31, SEQ_MAX]))


class RoomMachine(RuleBasedStateMachine):
    """gateway 둘에서 소켓들이 오가는 duel 하나. 모형은 자리마다 (epoch, 소켓, seq)다."""

    room: AnyRoom

    @initialize()
    def open(self) -> None:
        self.room = Room(plan(mode=duel(60_000)), pace=PACE, created_at_s=0.0)
        self.sinks = [CollectingSink(), CollectingSink()]
        self.epochs = {1: 1, 2: 1}
        self.viewers: dict[int, RoomViewer[CollectingSink] | None] = {1: None, 2: None}
        self.seqs = {1: 0, 2: 0}
        self.seq_owners: dict[int, tuple[int, int]] = {}
        self.left: set[int] = set()

    @rule(player=PLAYERS, gateway=st.integers(0, 1), conn=CONNS, epoch=st.integers(1, 6))
    def attach(self, player: int, gateway: int, conn: int, epoch: int) -> None:
        viewer = RoomViewer(self.sinks[gateway], conn)
        before = self.viewers[player]
        try:
            _, replaced = self.room.attach(player_id(player), epoch, viewer)
        except NotInMatch:
            assert player in self.left
            return
        except Superseded:
            assert epoch < self.epochs[player]
            return
        assert player not in self.left
        assert epoch >= self.epochs[player]
        assert replaced == (before if before != viewer else None)
        self.epochs[player], self.viewers[player] = epoch, viewer

    @rule(player=PLAYERS, gateway=st.integers(0, 1), conn=CONNS)
    def detach(self, player: int, gateway: int, conn: int) -> None:
        viewer = RoomViewer(self.sinks[gateway], conn)
        self.room.detach(self.room.seats[player - 1], viewer)
        if self.viewers[player] == viewer:
            self.viewers[player] = None

    @rule(player=PLAYERS, seq=SEQS, dx=st.integers(-1, 1))
    def send_input(self, player: int, seq: int, dx: int) -> None:
        viewer = self.viewers[player]
        if viewer is None:
            return  # 앉지 않은 소켓의 입력은 방까지 오지 않는다
        self.room.take_input(self.room.seats[player - 1], seq, [dx, 0])
        if self.room.status is RoomStatus.ENDED:
            return
        owner = (self.epochs[player], viewer.conn_id)
        is_first = self.seq_owners.get(player) != owner
        self.seq_owners[player] = owner
        if is_first or (self.seqs[player] - seq) % 2**32 >= RESENT_SEQS:
            self.seqs[player] = seq

    @rule()
    def start(self) -> None:
        if self.room.status is RoomStatus.CREATED:
            self.room.start(1_000)

    @rule()
    def step(self) -> None:
        if self.room.status is not RoomStatus.RUNNING:
            return
        for sink in self.sinks:
            sink.seen.clear()
        before = self.room.tick
        self.room.step(2_000)
        if self.left:
            assert self.room.ended_at_ms == 2_000
            return
        assert self.room.tick == before + 1
        for player, viewer in self.viewers.items():
            if viewer is not None:
                assert any(
                    frame.conn_id == viewer.conn_id
                    and frame.seq == self.seqs[player]
                    and frame.tick == before + 1
                    for frame in viewer.sink.seen
                )

    @rule(player=PLAYERS)
    def leave(self, player: int) -> None:
        self.room.leave(self.room.seats[player - 1], RoomViewer(self.sinks[0], 9))
        self.left.add(player)
        self.viewers[player] = None

    @invariant()
    def the_room_agrees_with_the_model(self) -> None:
        for player in (1, 2):
            seat = self.room.seats[player - 1]
            assert seat.epoch == self.epochs[player]
            assert seat.viewer == self.viewers[player]
            assert seat.last_seq == self.seqs[player]


@given(st.lists(st.lists(SEQS, max_size=8), max_size=5), SEQS)
@settings(deadline=None)
def test_whatever_was_sent_before_one_who_counts_on_and_one_who_starts_anew_are_heard(
    sockets: list[list[int]], start: int
) -> None:
    room: AnyRoom = Room(plan(mode=duel(60_000)), pace=PACE, created_at_s=0.0)
    sink = CollectingSink()
    seat = room.seats[0]
    for epoch, seqs in enumerate([[], *sockets], start=1):
        room.attach(player_id(1), epoch, RoomViewer(sink, epoch))
        for seq in seqs:
            room.take_input(seat, seq, [1, 0])
    following = seat.last_seq % SEQ_MAX + 1
    room.take_input(seat, following, [1, 0])
    assert seat.last_seq == following, "머리의 번호 다음은 들린다"
    for seq in range(start, start + RESENT_SEQS + 1):
        room.take_input(seat, seq % SEQ_MAX + 1, [1, 0])
    assert seat.last_seq == (start + RESENT_SEQS) % SEQ_MAX + 1, (
        "같은 소켓에서 아무 데서나 다시 세도 곧 들린다"
    )
    room.attach(player_id(1), 90, RoomViewer(sink, 90))
    room.take_input(seat, 1, [1, 0])
    assert seat.last_seq == 1, "새 소켓은 1부터 세어도 곧바로 들린다"


TestRoomMachine = RoomMachine.TestCase
TestRoomMachine.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)
