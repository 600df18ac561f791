"""선수가 아직 듣지 못한 결과: 판이 끝나면 적히고(player_release.lua), 들었음이 확인되면 그렇다고 적는다.

hello가 가드와 함께 읽는다(`TicketReader.player_holds`). 여기는 들었음을 적는 쪽뿐이다.
"""

from __future__ import annotations

from collections.abc import Sequence

from redisstore import keys
from redisstore.client import AsyncRedis, redis_budget
from redisstore.scripts import Script, ScriptCall, raise_first

RESULT_TOLD = Script("result_told")


class OwedResults:
    """한 리전의 들을 결과. Redis가 예산 안에 답하지 않으면 Unavailable을 던진다."""

    def __init__(self, client: AsyncRedis, region: str) -> None:
        self._client = client
        self._region = region

    async def told_many(self, told: Sequence[tuple[str, str]]) -> list[bool]:
        """(선수, 판)마다 들었다고 적는다(멱등). 다른 판의 결과를 아직 듣지 못한 선수면 False다."""
        calls: list[ScriptCall] = [
            ([keys.owed_result(self._region, player_id)], [match_id, keys.OWED_RESULT_MS])
            for player_id, match_id in told
        ]
        async with redis_budget():
            replies = await RESULT_TOLD.run_many(self._client, calls)
            raise_first(replies)
        return [bool(reply) for reply in replies]
