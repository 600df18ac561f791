"""이 서버의 모든 방과, 방을 보는 모든 소켓. 틱마다 방들을 돌리고 gateway마다 한 묶음을 낸다.

저장소와 gRPC를 모른다. 방이 시작하고 끝난 일은 RoomEvents로 알린다.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from gameservices.session.identity import ServerIdentity
from gameservices.session.rooms import link_events
from gameservices.session.rooms.gateway_link import GatewayLink
from gameservices.session.rooms.room import (
    AnyRoom,
    Room,
    RoomPace,
    RoomPlan,
    RoomSeat,
    RoomStatus,
    RoomViewer,
)
from hanpan.v1 import session_pb2
from kernel.clock import Clock
from kernel.errors import HanpanError, Internal, NotInMatch, SessionLost, Unavailable
from telemetry import metrics
from telemetry.logs import get_logger
from telemetry.tracing import current_traceparent

log = get_logger(__name__)

# 끝났지만 아직 MariaDB에 쓰이지 않은 방은 결과를 기다리는 소켓 때문에 남는다. 그 수의 상한이다.
MAX_UNSETTLED_ROOMS = 5_000


class RoomEvents(Protocol):
    """방의 일을 듣는 쪽. 기다리지 않고 곧바로 돌아와야 한다(틱 안에서 불린다)."""

    def room_started(self, room: AnyRoom) -> None:
        """판이 틱 0에서 돌기 시작했다."""

    def room_ended(self, room: AnyRoom) -> None:
        """판이 끝났다. 결과를 남긴 뒤 `RoomHost.settle`을 부른다."""

    def player_left(self, room: AnyRoom, player_id: str, tell: Callable[[], None]) -> None:
        """선수가 판을 떠났다. 놓아준 뒤 `tell`로 그에게 알린다."""


HostedRoom = Room[GatewayLink]
Attachment = tuple[HostedRoom, RoomSeat[GatewayLink]]


class RoomHost:
    """방들의 주인. 모두 이벤트 루프 한 스레드에서 불린다."""

    def __init__(self, *, identity: ServerIdentity, pace: RoomPace, clock: Clock, events: RoomEvents) -> None:
        self._server_id = identity.server_id
        self._capacity_matches = identity.capacity_matches
        self._pace = pace
        self._clock = clock
        self._events = events
        self._live: dict[str, HostedRoom] = {}
        self._ended: dict[str, HostedRoom] = {}
        self._links: dict[GatewayLink, dict[int, Attachment]] = {}
        self._late_views: set[HostedRoom] = set()
        self._ticks = 0

    # ---- 방

    @property
    def running_matches(self) -> int:
        """끝나지 않은 판의 수. 서버의 부하다."""
        return len(self._live)

    @property
    def unsettled_matches(self) -> int:
        """끝났지만 결과가 아직 쓰이지 않은 판의 수."""
        return len(self._ended)

    def longest_left_ms(self) -> int:
        """가장 오래 남은 판이 끝나기까지의 밀리초. 도는 판이 없으면 0."""
        now_s = self._clock.monotonic_s()
        return max((room.left_ms(now_s) for room in self._live.values()), default=0)

    def live_rooms(self) -> list[HostedRoom]:
        """끝나지 않은 방들."""
        return list(self._live.values())

    def rooms(self) -> list[HostedRoom]:
        """들고 있는 모든 방. 끝났지만 결과가 쓰이지 않은 방도 있다."""
        return [*self._live.values(), *self._ended.values()]

    def find(self, match_id: str) -> HostedRoom | None:
        """이 서버가 들고 있는 방. 끝났지만 결과가 쓰이지 않은 방도 준다."""
        return self._live.get(match_id) or self._ended.get(match_id)

    def check_capacity(self, opening: int = 0) -> None:
        """새 판을 받을 수 있는지 본다. `opening`은 열고 있어 아직 방이 없는 판의 수다.

        Raises:
            Unavailable: 자리가 없다.
        """
        if len(self._live) + opening >= self._capacity_matches or len(self._ended) >= MAX_UNSETTLED_ROOMS:
            raise Unavailable("자리가 없습니다")

    def open_room(self, plan: RoomPlan) -> HostedRoom:
        """방을 만든다. 다음 틱부터 시작할 때를 기다린다."""
        room: HostedRoom = Room(plan, pace=self._pace, created_at_s=self._clock.monotonic_s())
        self._live[room.match_id] = room
        metrics.session_matches.set(len(self._live))
        return room

    def abort_all(self, code: str) -> None:
        """남은 판을 모두 무효로 끝낸다. 드레인 유예가 다했을 때 쓴다."""
        for room in self.live_rooms():
            room.abort(code, self._clock.now_ms())
            self._retire(room)

    def abort(self, match_id: str, code: str) -> None:
        """판 하나를 무효로 끝낸다. 이미 끝났거나 없는 판이면 아무 일도 없다."""
        room = self._live.get(match_id)
        if room is not None:
            room.abort(code, self._clock.now_ms())
            self._retire(room)

    def settle(self, match_id: str, control: session_pb2.Control) -> None:
        """결과가 정해진 방을 치우고, 보고 있던 소켓들에 알린다."""
        room = self._ended.pop(match_id, None)
        if room is None:
            return
        self._late_views.discard(room)
        self._notify_room(room, control)
        for seat in room.seats:
            self._forget(room, seat)

    # ---- gateway의 줄과 소켓

    def open_link(self, link: GatewayLink) -> None:
        """새 줄. 같은 gateway의 옛 줄은 끊는다(다시 뜬 gateway의 소켓은 모두 새것이다)."""
        for old in [other for other in self._links if other.gateway_id == link.gateway_id]:
            old.cut("replaced")
            self.drop_link(old)
        self._links[link] = {}

    def drop_link(self, link: GatewayLink) -> None:
        """줄이 끊겼다. 그 줄의 소켓들이 자리를 비운다."""
        for conn_id, (room, seat) in self._links.pop(link, {}).items():
            room.detach(seat, RoomViewer(link, conn_id))

    def links(self) -> tuple[GatewayLink, ...]:
        """열려 있는 줄들."""
        return tuple(self._links)

    def attach(self, link: GatewayLink, conn_id: int, match_id: str, player_id: str, epoch: int) -> None:
        """소켓을 자리에 앉히고 답한다. 밀려난 소켓에는 그 줄로 알린다."""
        room = self.find(match_id)
        if room is None:
            link.notify([conn_id], link_events.refused(match_id, SessionLost()))
            return
        try:
            seat, replaced = room.attach(
                player_id, epoch, RoomViewer(link, conn_id), traceparent=current_traceparent()
            )
        except HanpanError as error:
            link.notify([conn_id], link_events.refused(match_id, error))
            return
        if replaced is not None:
            self._displace(room, replaced)
        self.detach(link, conn_id, unless=seat)
        self._links[link][conn_id] = (room, seat)
        link.notify([conn_id], link_events.attached(room, self._server_id))
        if room.is_announced:
            link.notify([conn_id], link_events.match_start(room, self._clock.monotonic_s()))
        if room.is_still:
            self._late_views.add(room)

    def detach(self, link: GatewayLink, conn_id: int, *, unless: RoomSeat[GatewayLink] | None = None) -> None:
        """소켓이 떠났다. `unless`는 같은 소켓이 다시 앉은 자리다."""
        attachment = self._links[link].get(conn_id)
        if attachment is None or attachment[1] is unless:
            return
        room, seat = attachment
        room.detach(seat, RoomViewer(link, conn_id))
        del self._links[link][conn_id]

    def take_input(self, link: GatewayLink, conn_id: int, seq: int, values: list[int]) -> None:
        """입력 하나. 자리를 잃은 소켓의 입력은 버린다(그 소켓은 이미 통지를 받았다)."""
        attachment = self._links[link].get(conn_id)
        if attachment is None:
            return
        room, seat = attachment
        try:
            room.take_input(seat, seq, values)
        except HanpanError as error:
            link.notify([conn_id], link_events.refused(room.match_id, error))
            return
        if room.is_counting_down:
            # 틱이 돌지 않아 프레임이 없다. 들었다는 것(머리의 seq)을 다음 틱에 따로 알린다.
            # 끝난 판에는 알리지 않는다: 반영되지 않는 입력이고, 같은 틱의 모습이 한 번 더 나간다.
            seat.ask_snapshot()
            self._late_views.add(room)

    def leave(self, link: GatewayLink, conn_id: int, match_id: str, player_id: str) -> None:
        """선수가 그 판을 떠난다. 앉아 있지 않아도 된다: 죽은 스트림에서 한 말이 새 스트림으로 다시 온다.

        `player_id`가 비면(v1.5.0의 gateway) 그 소켓이 앉은 자리다.
        """
        room = self.find(match_id)
        seat = self._leaving_seat(link, conn_id, room, player_id) if room is not None else None
        if room is None or seat is None:
            link.notify([conn_id], link_events.refused(match_id, NotInMatch()))
            return
        leaver = RoomViewer(link, conn_id)
        sockets = {leaver, seat.viewer or leaver}
        for socket in sockets:
            self._unlink(room, seat, socket)
        room.leave(seat, leaver)
        left = link_events.left(match_id, is_over=room.is_decided)

        def tell() -> None:
            for socket in sockets:
                socket.sink.notify([socket.conn_id], left)

        self._events.player_left(room, seat.player.player_id, tell)

    def _leaving_seat(
        self, link: GatewayLink, conn_id: int, room: HostedRoom, player_id: str
    ) -> RoomSeat[GatewayLink] | None:
        if player_id:
            return room.seat_of(player_id)
        attachment = self._links[link].get(conn_id)
        return attachment[1] if attachment is not None and attachment[0] is room else None

    def resync(self, link: GatewayLink, conn_id: int) -> None:
        """프레임을 잃은 소켓이 다음 틱에 snapshot을 받는다."""
        attachment = self._links[link].get(conn_id)
        if attachment is None:
            return
        room, seat = attachment
        seat.ask_snapshot()
        if room.is_still:
            self._late_views.add(room)

    # ---- 틱

    def tick(self) -> None:
        """모든 방을 한 틱 돌리고 gateway마다 한 묶음을 내보낸다."""
        self._ticks += 1
        now_s, now_ms = self._clock.monotonic_s(), self._clock.now_ms()
        links = self.links()
        for link in links:
            link.begin_tick(now_s)
        for room in self.live_rooms():
            self._advance_safely(room, now_s, now_ms, is_held=not links)
        for room in self._late_views:
            room.emit_snapshots()
        self._late_views.clear()
        for link in links:
            link.flush()
        metrics.session_tick_seconds.observe(self._clock.monotonic_s() - now_s)

    def _advance_safely(self, room: HostedRoom, now_s: float, now_ms: int, *, is_held: bool) -> None:
        """한 방의 고장이 다른 방을 멈추지 않는다: 그 판만 무효로 끝난다."""
        try:
            room.pass_tick(now_ms, is_held=is_held)
            if room.status is not RoomStatus.ENDED:
                self._advance(room, now_s, now_ms)
        except Exception:
            log.exception("room.failed", match_id=room.match_id)
            metrics.invariant_violations.labels("room_failed").inc()
            room.abort(Internal.code, now_ms)
        if room.status is RoomStatus.ENDED:
            self._retire(room)

    def _advance(self, room: HostedRoom, now_s: float, now_ms: int) -> None:
        if room.status is RoomStatus.RUNNING:
            if self._ticks % room.host_ticks_per_step == 0:
                room.step(now_ms)
            return
        if room.is_decided:
            # 시작하기 전에 떠나 판이 정해졌다. 틱은 돌지 않는다.
            room.start(now_ms)
            room.step(now_ms)
            return
        if room.ready_to_announce(now_s):
            room.announce(now_s)
            self._notify_room(room, link_events.match_start(room, now_s))
            room.emit_frames()
        if room.ready_to_start(now_s):
            room.start(now_ms)
            self._events.room_started(room)

    def _retire(self, room: HostedRoom) -> None:
        del self._live[room.match_id]
        self._ended[room.match_id] = room
        metrics.session_matches.set(len(self._live))
        self._events.room_ended(room)

    # ---- 안의 일

    def _notify_room(self, room: HostedRoom, control: session_pb2.Control) -> None:
        """방을 보거나 끝만 듣는 소켓들에 알린다. gateway 하나에 통지 하나다."""
        by_link: dict[GatewayLink, list[int]] = {}
        for viewer in (seat.viewer or seat.ear for seat in room.seats):
            if viewer is None:
                continue
            by_link.setdefault(viewer.sink, []).append(viewer.conn_id)
        for link, conn_ids in by_link.items():
            link.notify(conn_ids, control)

    def _displace(self, room: HostedRoom, replaced: RoomViewer[GatewayLink]) -> None:
        self._links[replaced.sink].pop(replaced.conn_id, None)
        replaced.sink.notify([replaced.conn_id], link_events.superseded(room.match_id))

    def _forget(self, room: HostedRoom, seat: RoomSeat[GatewayLink]) -> None:
        """자리의 소켓이 아직 이 판을 보고 있으면 매인 것을 푼다(그 사이 다른 판에 앉았을 수 있다)."""
        if seat.viewer is not None:
            self._unlink(room, seat, seat.viewer)

    def _unlink(self, room: HostedRoom, seat: RoomSeat[GatewayLink], socket: RoomViewer[GatewayLink]) -> None:
        attached = self._links.get(socket.sink, {})
        if attached.get(socket.conn_id) == (room, seat):
            del attached[socket.conn_id]
