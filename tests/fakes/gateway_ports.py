"""gateway의 포트(gateway/ports.py)의 쌍둥이: Redis 없이 자리, 가드, 등록부, 속도 제한을 흉내 낸다.

`is_down`을 켜면 Redis가 멈춘 것처럼 모두 Unavailable을 던진다.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from kernel.errors import ResumeExpired, ResumeInvalid, Unauthenticated, Unavailable
from kernel.ids import new_secret
from redisstore.ratelimit import Decision
from redisstore.revocations import Ask
from redisstore.seats import RotatedSeat, Route, SeatGrant, parse_resume_token
from redisstore.tickets.rows import PlayerHold
from resilience.stance import Stance
from telemetry import metrics

UNKNOWN_IS_ALIVE = Stance.fail_open(metrics.gateway_revocation_unknown.inc)  # gateway/server.py와 같다


@dataclass
class FakeClaims:
    """검증된 토큰."""

    player_id: str
    name: str
    is_bot: bool = False
    sign_in_id: str = ""
    epoch: int = 0


class FakeVerifier:
    """`token:<player_id>:<name>` 모양만 받는다."""

    def verify(self, token: object) -> FakeClaims:
        """토큰이 말하는 선수."""
        parts = str(token).split(":")
        if len(parts) != 3 or parts[0] != "token":
            raise Unauthenticated
        return FakeClaims(parts[1], parts[2])


def token_of(player_id: str, name: str = "선수") -> str:
    """`FakeVerifier`가 받는 토큰."""
    return f"token:{player_id}:{name}"


@dataclass
class FakeServerRow:
    """등록부의 한 줄."""

    address: str
    state: str = "ready"


@dataclass
class _StoredSeat:
    secret: str
    epoch: int
    is_expired: bool = False


@dataclass
class FakeRedis:
    """가드, 자리, 등록부, 속도 제한을 한데 모은 쌍둥이."""

    is_down: bool = False
    guards: dict[str, str] = field(default_factory=dict)
    owed: dict[str, str] = field(default_factory=dict)
    heard: list[tuple[str, str]] = field(default_factory=list)
    routes: dict[str, Route] = field(default_factory=dict)
    logged_out: set[str] = field(default_factory=set)
    rows: list[FakeServerRow] = field(default_factory=list)
    confirmed: list[tuple[str, str, int]] = field(default_factory=list)
    taken: list[tuple[str, int]] = field(default_factory=list)
    decision: Decision = field(default_factory=lambda: Decision(allowed=True, retry_after_ms=0))
    _seats: dict[tuple[str, str], _StoredSeat] = field(default_factory=dict)

    def open_match(self, match_id: str, player_ids: list[str], address: str) -> dict[str, SeatGrant]:
        """자리와 경로와 가드를 만든다."""
        self.routes[match_id] = Route("session1", address)
        for player_id in player_ids:
            self.guards[player_id] = f"match:{match_id}"
            self._seats[match_id, player_id] = _StoredSeat(new_secret(), 1)
        return {player_id: self._grant(match_id, player_id) for player_id in player_ids}

    def expire(self, match_id: str, player_id: str) -> None:
        """토큰의 기한이 지났다."""
        self._seats[match_id, player_id].is_expired = True

    async def player_hold(self, player_id: str) -> PlayerHold:
        """선수가 매인 것과 듣지 못한 결과."""
        self._check()
        return PlayerHold(self.guards.get(player_id), self.owed.get(player_id, ""))

    async def are_revoked(self, asks: Sequence[Ask]) -> list[bool]:
        """로그아웃한 선수들."""
        self._check()
        return [ask.player_id in self.logged_out for ask in asks]

    async def told(self, player_id: str, match_id: str) -> bool:
        """결과를 들었다."""
        self._check()
        self.heard.append((player_id, match_id))
        if self.owed.get(player_id) == match_id:
            del self.owed[player_id]
        return True

    async def route(self, match_id: str) -> Route | None:
        """판이 도는 서버."""
        self._check()
        return self.routes.get(match_id)

    async def reissue(self, match_id: str, player_id: str) -> SeatGrant | None:
        """새 토큰과 새 epoch."""
        self._check()
        seat = self._seats.get((match_id, player_id))
        if seat is None:
            return None
        seat.secret, seat.epoch = new_secret(), seat.epoch + 1
        return self._grant(match_id, player_id)

    async def rotate(self, resume_token: str) -> RotatedSeat:
        """토큰을 바꾼다. 유예는 흉내 내지 않는다."""
        self._check()
        token = parse_resume_token(resume_token)
        match_id, player_id = token.match_id, token.player_id
        seat = self._seats.get((match_id, player_id))
        if seat is None or seat.secret != token.secret:
            raise ResumeInvalid
        if seat.is_expired:
            raise ResumeExpired
        seat.secret, seat.epoch = new_secret(), seat.epoch + 1
        grant = self._grant(match_id, player_id)
        return RotatedSeat(match_id, player_id, grant.resume_token, grant.epoch, self.routes.get(match_id))

    async def confirm(self, match_id: str, player_id: str, epoch: int) -> bool:
        """새 소켓의 첫 프레임이 왔다."""
        self._check()
        self.confirmed.append((match_id, player_id, epoch))
        return True

    async def servers(self) -> list[FakeServerRow]:
        """등록된 서버들."""
        self._check()
        return list(self.rows)

    async def take(self, scope: str, subject: str, rate_per_s: float, burst: int) -> Decision:
        """정해 둔 답을 준다."""
        return (await self.take_many(scope, [(subject, 1)], rate_per_s, burst))[0]

    async def take_many(
        self, scope: str, costs: Sequence[tuple[str, int]], rate_per_s: float, burst: int
    ) -> list[Decision]:
        """대상마다 정해 둔 답을 준다."""
        self._check()
        self.taken += [(f"{scope}:{subject}", cost) for subject, cost in costs]
        return [self.decision] * len(costs)

    def _grant(self, match_id: str, player_id: str) -> SeatGrant:
        seat = self._seats[match_id, player_id]
        return SeatGrant(f"rs1.{match_id}.{player_id}.{seat.secret}", seat.epoch)

    def _check(self) -> None:
        if self.is_down:
            raise Unavailable("Redis에 닿지 않습니다")
