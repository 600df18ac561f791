"""사라진 session 서버의 판을 무효로 끝낸다. 모든 session 서버가 함께 보며, 어느 하나에 기대지 않는다.

서버는 판을 맡을 때 등록부의 목록에 남기고, 끝이 쓰이면 뺀다. 하트비트가 끊긴 서버에 남은 판이 그것이다.
우리와 같은 트랜잭션으로 쓰므로 늦은 결과와 둘 다 이길 수 없다: 진 쪽이 저장된 것을 따른다.

판단의 조건:
- Redis가 멈췄다 돌아오면 모두가 사라져 보인다. 제 하트비트가 끊김 없이 이어진 서버만 판단한다.
- 사라진 서버가 끝난 결과를 적어 두었으면 무효가 아니라 그 결과를 쓴다.
- 같은 이름으로 다시 뜬 서버는 앞의 프로세스가 맡았던 판을 이어받아 끝낸다(방은 기억과 함께 사라졌다).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass

from gameservices.session.identity import ServerIdentity
from gameservices.session.ports import Closer, LiveRecords, MatchHoldings, OutcomeJournal, ResultLog
from kernel.clock import Clock
from kernel.errors import InvalidArgument, SessionLost
from matches.outcome import MatchOutcome, PlayerOutcome, decode_outcome
from redisstore import keys
from redisstore.live_matches import LiveMatch
from redisstore.results import FIRST, PendingResult
from redisstore.servers.rows import ServerState
from telemetry.logs import get_logger

log = get_logger(__name__)

PERIOD_S = 1.0
# 이만큼 하트비트가 이어졌어야 남을 판단한다: Redis가 돌아온 뒤 산 서버들이 다시 나타나고도 남는 시간이다.
STEADY_S = keys.SERVER_TTL_MS / 1000 + 2.0
CONCURRENCY = 8
PENDING_PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class LostMatchPorts:
    """보고 쓰는 곳들."""

    fleet: MatchHoldings
    live: LiveRecords
    pending: ResultLog
    journal: OutcomeJournal
    closer: Closer


class LostMatches:
    """`Periodic`이 `sweep`을 부른다. `steady_s`는 제 하트비트가 끊김 없이 이어진 초를 준다."""

    def __init__(
        self,
        ports: LostMatchPorts,
        *,
        steady_s: Callable[[], float],
        is_hosted: Callable[[str], bool],
        clock: Clock,
        identity: ServerIdentity,
    ) -> None:
        self._ports = ports
        self._steady_s = steady_s
        self._is_hosted = is_hosted
        self._clock = clock
        self._own_id = identity.server_id
        self._started_ms = clock.now_ms()
        self._inherited: set[str] | None = None

    async def sweep(self) -> None:
        """사라진 서버들의 판을 끝낸다.

        Raises:
            Unavailable: Redis나 MariaDB가 멈췄다. 남은 판은 다음 번에 한다.
        """
        if self._steady_s() < STEADY_S:
            return
        for row in await self._ports.fleet.servers():
            if row.state is ServerState.LOST and row.server_id != self._own_id:
                await self._end(row.server_id, await self._ports.fleet.held(row.server_id))
        await self._end_inherited()

    async def _end_inherited(self) -> None:
        if self._inherited is None:
            held = await self._ports.fleet.held(self._own_id)
            self._inherited = {match_id for match_id in held if not self._is_hosted(match_id)}
        if self._inherited:
            await self._end(self._own_id, self._inherited)
            self._inherited.clear()

    async def _end(self, server_id: str, match_ids: Collection[str]) -> None:
        if not match_ids:
            return
        finished = await self._finish_written(match_ids)
        left = [match_id for match_id in match_ids if match_id not in finished]
        for start in range(0, len(left), CONCURRENCY):
            batch = left[start : start + CONCURRENCY]
            await _all(self._abort(server_id, match_id) for match_id in batch)

    async def _finish_written(self, match_ids: Collection[str]) -> set[str]:
        """끝난 결과가 적혀 있는 판은 그 결과를 쓴다."""
        rows: dict[str, PendingResult] = {}
        after = FIRST
        while page := await self._ports.pending.pending(0, PENDING_PAGE, after=after):
            after = page[-1].entry_id
            named = [(_match_of(row), row) for row in page]
            rows |= {match_id: row for match_id, row in named if match_id in match_ids}
        for row in rows.values():
            await self._ports.journal.take_over(row)
        return set(rows)

    async def _abort(self, server_id: str, match_id: str) -> None:
        match = await self._ports.live.get(match_id)
        if match is not None and match.server_id == server_id:
            if not self._is_ours_to_end(match):
                return
            outcome = _aborted(match, self._clock.now_ms())
            settlement = await self._ports.journal.decide(outcome)
            await self._ports.closer.conclude(outcome, settlement)
            log.warning("match.lost", match_id=match_id, server_id=server_id, stored=settlement.abort_code)
        # 기록이 없으면 이미 끝이 쓰였거나, 열리지 못했거나(되살리기가 맡는다), 수명이 다한 판이다.
        await self._ports.fleet.let_go(server_id, match_id)

    def _is_ours_to_end(self, match: LiveMatch) -> bool:
        """이어받은 판은 앞의 프로세스가 연 것뿐이다. 우리가 뜬 뒤에 연 판은 우리 방이다."""
        return match.server_id != self._own_id or match.created_at_ms < self._started_ms


def _aborted(match: LiveMatch, now_ms: int) -> MatchOutcome:
    return MatchOutcome(
        match_id=match.match_id,
        mode=match.mode,
        region=match.region,
        server_id=match.server_id,
        status="aborted",
        abort_code=SessionLost.code,
        players=tuple(PlayerOutcome(player_id=player_id, place=1, score=0) for player_id in match.player_ids),
        created_at_ms=match.created_at_ms,
        started_at_ms=match.started_at_ms,
        ended_at_ms=max(now_ms, match.started_at_ms, match.created_at_ms),
        ticks=0,
        seed=0,
        queued_at_ms=match.queued_at_ms,
    )


def _match_of(row: PendingResult) -> str:
    try:
        return decode_outcome(row.payload).match_id
    except InvalidArgument:
        return ""  # 일지의 훑기가 적고 치운다


async def _all(works: Iterable[Awaitable[None]]) -> None:
    """모두 끝까지 하고, 실패가 있었으면 첫 실패를 던진다."""
    ends = await asyncio.gather(*works, return_exceptions=True)
    for end in ends:
        if isinstance(end, BaseException):
            raise end
