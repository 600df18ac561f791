"""끝난 판을 선수의 소켓에 알린다: 저장된 결과, 무산, 사라짐. 결과는 아무 session 서버에나 묻는다."""

from __future__ import annotations

from gateway.protocol import server_frames
from gateway.protocol.frame_fields import kind_of
from gateway.seats.link_dispatch import result_message
from gateway.seats.ports import SessionRoutes
from gateway.seats.session_links import NobodyToAsk
from gateway.websocket.connection import Connection
from hanpan.v1 import common_pb2, session_pb2
from kernel.errors import HanpanError, MatchNotOver, SessionLost, Unavailable
from telemetry.logs import get_logger

log = get_logger(__name__)


class MatchEndings:
    """판의 끝을 아는 길. `ports.EndTeller`."""

    def __init__(self, sessions: SessionRoutes) -> None:
        self._sessions = sessions

    async def tell_result(self, conn: Connection, player_id: str, match_id: str) -> bool:
        """끝난 판의 결과를 준다. 결과가 없으면 False.

        Raises:
            Unavailable: 아직 알 수 없다(저장소가 멈췄거나 결과가 쓰이는 중이다).
        """
        try:
            result = await self._sessions.result(match_id, player_id)
        except MatchNotOver:
            raise Unavailable("결과가 아직 쓰이는 중입니다") from None
        except Unavailable:
            raise
        except HanpanError as error:
            log.info("result.absent", match_id=match_id, code=error.code)
            return False
        _push_end(conn, result)
        return True

    async def tell_stored(self, conn: Connection, player_id: str, match_id: str) -> bool:
        """저장된 결과를 통지로 보낸다. 없거나 물을 서버조차 없으면 False다.

        Raises:
            Unavailable: 결과가 있는지 지금 알 수 없다.
        """
        result = await self.find(player_id, match_id)
        if result is not None:
            _push_end(conn, result)
        return result is not None

    async def find(self, player_id: str, match_id: str) -> session_pb2.MatchResult | None:
        """저장된 결과. 없거나 물을 서버조차 없으면 None이다.

        Raises:
            Unavailable: 결과가 있는지 지금 알 수 없다.
        """
        try:
            return await self._sessions.result(match_id, player_id)
        except HanpanError as error:
            if isinstance(error, Unavailable) and not isinstance(error, NobodyToAsk):
                raise
            log.info("result.absent", match_id=match_id, code=error.code)
            return None

    def tell_lost(self, conn: Connection, match_id: str) -> None:
        """판이 사라졌다고 알린다."""
        log.warning("match.lost", match_id=match_id)
        push_end(conn, match_id, server_frames.MatchAborted(match_id=match_id, code=SessionLost.code))


def push_end(conn: Connection, match_id: str, message: server_frames.ServerMessage) -> None:
    """판의 끝을 말하는 답이나 통지를 보낸다."""
    conn.push_end(match_id, kind_of(message), server_frames.encode(message))


def _push_end(conn: Connection, result: session_pb2.MatchResult) -> None:
    if result.status == common_pb2.MATCH_STATUS_ABORTED:
        aborted = server_frames.MatchAborted(match_id=result.match_id, code=result.abort_code)
        push_end(conn, result.match_id, aborted)
    else:
        push_end(conn, result.match_id, result_message(result))
