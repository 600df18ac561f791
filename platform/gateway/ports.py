"""gateway의 규칙이 바깥에서 필요로 하는 것들의 모양. 진짜는 옆의 방과 redisstore에 있다.

방 하나만 쓰는 것은 그 방의 `ports.py`에 있다. Redis가 멈추면 저장소의 async 메서드는 모두 250 ms 안에
Unavailable을 던진다.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gateway.websocket.connection import Connection
from gateway.websocket.player_phase import ConnectedPlayer
from players.identity.tokens import PlayerClaims
from redisstore.revocations import Ask
from redisstore.tickets.rows import PlayerHold


class Signatures(Protocol):
    """토큰의 서명과 기한을 보는 이(`PlayerTokenVerifier`)."""

    def verify(self, token: object) -> PlayerClaims:
        """토큰이 말하는 선수. 오류: Unauthenticated."""
        ...


class TokenVerifier(Signatures, Protocol):
    """접근 토큰을 검증한다(`LiveTokens`)."""

    async def check_alive(self, claims: PlayerClaims) -> None:
        """로그아웃한 토큰이 아닌지 본다. 오류: Unauthenticated."""
        ...


class RevocationTable(Protocol):
    """여러 토큰을 한 왕복에 보는 저장소."""

    async def are_revoked(self, asks: Sequence[Ask]) -> list[bool]:
        """물은 토큰마다 로그아웃했는가. 오류: Unavailable."""
        ...


class PlayerHolds(Protocol):
    """선수가 지금 무엇에 매여 있고 어느 결과를 듣지 못했는가(`HoldBatch`)."""

    async def player_hold(self, player_id: str) -> PlayerHold:
        """가드와 듣지 못한 결과의 판."""
        ...

    async def told(self, player_id: str, match_id: str) -> bool:
        """그 판의 결과를 들었다고 적는다. 다른 판의 결과를 아직 듣지 못했으면 False."""
        ...


class HoldTable(Protocol):
    """여러 선수가 매인 것을 한 왕복에 읽는 저장소."""

    async def player_holds(self, player_ids: Sequence[str]) -> list[PlayerHold]:
        """선수마다 매인 것. 오류: Unavailable."""
        ...


class OwedTable(Protocol):
    """들은 결과를 한 왕복에 적는 저장소."""

    async def told_many(self, told: Sequence[tuple[str, str]]) -> list[bool]:
        """(선수, 판)마다 들었다고 적는다. 오류: Unavailable."""
        ...


class SeatReturn(Protocol):
    """판의 자리로 돌려놓는 쪽(`SeatEntry`)."""

    async def resume(
        self, conn: Connection, resume_token: str, *, re: str | int | None, known_name: str
    ) -> bool:
        """토큰이 말하는 자리를 잇는다. 판이 끝났으면 결과를 주고 False. 오류: HanpanError."""
        ...

    async def rejoin(self, conn: Connection, player_id: str, match_id: str) -> bool:
        """그 판의 자리나 결과를 준다. 어느 것도 없으면 False. 오류: Superseded, NotInMatch, Unavailable."""
        ...


class EndTeller(Protocol):
    """끝난 판을 알리는 쪽(`MatchEndings`)."""

    async def tell_result(self, conn: Connection, player_id: str, match_id: str) -> bool:
        """끝난 판의 결과를 준다. 결과가 없으면 False. 오류: Unavailable(아직 알 수 없다)."""
        ...

    def tell_lost(self, conn: Connection, match_id: str) -> None:
        """판이 사라졌다고 알린다."""


class HelloTakeover(Protocol):
    """선수의 것을 이 소켓이 잇는 일(`Takeover`)."""

    async def run(self, conn: Connection, player: ConnectedPlayer) -> None:
        """모두 이을 때까지 되풀이한다."""
