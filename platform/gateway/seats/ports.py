"""자리가 밖에서 필요로 하는 것들의 모양: 판의 자리를 아는 저장소, session 서버로 가는 길과 그 스트림."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from hanpan.v1 import session_pb2
from redisstore.seats import RotatedSeat, Route, SeatGrant
from redisstore.servers.rows import ServerRow


class MatchSeats(Protocol):
    """판의 자리: 어디서 도는지와 이어 할 권리(`SeatStore`). Redis가 멈추면 모두 Unavailable을 던진다."""

    async def route(self, match_id: str) -> Route | None:
        """판이 도는 서버. 끝났거나 사라졌으면 None."""
        ...

    async def reissue(self, match_id: str, player_id: str) -> SeatGrant | None:
        """새 토큰. 옛 토큰은 곧바로 죽는다. 자리가 없으면 None."""
        ...

    async def rotate(self, resume_token: str) -> RotatedSeat:
        """토큰을 새것으로 바꾼다. 오류: ResumeInvalid, ResumeExpired."""
        ...

    async def confirm(self, match_id: str, player_id: str, epoch: int) -> bool:
        """새 소켓이 살아 있다: 옛 토큰을 죽인다. 더 새로운 접속이 있으면 False."""
        ...


class SessionRegistry(Protocol):
    """session 서버들의 등록부(`ServerRegistry`)."""

    async def servers(self) -> Sequence[ServerRow]:
        """등록된 서버들. 심장 박동이 끊긴 서버의 상태는 lost다. 오류: Unavailable."""
        ...


class LinkedSeat(Protocol):
    """스트림에 걸린 자리 하나(`PlayerSeat`). 부르는 것은 모두 곧바로 돌아온다."""

    @property
    def conn_id(self) -> int: ...
    @property
    def match_id(self) -> str: ...
    @property
    def player_id(self) -> str: ...
    @property
    def is_attached(self) -> bool:
        """마지막으로 붙은 뒤 앉았다는 답을 들었는가."""
        ...

    def begin_attach(self) -> session_pb2.Attach:
        """붙을(다시 붙을) 때 보낼 것. 답을 들을 때까지 앉지 않은 것으로 친다. epoch는 언제나 같다."""
        ...

    def attached(self, event: session_pb2.Attached) -> None:
        """앉았다."""
        ...

    def told(self, kind: str, text: str) -> None:
        """판의 통지."""
        ...

    def ended(self, kind: str, text: str) -> None:
        """판의 마지막 통지. 자리는 이미 스트림에서 떨어졌다."""
        ...

    def superseded(self) -> None:
        """더 새로운 소켓이 자리를 이었다. 자리는 이미 스트림에서 떨어졌다."""
        ...

    def left(self) -> None:
        """떠났다. 떠나는 자리만 듣는다."""
        ...

    def refused(self, event: session_pb2.Refused) -> None:
        """앉은 뒤의 청(입력)이 거절되었다."""
        ...

    def unseated(self, event: session_pb2.Refused) -> None:
        """붙기가 거절되었다. 자리는 이미 스트림에서 떨어졌다."""
        ...

    def lost(self) -> None:
        """서버가 사라졌다. 자리는 이미 스트림에서 떨어졌다."""
        ...

    def state(self, frame: bytes) -> None:
        """상태 프레임."""
        ...


class SeatLink(Protocol):
    """자리들이 걸리는 스트림(`SessionLink`)."""

    def attach(self, seat: LinkedSeat) -> None:
        """자리를 붙인다."""

    def detach(self, seat: LinkedSeat) -> None:
        """소켓이 자리를 떠났다."""

    def send_input(self, conn_id: int, seq: int, values: Sequence[int]) -> None:
        """입력을 보낸다."""

    def leave(self, seat: LinkedSeat) -> None:
        """판을 떠난다. 답을 들을 때까지 다시 말한다."""

    def resync(self, seat: LinkedSeat) -> None:
        """새 snapshot을 청한다."""


class SessionRoutes(Protocol):
    """session 서버들로 가는 길(`SessionLinks`)."""

    def link(self, address: str) -> SeatLink:
        """그 서버로 가는 스트림. 없으면 연다."""
        ...

    async def result(self, match_id: str, player_id: str) -> session_pb2.MatchResult:
        """끝난 판의 저장된 결과. 오류: NotFound, PermissionDenied, MatchNotOver, NobodyToAsk, Unavailable."""
        ...
