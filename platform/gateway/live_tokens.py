"""접근 토큰을 보는 두 걸음: 서명과, 로그아웃했는지(이벤트 루프 한 바퀴를 모아 한 번에 읽는다).

Redis가 멈추면 연다(FAIL OPEN, `gateway_revocation_unknown_total`): 그동안은 줄도 서지 못하므로 열린 소켓이
할 수 있는 일이 없고, 닫으면 도는 판으로 돌아올 선수까지 막는다. 토큰은 길어야 제 수명(1시간)만큼 더 통한다.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from concurrency.micro_batch import MicroBatch
from gateway.ports import Claims
from kernel.errors import Unauthenticated, Unavailable
from redisstore.revocations import Ask
from telemetry import metrics

MAX_BATCH = 256


class Signatures(Protocol):
    """토큰의 서명과 기한을 보는 이(`PlayerTokenVerifier`)."""

    def verify(self, token: object) -> Claims: ...


class RevocationTable(Protocol):
    """여러 토큰을 한 왕복에 보는 저장소."""

    async def are_revoked(self, asks: Sequence[Ask]) -> list[bool]:
        """물은 토큰마다 로그아웃했는가. 오류: Unavailable."""
        ...


class LiveTokens:
    """`ports.TokenVerifier`."""

    def __init__(self, signatures: Signatures, table: RevocationTable) -> None:
        self._signatures = signatures
        self._batch: MicroBatch[Ask, bool] = MicroBatch(table.are_revoked, max_batch=MAX_BATCH)

    def verify(self, token: object) -> Claims:
        """서명과 기한이 맞는 토큰이 말하는 선수. 오류: Unauthenticated."""
        return self._signatures.verify(token)

    async def check_alive(self, claims: Claims) -> None:
        """로그아웃한 토큰이 아닌지 본다. 알 수 없으면 사는 것으로 친다.

        Raises:
            Unauthenticated: 로그아웃했다.
        """
        try:
            revoked = await self._batch.submit(Ask(claims.player_id, claims.sign_in_id, claims.epoch))
        except Unavailable:
            metrics.gateway_revocation_unknown.inc()
            return
        if revoked:
            raise Unauthenticated("로그아웃한 접근 토큰입니다")
