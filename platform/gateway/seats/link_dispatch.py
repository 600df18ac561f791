"""session 서버가 내려보낸 묶음을 자리들에 나눠 준다. 같은 통지는 한 번만 글로 쓴다.

끝났거나 옮겨 간 자리에 늦게 온 것은 판 번호로 가려 버린다.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from gateway.protocol import server_frames
from gateway.protocol.frame_fields import kind_of
from gateway.seats.ports import LinkedSeat
from gateway.websocket.connection import count_states
from hanpan.v1 import common_pb2, session_pb2
from kernel.errors import Superseded

STATUS_NAMES = {
    common_pb2.MATCH_STATUS_CREATED: "created",
    common_pb2.MATCH_STATUS_RUNNING: "running",
    common_pb2.MATCH_STATUS_FINALIZED: "finalized",
    common_pb2.MATCH_STATUS_ABORTED: "aborted",
}


Drop = Callable[[int], None]


def deliver(control: session_pb2.Control, seats: Mapping[int, LinkedSeat], drop: Drop) -> None:
    """통지 하나를 받을 자리들에 준다. 스트림에서 떨어질 자리는 `drop`으로 먼저 뗀다."""
    kind = control.WhichOneof("event")
    if kind is None:
        return  # 더 새로운 서버의 모르는 통지
    event = getattr(control, kind)
    held = (seats.get(conn_id) for conn_id in control.conn_ids)
    receivers = [seat for seat in held if seat is not None and seat.match_id == event.match_id]
    if receivers:
        _HANDLERS[kind](event, receivers, drop)


def deliver_to_leavers(control: session_pb2.Control, leavers: Mapping[int, LinkedSeat], drop: Drop) -> None:
    """통지 하나를 그 판을 떠나는 자리들에 준다: 떠났다는 답과, 함께 끝난 판의 끝만이다.

    거절은 그런 판이 없다는 뜻이다: 이미 끝났거나 서버와 함께 사라졌다.
    """
    kind = control.WhichOneof("event")
    if kind in {"match_result", "match_aborted"}:
        _HANDLERS[kind](getattr(control, kind), list(leavers.values()), drop)
        return
    for conn_id, seat in leavers.items():
        if kind == "left":
            if not control.left.is_over:
                drop(conn_id)
            seat.left()
        elif kind == "refused":
            drop(conn_id)
            seat.lost()


def deliver_frames(batch: Iterable[session_pb2.Frame], seats: Mapping[int, LinkedSeat]) -> None:
    """상태 프레임들을 뜯지 않고 그대로 나눠 준다."""
    count = 0
    for frame in batch:
        payload = frame.payload
        for conn_id in frame.conn_ids:
            seat = seats.get(conn_id)
            if seat is not None:
                seat.state(payload)
                count += 1
    count_states(count)


def result_message(
    event: session_pb2.MatchResult, re: str | int | None = None
) -> server_frames.MatchResultFrame:
    """결과의 글 프레임."""
    return server_frames.MatchResultFrame(
        re=re,
        match_id=event.match_id,
        status=STATUS_NAMES[event.status],
        already_finalized=event.already_finalized,
        results=[
            server_frames.PlayerResultRow(
                player_id=row.player_id,
                place=row.place,
                score=row.score,
                rating_before=row.rating_before if row.HasField("rating_before") else None,
                rating_after=row.rating_after if row.HasField("rating_after") else None,
                conceded=row.conceded,
            )
            for row in event.results
        ],
    )


def _attached(event: session_pb2.Attached, receivers: list[LinkedSeat], _drop: Drop) -> None:
    for seat in receivers:
        seat.attached(event)


def _match_start(event: session_pb2.MatchStart, receivers: list[LinkedSeat], _drop: Drop) -> None:
    message = server_frames.MatchStart(
        match_id=event.match_id,
        tick=event.tick,
        schema=msgspec.Raw(event.schema_json.encode()),
        entities={str(entity): player_id for entity, player_id in event.entity_players.items()},
        setup=msgspec.Raw((event.setup_json or "{}").encode()),
        starts_in_ms=event.starts_in_ms,
    )
    kind, text = kind_of(message), server_frames.encode(message)
    for seat in receivers:
        seat.told(kind, text)


def _match_result(event: session_pb2.MatchResult, receivers: list[LinkedSeat], drop: Drop) -> None:
    _end(result_message(event), receivers, drop)


def _match_aborted(event: session_pb2.MatchAborted, receivers: list[LinkedSeat], drop: Drop) -> None:
    _end(server_frames.MatchAborted(match_id=event.match_id, code=event.code), receivers, drop)


def _end(message: server_frames.ServerMessage, receivers: list[LinkedSeat], drop: Drop) -> None:
    kind, text = kind_of(message), server_frames.encode(message)
    for seat in receivers:
        drop(seat.conn_id)
        seat.ended(kind, text)


def _superseded(_event: session_pb2.Superseded, receivers: list[LinkedSeat], drop: Drop) -> None:
    for seat in receivers:
        drop(seat.conn_id)
        seat.superseded()


def _refused(event: session_pb2.Refused, receivers: list[LinkedSeat], drop: Drop) -> None:
    if event.code == Superseded.code:
        _superseded(session_pb2.Superseded(match_id=event.match_id), receivers, drop)
        return
    for seat in receivers:
        if seat.is_attached:
            seat.refused(event)
        else:
            drop(seat.conn_id)
            seat.unseated(event)


def _left(event: session_pb2.Left, receivers: list[LinkedSeat], drop: Drop) -> None:
    """다른 소켓이 떠나게 한 자리다."""
    for seat in receivers:
        drop(seat.conn_id)
        seat.left()


_HANDLERS: Mapping[str, Callable[..., None]] = {
    "attached": _attached,
    "match_start": _match_start,
    "match_result": _match_result,
    "match_aborted": _match_aborted,
    "superseded": _superseded,
    "refused": _refused,
    "left": _left,
}
