"""resume 하나: 토큰이 가리킨 자리의 새 권리와, 앉았거나 판이 끝났을 때 할 말.

순수하다. 자리를 잇는 차례는 `seat_entry.py`에 있다.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.protocol import server_frames
from gateway.seats.link_dispatch import result_message
from gateway.websocket.player_phase import ConnectedPlayer
from hanpan.v1 import session_pb2
from players.names import guest_name
from redisstore.seats import RotatedSeat


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeAttempt:
    """토큰을 이미 바꾼 resume. `known_name`은 함께 낸 접근 토큰이 말한 이름이고, 내지 않았으면 빈 글이다."""

    grant: RotatedSeat
    request_id: str | int | None
    known_name: str
    gateway_id: str

    @property
    def match_id(self) -> str:
        """이으려는 판."""
        return self.grant.match_id

    @property
    def player_id(self) -> str:
        """자리의 주인."""
        return self.grant.player_id

    def seated_player(self, attached: session_pb2.Attached) -> ConnectedPlayer:
        """앉은 선수. 판의 선수 목록이 이름을 안다."""
        return next(
            (
                ConnectedPlayer(row.player_id, row.name, row.is_bot)
                for row in attached.players
                if row.player_id == self.player_id
            ),
            ConnectedPlayer(self.player_id, ""),
        )

    def resumed(self, attached: session_pb2.Attached) -> server_frames.Resumed:
        """앉았다는 답."""
        return server_frames.Resumed(
            re=self.request_id,
            match_id=self.match_id,
            resume_token=self.grant.resume_token,
            tick=attached.tick,
            gateway=self.gateway_id,
        )

    def finished_player(self, result: session_pb2.MatchResult) -> ConnectedPlayer:
        """끝난 판의 선수. 접근 토큰이 말한 이름을, 없으면 저장된 이름을 쓴다."""
        name = self.known_name or result.player_name or guest_name(self.player_id)
        return ConnectedPlayer(self.player_id, name, result.player_is_bot)

    def match_over(self, result: session_pb2.MatchResult) -> server_frames.MatchResultFrame:
        """판이 이미 끝났다는 답."""
        return result_message(result, self.request_id)
