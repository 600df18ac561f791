"""방의 자리와 입력 번호를 아무 순서로나 흔든다: epoch와 seq는 줄지 않고, 자리는 한 소켓의 것이다."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gameservices.session.room import AnyRoom, Room, RoomStatus, Viewer
from kernel.errors import Superseded
from tests.fakes.session_rooms import PACE, CollectingSink, duel, plan, player_id

PLAYERS = st.integers(1, 2)
CONNS = st.integers(1, 4)


class RoomMachine(RuleBasedStateMachine):
    """gateway 둘에서 소켓들이 오가는 duel 하나. 모형은 자리마다 (epoch, 소켓, seq)다."""

    room: AnyRoom

    @initialize()
    def open(self) -> None:
        self.room = Room(plan(mode=duel(60_000)), pace=PACE, created_at_s=0.0)
        self.sinks = [CollectingSink(), CollectingSink()]
        self.epochs = {1: 1, 2: 1}
        self.viewers: dict[int, Viewer[CollectingSink] | None] = {1: None, 2: None}
        self.seqs = {1: 0, 2: 0}
        self.conceded = False

    @rule(player=PLAYERS, gateway=st.integers(0, 1), conn=CONNS, epoch=st.integers(1, 6))
    def attach(self, player: int, gateway: int, conn: int, epoch: int) -> None:
        viewer = Viewer(self.sinks[gateway], conn)
        before = self.viewers[player]
        try:
            _, replaced = self.room.attach(player_id(player), epoch, viewer)
        except Superseded:
            assert epoch < self.epochs[player]
            return
        assert epoch >= self.epochs[player]
        assert replaced == (before if before != viewer else None)
        self.epochs[player], self.viewers[player] = epoch, viewer

    @rule(player=PLAYERS, gateway=st.integers(0, 1), conn=CONNS)
    def detach(self, player: int, gateway: int, conn: int) -> None:
        viewer = Viewer(self.sinks[gateway], conn)
        self.room.detach(self.room.seats[player - 1], viewer)
        if self.viewers[player] == viewer:
            self.viewers[player] = None

    @rule(player=PLAYERS, seq=st.integers(1, 20), dx=st.integers(-1, 1))
    def send_input(self, player: int, seq: int, dx: int) -> None:
        self.room.take_input(self.room.seats[player - 1], seq, [dx, 0])
        if self.room.status is not RoomStatus.ENDED:
            self.seqs[player] = max(self.seqs[player], seq)

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
        if self.conceded:
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
    def concede(self, player: int) -> None:
        if self.room.status is not RoomStatus.ENDED:
            self.conceded = True
        self.room.concede(self.room.seats[player - 1])

    @invariant()
    def the_room_agrees_with_the_model(self) -> None:
        for player in (1, 2):
            seat = self.room.seats[player - 1]
            assert seat.epoch == self.epochs[player]
            assert seat.viewer == self.viewers[player]
            assert seat.last_seq == self.seqs[player]


TestRoomMachine = RoomMachine.TestCase
TestRoomMachine.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)
