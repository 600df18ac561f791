"""로그아웃의 알림: 데이터베이스가 없는 gateway가 hello에서 본다. platform이 쓰고 gateway가 읽는다.

정본은 MariaDB다. 알림은 접근 토큰의 수명만큼만 산다: 그 뒤에는 알릴 토큰이 남아 있지 않다.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from redisstore import keys
from redisstore.gate import RedisGate, SyncRedisGate


@dataclass(frozen=True, slots=True)
class Ask:
    """묻는 토큰: 누구의, 어느 들어온 기록의, 몇째 epoch의 것인가."""

    player_id: str
    sign_in_id: str
    epoch: int


def tell_ended(
    gate: SyncRedisGate, region: str, *, player_id: str, epoch: int, sign_in_ids: Collection[str], ttl_ms: int
) -> None:
    """끝난 것을 알린다(멱등). `epoch`가 0이면 올린 적이 없다.

    Raises:
        Unavailable: Redis가 답하지 않는다(일부는 알려졌을 수 있다).
    """
    with gate.open() as client:
        pipeline = client.pipeline(transaction=False)
        for key, value in notices(region, player_id, epoch, sign_in_ids):
            pipeline.set(key, value, px=ttl_ms)
        pipeline.execute()


def notices(
    region: str, player_id: str, epoch: int, sign_in_ids: Collection[str]
) -> list[tuple[str, int | str]]:
    """적을 키와 값."""
    raised: list[tuple[str, int | str]] = [(keys.token_epoch(region, player_id), epoch)] if epoch else []
    return raised + [(keys.ended_sign_in(region, sign_in_id), "1") for sign_in_id in sign_in_ids]


class RevocationReader:
    """gateway가 읽는 쪽."""

    def __init__(self, gate: RedisGate, region: str) -> None:
        self._gate = gate
        self._region = region

    async def are_revoked(self, asks: Sequence[Ask]) -> list[bool]:
        """물은 토큰마다 로그아웃했는가. 한 왕복이다.

        Raises:
            Unavailable: Redis가 예산 안에 답하지 않았다.
        """
        wanted: list[str] = []
        for ask in asks:
            wanted += [
                keys.token_epoch(self._region, ask.player_id),
                # 번호 없는 토큰(v1.5.0)은 쓰이지 않는 이름을 묻는다.
                keys.ended_sign_in(self._region, ask.sign_in_id or "none"),
            ]
        async with self._gate.open() as client:
            found = await client.mget(wanted)
        return [
            ended is not None or (epoch is not None and ask.epoch < int(epoch))
            for ask, epoch, ended in zip(asks, found[::2], found[1::2], strict=True)
        ]
