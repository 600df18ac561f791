"""끝난 판의 선수들을 matchmaking에 놓아준다. 놓아주기는 멱등이고, 실패하면 뒤에서 다시 한다."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from hanpan.v1 import matchmaking_pb2, matchmaking_pb2_grpc
from kernel.errors import HanpanError
from rpc.peer import Peer
from rpc.pool import AskRule, first_answer, nothing_is_an_answer
from telemetry.logs import get_logger

log = get_logger(__name__)

RETRY_PERIOD_S = 1.0
RETRY_BATCH = 200
MAX_OWED = 10_000  # 넘치면 오래된 것부터 잊는다. 가드는 제 수명에 풀린다


@dataclass(frozen=True, slots=True)
class _Owed:
    """놓아줄 것 하나. 판의 끝은 모두를, 떠남은 한 사람을 놓아준다: 한 판에 여럿일 수 있다."""

    match_id: str
    region: str
    player_ids: tuple[str, ...]
    goes_on: bool


class PlayerRelease:
    """matchmaking 인스턴스들 가운데 답하는 하나에 말한다."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._peers = [Peer(address, matchmaking_pb2_grpc.MatchmakingServiceStub) for address in addresses]
        self._owed: dict[_Owed, None] = {}

    async def end(self, match_id: str, region: str, player_ids: Sequence[str]) -> None:
        """끝난 판의 선수들. 기한 안에 한 번 말해 보고, 닿지 않으면 빚으로 적어 둔다. 실패를 던지지 않는다."""
        await self._let_go(_Owed(match_id, region, tuple(player_ids), goes_on=False))

    async def release(self, match_id: str, region: str, player_ids: Sequence[str]) -> None:
        """이어지는 판을 떠난 선수들. 말하는 법은 `end`와 같다."""
        await self._let_go(_Owed(match_id, region, tuple(player_ids), goes_on=True))

    async def _let_go(self, owed: _Owed) -> None:
        if await self._tell([owed]):
            self._owed.pop(owed, None)
        else:
            self._owe(owed)

    def owe(self, match_id: str, region: str, player_ids: Sequence[str]) -> None:
        """떠난 선수들을 빚으로 적어 둔다. 다음 `pay_owed`가 갚는다."""
        self._owe(_Owed(match_id, region, tuple(player_ids), goes_on=True))

    async def pay_owed(self) -> None:
        """빚을 갚는다. `Periodic`이 부른다."""
        while self._owed:
            batch = list(islice(self._owed, RETRY_BATCH))
            if not await self._tell(batch):
                return
            for owed in batch:
                self._owed.pop(owed, None)

    async def close(self) -> None:
        """채널을 닫는다."""
        for peer in self._peers:
            await peer.close()

    def _owe(self, owed: _Owed) -> None:
        self._owed[owed] = None
        if len(self._owed) > MAX_OWED:
            forgotten = next(iter(self._owed))
            del self._owed[forgotten]
            log.error("release.forgotten", match_id=forgotten.match_id)

    async def _tell(self, owed: Sequence[_Owed]) -> bool:
        matches = [
            matchmaking_pb2.EndedMatch(
                match_id=row.match_id, region=row.region, player_ids=row.player_ids, goes_on=row.goes_on
            )
            for row in owed
        ]
        request = matchmaking_pb2.EndMatchesRequest(matches=matches)
        rule = AskRule(
            is_answer=nothing_is_an_answer,
            on_failure=lambda failure: log.warning(
                "release.failed", matches=len(matches), status=failure.status
            ),
        )
        try:
            await first_answer(
                self._peers, lambda stub, deadline_s: stub.EndMatches(request, timeout=deadline_s), rule
            )
        except HanpanError:
            return False  # 저마다의 까닭은 위에서 적었다
        return True
