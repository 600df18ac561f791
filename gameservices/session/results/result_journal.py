"""끝난 판의 결과를 정확히 한 번 남긴다: 먼저 Redis에 적고, MariaDB에 쓰고, 적은 것을 지운다.

배달은 한 번 이상, finalize는 멱등이라 효과는 한 번이다. Redis가 멈췄으면 기억에 든 채 MariaDB에 바로 쓰고,
MariaDB가 멈췄으면 될 때까지 쉬어 가며 다시 한다. 죽은 서버가 남긴 줄은 산 서버의 훑기(sweep)가 쓴다.

선수를 놓아주는 때: 결과가 쓰이면 곧바로, 늦어지면 Redis에 적힌 지 2초 뒤다. 적힌 결과는 사라지지 않으므로 더
붙잡을 까닭이 없고, MariaDB의 멈춤이 선수를 묶어 두지 않는다. 적히지도 않았으면 놓아주지 않는다.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import random

from concurrency.cancellation import end_tasks
from gameservices.session.ports import Closer, ResultLog
from kernel.clock import Clock
from kernel.errors import FinalizeConflict, Internal, InvalidArgument, Unavailable
from matches.outcome import MatchOutcome, Settlement, decode_outcome
from redisstore.results import FIRST, PendingResult, WriteFailure
from resilience.retry import RetryPolicy
from telemetry import metrics
from telemetry.logs import get_logger
from telemetry.masking import mask_text

log = get_logger(__name__)

RELEASE_AFTER_S = 2.0
SWEEP_AGE_MS = 10_000
SWEEP_PERIOD_S = 5.0
SWEEP_BATCH = 100
SWEEP_CONCURRENCY = 4
BACKOFF = RetryPolicy(base_ms=500, cap_ms=5_000)
BACKOFF_STEPS = 8
REASON_MAX_CHARS = 300


Finalize = Callable[[MatchOutcome], Awaitable[Settlement]]
ReadStored = Callable[[str], Awaitable[Settlement | None]]


class ResultJournal:
    """한 서버의 결과 일지. 판마다 일 하나가 끝까지 나른다."""

    def __init__(
        self,
        *,
        stream: ResultLog,
        finalize: Finalize,
        read_stored: ReadStored,
        closer: Closer,
        clock: Clock,
        server_id: str,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._stream = stream
        self._finalize = finalize
        self._read_stored = read_stored
        self._closer = closer
        self._clock = clock
        self._server_id = server_id
        self._sleep = sleep
        self._carrying: dict[str, _Carried] = {}

    @property
    def carrying(self) -> int:
        """이 서버가 아직 나르는 결과의 수."""
        return len(self._carrying)

    def submit(self, outcome: MatchOutcome) -> None:
        """결과를 나르기 시작한다. 곧바로 돌아온다."""
        entry = _Entry(self._stream, outcome)
        task = asyncio.create_task(self._carry(entry), name=f"result-{outcome.match_id}")
        self._carrying[outcome.match_id] = _Carried(task, entry, self._clock.monotonic_s())
        task.add_done_callback(lambda done: self._forget(outcome.match_id, done))

    async def settle(self, timeout_s: float) -> int:
        """나르던 결과가 모두 쓰이기를 기다린다. 남은 수를 준다(적힌 것은 다른 서버가 쓴다)."""
        tasks = [carried.task for carried in self._carrying.values()]
        if tasks:
            await asyncio.wait(tasks, timeout=timeout_s)
        return len(self._carrying)

    async def stop(self) -> None:
        """나르던 일을 놓는다. 어디에도 적지 못한 결과는 로그가 마지막 자리다."""
        left = list(self._carrying.values())
        await end_tasks(carried.task for carried in left)
        for entry in [carried.entry for carried in left if not carried.entry.written]:
            log.error("result.abandoned", outcome=entry.outcome.encode().decode())

    async def sweep(self) -> None:
        """죽은 서버가 남긴 줄을 쓴다. `Periodic`이 부른다.

        Raises:
            Unavailable: Redis나 MariaDB가 멈췄다. 다음 번에 이어 한다.
        """
        await self._measure()
        after = FIRST
        failures: list[BaseException] = []
        while rows := await self._stream.pending(SWEEP_AGE_MS, SWEEP_BATCH, after=after):
            after = rows[-1].entry_id
            for start in range(0, len(rows), SWEEP_CONCURRENCY):
                failures += await self._sweep_rows(rows[start : start + SWEEP_CONCURRENCY])
        if failures:
            log.error("result.sweep_failed", rows=len(failures), exc_info=failures[0])

    async def take_over(self, row: PendingResult) -> None:
        """남이 적어 둔 줄을 곧바로 쓴다(멱등).

        Raises:
            Unavailable: Redis나 MariaDB가 멈췄다.
        """
        await self._sweep_row(row)

    async def decide(self, outcome: MatchOutcome) -> Settlement:
        """결과를 쓰고 어떻게 정해졌는지 준다. 다른 결과가 먼저 쓰였으면 그것이 결과다.

        Raises:
            Unavailable: MariaDB가 멈췄다. 쓰였는지 모른다.
        """
        return await self._decide(outcome)

    def _forget(self, match_id: str, task: asyncio.Task[None]) -> None:
        self._carrying.pop(match_id, None)
        if not task.cancelled() and task.exception() is not None:
            log.error("result.carry_failed", match_id=match_id, exc_info=task.exception())

    async def _carry(self, entry: _Entry) -> None:
        outcome = entry.outcome
        await entry.write_once()
        keeper = asyncio.create_task(self._release_when_durable(entry))
        try:
            settlement = await self._decide_until_done(outcome)
        finally:
            await end_tasks([keeper])
        await self._closer.conclude(outcome, settlement)
        await entry.erase()

    async def _release_when_durable(self, entry: _Entry) -> None:
        attempts = 0
        while not entry.written:
            attempts += 1
            await self._pause(attempts)
            await entry.write_once()
        await self._sleep(RELEASE_AFTER_S)
        await self._closer.release(entry.outcome)

    async def _decide_until_done(self, outcome: MatchOutcome) -> Settlement:
        attempts = 0
        while True:
            try:
                return await self._decide(outcome)
            except Unavailable as error:
                failure: Exception = error
                if attempts == 0:
                    log.warning("result.delayed", match_id=outcome.match_id, reason=error.message)
            except Exception as error:
                # 우리 잘못이어도 결과를 버리지 않는다. 고친 판이 뜨면 적힌 것을 쓴다.
                failure = error
                if attempts == 0:
                    log.exception("result.failed", match_id=outcome.match_id)
            attempts += 1
            await self._note_failure(outcome.match_id, failure, attempts)
            await self._pause(attempts)

    async def _note_failure(self, match_id: str, failure: Exception, attempts: int) -> None:
        """운영자가 볼 까닭을 남긴다. Redis가 멈췄으면 남기지 못하고, 그 사실은 지표와 로그가 안다."""
        noted = WriteFailure(
            reason=_reason(failure),
            attempts=attempts,
            server_id=self._server_id,
            failed_at_ms=self._clock.now_ms(),
        )
        with contextlib.suppress(Unavailable):
            await self._stream.note_failure(match_id, noted)

    async def _decide(self, outcome: MatchOutcome) -> Settlement:
        """결과를 쓴다. 다른 결과가 먼저 쓰였으면 그것이 결과다.

        Raises:
            Unavailable: MariaDB가 멈췄다. 쓰였는지 모른다.
        """
        try:
            return await self._finalize(outcome)
        except FinalizeConflict:
            stored = await self._read_stored(outcome.match_id)
            if stored is None:
                raise Unavailable("먼저 쓰인 결과를 읽지 못했습니다") from None
            return stored
        except InvalidArgument as error:
            # 다시 해도 같다. 결과 전체를 로그에 남겨 사람이 되살릴 수 있게 하고, 판은 무효로 알린다.
            metrics.invariant_violations.labels("result_rejected").inc()
            log.exception("result.rejected", reason=error.message, outcome=outcome.encode().decode())
            player_ids = tuple(player.player_id for player in outcome.players)
            return Settlement(outcome.match_id, Internal.code, player_ids, ())

    async def _sweep_rows(self, rows: Sequence[PendingResult]) -> list[BaseException]:
        """줄들을 나란히 쓴다. 한 줄의 고장은 뒤의 줄들을 막지 않고 모여 돌아온다(다음 훑기가 다시 본다)."""
        ends = await asyncio.gather(*map(self._sweep_row, rows), return_exceptions=True)
        failures = [end for end in ends if end is not None]
        for failure in failures:
            if isinstance(failure, Unavailable):
                raise failure
        return failures

    async def _sweep_row(self, row: PendingResult) -> None:
        try:
            outcome = decode_outcome(row.payload)
        except InvalidArgument:
            metrics.invariant_violations.labels("result_unreadable").inc()
            log.exception("result.unreadable", payload=row.payload)
            await self._stream.remove(row.entry_id, "")
            return
        if outcome.match_id in self._carrying:
            return
        try:
            settlement = await self._decide(outcome)
        except Exception as failure:
            await self._note_failure(outcome.match_id, failure, 1)
            raise
        await self._closer.conclude(outcome, settlement)
        await self._stream.remove(row.entry_id, outcome.match_id)
        log.info("result.swept", match_id=outcome.match_id, age_ms=row.age_ms)

    async def _measure(self) -> None:
        """Redis가 멈췄어도 기억에 든 것은 보인다. 적힌 것까지 세면 그보다 줄지 않는다."""
        now_s = self._clock.monotonic_s()
        oldest_s = max((now_s - carried.since_s for carried in self._carrying.values()), default=0.0)
        metrics.result_pending.set(len(self._carrying))
        metrics.result_pending_age_seconds.set(oldest_s)
        metrics.result_pending.set(max(len(self._carrying), await self._stream.depth()))
        rows = await self._stream.pending(0, 1)
        if rows:
            metrics.result_pending_age_seconds.set(max(oldest_s, rows[0].age_ms / 1000))

    async def _pause(self, attempts: int) -> None:
        delay_ms = BACKOFF.delay_ms(min(attempts, BACKOFF_STEPS), 0.5 + random() / 2)  # noqa: S311 - 지터다
        await self._sleep(delay_ms / 1000)


def _reason(failure: Exception) -> str:
    """까닭 한 줄. 드라이버의 말이 뿌리에 있으면 그것까지. 비밀의 모양은 가린다."""
    cause = failure.__cause__
    return mask_text(f"{failure} ({cause})" if cause is not None else str(failure))[:REASON_MAX_CHARS]


@dataclass(frozen=True, slots=True)
class _Carried:
    task: asyncio.Task[None]
    entry: _Entry
    since_s: float


class _Entry:
    """결과 하나의 일지 줄."""

    def __init__(self, stream: ResultLog, outcome: MatchOutcome) -> None:
        self.outcome = outcome
        self._stream = stream
        self._entry_id: str | None = None
        self._warned = False

    @property
    def written(self) -> bool:
        """적혔는가."""
        return self._entry_id is not None

    async def write_once(self) -> None:
        """아직이면 한 번 적어 본다. 실패하면 기억에만 있다."""
        if self._entry_id is not None:
            return
        try:
            self._entry_id = await self._stream.append(self.outcome.encode().decode())
        except Unavailable as error:
            if not self._warned:
                log.warning("result.not_journalled", match_id=self.outcome.match_id, reason=error.message)
            self._warned = True

    async def erase(self) -> None:
        """쓰인 줄을 지운다. 실패하면 훑기가 다시 쓰려다 이미 쓰인 것을 보고 지운다."""
        if self._entry_id is None:
            return
        try:
            await self._stream.remove(self._entry_id, self.outcome.match_id)
        except Unavailable as error:
            log.warning("result.not_erased", match_id=self.outcome.match_id, reason=error.message)
