"""gateway로 가는 통지(Control)를 만든다. 판의 값을 protobuf로 옮길 뿐 아무것도 정하지 않는다."""

from __future__ import annotations

from gameservices.session.rooms.room import AnyRoom
from hanpan.v1 import common_pb2, session_pb2
from kernel.errors import HanpanError
from matches.outcome import Settlement, StoredResult
from rpc.errors import text_params


def attached(room: AnyRoom, server_id: str) -> session_pb2.Control:
    """자리에 앉았다는 답."""
    players = [
        common_pb2.MatchPlayer(
            player_id=seat.player.player_id,
            name=seat.player.name,
            rating=seat.player.rating,
            slot=seat.slot,
            is_bot=seat.player.is_bot,
        )
        for seat in room.seats
    ]
    return session_pb2.Control(
        attached=session_pb2.Attached(
            match_id=room.match_id,
            mode=room.plan.mode.spec.name,
            session_id=server_id,
            tick=room.tick,
            tick_rate_hz=room.plan.mode.spec.tick_rate_hz,
            players=players,
        )
    )


def match_start(room: AnyRoom, now_s: float) -> session_pb2.Control:
    """판이 곧 돈다는(또는 도는 중이라는) 통지."""
    return session_pb2.Control(
        match_start=session_pb2.MatchStart(
            match_id=room.match_id,
            tick=room.tick,
            schema_json=room.schema_json,
            setup_json=room.setup_json,
            entity_players=room.entity_players(),
            starts_in_ms=room.starts_in_ms(now_s),
        )
    )


def match_over(settlement: Settlement) -> session_pb2.Control:
    """판의 결과가 정해졌다는 통지: 반영되었거나 무효다."""
    if settlement.abort_code:
        aborted = session_pb2.MatchAborted(match_id=settlement.match_id, code=settlement.abort_code)
        return session_pb2.Control(match_aborted=aborted)
    return session_pb2.Control(match_result=match_result(settlement, already_finalized=False))


def match_result(settlement: Settlement, *, already_finalized: bool) -> session_pb2.MatchResult:
    """정해진 결과 한 벌."""
    status = common_pb2.MATCH_STATUS_ABORTED if settlement.abort_code else common_pb2.MATCH_STATUS_FINALIZED
    return session_pb2.MatchResult(
        match_id=settlement.match_id,
        status=status,
        already_finalized=already_finalized,
        results=[_player_result(row) for row in settlement.results],
        abort_code=settlement.abort_code,
    )


def superseded(match_id: str) -> session_pb2.Control:
    """더 새로운 소켓이 자리를 이었다는 통지."""
    return session_pb2.Control(superseded=session_pb2.Superseded(match_id=match_id))


def left(match_id: str, *, is_over: bool) -> session_pb2.Control:
    """판을 떠났다는 답. `is_over`면 그 끝이 뒤따른다."""
    return session_pb2.Control(left=session_pb2.Left(match_id=match_id, is_over=is_over))


def refused(match_id: str, error: HanpanError) -> session_pb2.Control:
    """요청이 거절되었다는 답."""
    return session_pb2.Control(
        refused=session_pb2.Refused(
            match_id=match_id,
            code=error.code,
            message=error.message,
            source=error.source,
            params=text_params(error),
        )
    )


def _player_result(row: StoredResult) -> common_pb2.PlayerResult:
    """성적 한 줄. 레이팅은 반영된 판에만 있다."""
    return common_pb2.PlayerResult(
        player_id=row.player_id,
        place=row.place,
        score=row.score,
        rating_before=row.rating_before,
        rating_after=row.rating_after,
        conceded=row.conceded,
    )
