"""gateway가 밖에서 필요로 하는 것들의 모양. 진짜는 redisstore와 players에, 쌍둥이는 tests/fakes에 있다.

Redis가 멈추면 여기의 async 메서드는 모두 250 ms 안에 Unavailable을 던진다.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from redisstore.ratelimit import Decision
from redisstore.tickets.rows import PlayerHold


class Claims(Protocol):
    """검증된 접근 토큰이 말하는 선수."""

    @property
    def player_id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def is_bot(self) -> bool: ...
    @property
    def sign_in_id(self) -> str: ...
    @property
    def epoch(self) -> int: ...


class TokenVerifier(Protocol):
    """접근 토큰을 검증한다."""

    def verify(self, token: object) -> Claims:
        """토큰이 말하는 선수. 오류: Unauthenticated."""
        ...

    async def check_alive(self, claims: Claims) -> None:
        """로그아웃한 토큰이 아닌지 본다. 오류: Unauthenticated."""
        ...


class PlayerHolds(Protocol):
    """선수가 지금 무엇에 매여 있고 어느 결과를 듣지 못했는가."""

    async def player_hold(self, player_id: str) -> PlayerHold:
        """가드와 듣지 못한 결과의 판."""
        ...

    async def told(self, player_id: str, match_id: str) -> bool:
        """그 판의 결과를 들었다고 적는다. 다른 판의 결과를 아직 듣지 못했으면 False."""
        ...


class RouteRow(Protocol):
    """판이 도는 서버."""

    @property
    def server_id(self) -> str: ...
    @property
    def address(self) -> str: ...


class Grant(Protocol):
    """자리를 이을 새 토큰과 그 epoch."""

    @property
    def resume_token(self) -> str: ...
    @property
    def epoch(self) -> int: ...


class RotatedGrant(Grant, Protocol):
    """resume 토큰이 가리키던 자리와 그 새 토큰, 그때 판이 돌던 서버."""

    @property
    def match_id(self) -> str: ...
    @property
    def player_id(self) -> str: ...
    @property
    def route(self) -> RouteRow | None: ...


class Seats(Protocol):
    """판의 자리: 어디서 도는지와 이어 할 권리."""

    async def route(self, match_id: str) -> RouteRow | None:
        """판이 도는 서버. 끝났거나 사라졌으면 None."""
        ...

    async def reissue(self, match_id: str, player_id: str) -> Grant | None:
        """새 토큰. 옛 토큰은 곧바로 죽는다. 자리가 없으면 None."""
        ...

    async def rotate(self, resume_token: str) -> RotatedGrant:
        """토큰을 새것으로 바꾼다. 오류: ResumeInvalid, ResumeExpired."""
        ...

    async def confirm(self, match_id: str, player_id: str, epoch: int) -> bool:
        """새 소켓이 살아 있다: 옛 토큰을 죽인다. 더 새로운 접속이 있으면 False."""
        ...


class ServerRecord(Protocol):
    """등록부의 session 서버 하나."""

    @property
    def address(self) -> str: ...
    @property
    def state(self) -> str: ...


class Servers(Protocol):
    """session 서버들의 등록부."""

    async def servers(self) -> Sequence[ServerRecord]:
        """등록된 서버들. 심장 박동이 끊긴 서버의 상태는 lost다."""
        ...


class Limiter(Protocol):
    """여러 프로세스가 나눠 쓰는 속도 제한."""

    async def take(self, scope: str, subject: str, rate_per_s: float, burst: int) -> Decision:
        """양동이 하나에서 하나를 꺼낸다."""
        ...

    async def take_many(
        self, scope: str, costs: Sequence[tuple[str, int]], rate_per_s: float, burst: int
    ) -> list[Decision]:
        """(대상, 꺼낼 수)마다, 모두 꺼내지거나 하나도 꺼내지지 않는다."""
        ...
