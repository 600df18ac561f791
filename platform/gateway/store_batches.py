"""저장소에 하나씩 묻는 부름을 이벤트 루프 한 바퀴 동안 모은다: 함께 온 선수들이 왕복을 나눠 쓴다.

접근 토큰은 서명을 보고, 로그아웃했는지 본다. Redis가 멈추면 `stance`를 따른다. server.py는 여는 것을
준다(FAIL OPEN, `gateway_revocation_unknown_total`): 그동안은 줄도 서지 못하므로 열린 소켓이 할 수 있는 일이
없고, 닫으면 도는 판으로 돌아올 선수까지 막는다. 토큰은 길어야 제 수명(1시간)만큼 더 통한다.
"""

from __future__ import annotations

from concurrency.micro_batch import MicroBatch
from gateway.ports import HoldTable, OwedTable, RevocationTable, Signatures
from kernel.errors import Unauthenticated, Unavailable
from players.identity.tokens import PlayerClaims
from redisstore.revocations import Ask
from redisstore.tickets.rows import PlayerHold
from resilience.stance import Stance

MAX_BATCH = 256


class LiveTokens:
    """`ports.TokenVerifier`."""

    def __init__(self, signatures: Signatures, table: RevocationTable, *, stance: Stance) -> None:
        self._signatures = signatures
        self._stance = stance
        self._batch: MicroBatch[Ask, bool] = MicroBatch(table.are_revoked, max_batch=MAX_BATCH)

    def verify(self, token: object) -> PlayerClaims:
        """서명과 기한이 맞는 토큰이 말하는 선수. 오류: Unauthenticated."""
        return self._signatures.verify(token)

    async def check_alive(self, claims: PlayerClaims) -> None:
        """로그아웃한 토큰이 아닌지 본다. 알 수 없을 때 여는 것은 사는 것으로 치는 것이다.

        Raises:
            Unauthenticated: 로그아웃했다.
            Unavailable: 알 수 없고, 닫는 몸가짐이다.
        """
        try:
            revoked = await self._batch.submit(Ask(claims.player_id, claims.sign_in_id, claims.epoch))
        except Unavailable as error:
            revoked = self._stance.answer(error, lambda: False)
        if revoked:
            raise Unauthenticated("로그아웃한 접근 토큰입니다")


class HoldBatch:
    """`ports.PlayerHolds`. 오류는 어느 것이든 Unavailable이다."""

    def __init__(self, table: HoldTable, owed: OwedTable) -> None:
        self._holds: MicroBatch[str, PlayerHold] = MicroBatch(table.player_holds, max_batch=MAX_BATCH)
        self._told: MicroBatch[tuple[str, str], bool] = MicroBatch(owed.told_many, max_batch=MAX_BATCH)

    async def player_hold(self, player_id: str) -> PlayerHold:
        """선수가 매인 것."""
        return await self._holds.submit(player_id)

    async def told(self, player_id: str, match_id: str) -> bool:
        """그 판의 결과를 들었다고 적는다."""
        return await self._told.submit((player_id, match_id))
