"""판의 자리: 어느 서버에서 도는지(route)와, 끊긴 선수가 돌아올 resume 비밀.

비밀은 sha256으로만 저장한다. 시각은 Redis의 것이라 gateway들의 시계가 달라도 같은 답이 나온다.
토큰의 모양은 `rs1.<match_id>.<player_id>.<secret>`이고 클라이언트에게는 뜻이 없다.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kernel.errors import ResumeExpired, ResumeInvalid
from kernel.ids import is_id, new_secret
from redisstore import keys
from redisstore.gate import RedisGate
from redisstore.live_matches import LiveMatch, record_fields
from redisstore.scripts import Script, ScriptArg, ScriptCall, named, raise_first

OPEN = Script("match_open")
REFRESH = Script("resume_refresh")
RESTORE = Script("resume_restore")
ROTATE = Script("resume_rotate")
CONFIRM = Script("resume_confirm")
REISSUE = Script("resume_reissue")

BACKGROUND_BUDGET_MS = 1_000  # 선수가 기다리지 않는 일의 예산
TOKEN_VERSION = "rs1"  # noqa: S105 - 비밀이 아니라 토큰 모양의 버전다


@dataclass(frozen=True, slots=True)
class SeatGrant:
    """자리 하나를 잡을 권리."""

    resume_token: str
    epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchOpening:
    """새로 여는 판: 그 기록(`match.server_id`가 여는 서버다)과 서버의 주소."""

    match: LiveMatch
    address: str
    record_ttl_ms: int


@dataclass(frozen=True, slots=True)
class Route:
    """판이 도는 서버."""

    server_id: str
    address: str


@dataclass(frozen=True, slots=True)
class RotatedSeat:
    """resume으로 이은 자리. 옛 토큰은 새 소켓의 첫 프레임(confirm)이나 유예 뒤에 죽는다.

    `route`는 바꾼 그때의 경로이고, 끝났거나 모르는 판이면 None이다.
    """

    match_id: str
    player_id: str
    resume_token: str
    epoch: int
    route: Route | None


@dataclass(frozen=True, slots=True)
class SeatRecord:
    """저장된 자리. 비밀은 해시이고, 빈 글은 없음이다."""

    current: str
    previous: str
    previous_until_ms: int
    epoch: int
    expires_at_ms: int


@dataclass(frozen=True, slots=True)
class SeatRefresh:
    """판 하나의 자리들과, 그 가운데 소켓이 붙어 있는 선수들."""

    match_id: str
    player_ids: Sequence[str]
    attached: Collection[str]


@dataclass(frozen=True, slots=True)
class ResumeToken:
    """클라이언트가 낸 토큰의 조각들. 진짜인지는 모른다."""

    match_id: str
    player_id: str
    secret: str = field(repr=False)


def parse_resume_token(token: str) -> ResumeToken:
    """토큰에서 판, 선수, 비밀을 꺼낸다.

    Raises:
        ResumeInvalid: 우리 토큰의 모양이 아니다.
    """
    parts = token.split(".")
    if len(parts) != 4 or parts[0] != TOKEN_VERSION or not (is_id(parts[1]) and is_id(parts[2])):
        raise ResumeInvalid
    return ResumeToken(parts[1], parts[2], parts[3])


class SeatStore:
    """경로와 resume hash의 저장소. 모든 함수는 Redis가 예산 안에 답하지 않으면 Unavailable을 던진다."""

    def __init__(self, gate: RedisGate) -> None:
        self._gate = gate

    async def open_match(self, opening: MatchOpening) -> dict[str, SeatGrant]:
        """새 판의 기록과 경로와 자리를 만들고 선수마다 첫 토큰(epoch 1)을 준다."""
        return (await self.open_matches([opening]))[0]

    async def open_matches(self, openings: Sequence[MatchOpening]) -> list[dict[str, SeatGrant]]:
        """여러 판의 `open_match`를 한 왕복에. 하나라도 실패하면 아무도 토큰을 받지 못한다."""
        secrets = [{player_id: new_secret() for player_id in each.match.player_ids} for each in openings]
        calls = [
            self._open_call(opening, list(own.values()))
            for opening, own in zip(openings, secrets, strict=True)
        ]
        async with self._gate.open() as client:
            raise_first(await OPEN.run_many(client, calls))
        return [
            {
                player_id: SeatGrant(_token(opening.match.match_id, player_id, secret), 1)
                for player_id, secret in own.items()
            }
            for opening, own in zip(openings, secrets, strict=True)
        ]

    def _open_call(self, opening: MatchOpening, secrets: Sequence[str]) -> ScriptCall:
        match = opening.match
        return (
            [keys.match(match.match_id), *_route_and_seats(match.match_id, match.player_ids)],
            [
                named(
                    server_id=match.server_id,
                    address=opening.address,
                    route_ttl_ms=keys.ROUTE_TTL_MS,
                    ttl_ms=keys.RESUME_TTL_MS,
                    keep_ms=keys.RESUME_KEEP_MS,
                    record_ttl_ms=opening.record_ttl_ms,
                    digests=[_digest(secret) for secret in secrets],
                    record=record_fields(match),
                )
            ],
        )

    async def refresh(
        self, server_id: str, address: str, matches: Sequence[SeatRefresh]
    ) -> list[dict[str, SeatRecord | None]]:
        """판들의 경로와, 소켓이 붙어 있는 선수의 기한을 한 왕복에 늘린다.

        판마다 자리들의 지금 기록을 주며, 없는 자리는 None이다.
        """
        route_args: list[ScriptArg] = [
            server_id, address, keys.ROUTE_TTL_MS, keys.RESUME_TTL_MS, keys.RESUME_KEEP_MS,
        ]  # fmt: skip
        calls = [
            (
                _route_and_seats(match.match_id, match.player_ids),
                [*route_args, *("1" if player in match.attached else "0" for player in match.player_ids)],
            )
            for match in matches
        ]
        async with self._gate.open(BACKGROUND_BUDGET_MS) as client:
            replies = await REFRESH.run_many(client, calls)
            raise_first(replies)
        return [
            {player: _record(row) for player, row in zip(match.player_ids, reply, strict=True)}
            for match, reply in zip(matches, replies, strict=True)
        ]

    async def restore(self, match_id: str, records: Mapping[str, SeatRecord]) -> int:
        """비워진 Redis에 자리들을 되살린다. 이미 있는 자리는 그대로 둔다. 되살린 수를 준다."""
        args: list[ScriptArg] = [keys.RESUME_KEEP_MS]
        for record in records.values():
            args += [record.current, record.previous, record.previous_until_ms]
            args += [record.epoch, record.expires_at_ms]
        async with self._gate.open() as client:
            restored = await RESTORE.run(
                client, [keys.resume(match_id, player_id) for player_id in records], args
            )
        return int(restored)

    async def discard_match(self, match_id: str, player_ids: Sequence[str]) -> None:
        """만들다 만 판의 경로와 자리를 지운다. 토큰을 아무도 받지 않았을 때만 부른다."""
        async with self._gate.open() as client:
            await client.delete(*_route_and_seats(match_id, player_ids))

    async def route(self, match_id: str) -> Route | None:
        """판이 도는 서버. 끝났거나 모르는 판이면 None."""
        async with self._gate.open() as client:
            row: Any = await client.hmget(keys.route(match_id), ["server_id", "address"])
        return _route(*row)

    async def reissue(self, match_id: str, player_id: str) -> SeatGrant | None:
        """접근 토큰으로 돌아온 선수의 새 토큰. 옛 토큰은 곧바로 죽는다. 자리가 없으면 None."""
        secret = new_secret()
        async with self._gate.open() as client:
            epoch = await REISSUE.run(
                client,
                [keys.resume(match_id, player_id)],
                [_digest(secret), keys.RESUME_TTL_MS, keys.RESUME_KEEP_MS],
            )
        return SeatGrant(_token(match_id, player_id, secret), int(epoch)) if epoch else None

    async def rotate(self, resume_token: str) -> RotatedSeat:
        """토큰을 새것으로 바꾸고, 같은 왕복에 판의 경로를 읽는다.

        Raises:
            ResumeInvalid: 모르거나 이미 쓰인 토큰이다.
            ResumeExpired: 알던 토큰이지만 지났다.
        """
        token = parse_resume_token(resume_token)
        match_id, player_id = token.match_id, token.player_id
        secret = new_secret()
        async with self._gate.open() as client:
            answer = await ROTATE.run(
                client,
                [keys.resume(match_id, player_id), keys.route(match_id)],
                [
                    *(_digest(token.secret), _digest(secret)),
                    *(keys.RESUME_TTL_MS, keys.RESUME_GRACE_MS, keys.RESUME_KEEP_MS),
                ],
            )
        if answer[0] == "EXPIRED":
            raise ResumeExpired
        if answer[0] != "OK":
            raise ResumeInvalid
        _, epoch, server_id, address = answer
        new_token = _token(match_id, player_id, secret)
        return RotatedSeat(match_id, player_id, new_token, int(epoch), _route(server_id, address))

    async def confirm(self, match_id: str, player_id: str, epoch: int) -> bool:
        """새 소켓의 첫 프레임이 왔다: 직전 토큰을 죽인다. 더 새로운 접속이 있으면 False."""
        async with self._gate.open() as client:
            return bool(await CONFIRM.run(client, [keys.resume(match_id, player_id)], [epoch]))


def _route_and_seats(match_id: str, player_ids: Sequence[str]) -> list[str]:
    return [keys.route(match_id), *(keys.resume(match_id, player_id) for player_id in player_ids)]


def _route(server_id: str | None, address: str | None) -> Route | None:
    return Route(server_id, address) if server_id and address else None


def _record(row: Sequence[str]) -> SeatRecord | None:
    return SeatRecord(row[0], row[1], int(row[2]), int(row[3]), int(row[4])) if row else None


def _token(match_id: str, player_id: str, secret: str) -> str:
    return f"{TOKEN_VERSION}.{match_id}.{player_id}.{secret}"


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
