"""봇 하나의 하루와 무리의 시작과 끝. 멈추라면 새 판을 서지 않고, 두던 판은 기권하고 나온다.

기권하는 까닭: 말없이 나가면 같은 판의 사람이 가만히 선 상대를 끝까지 봐야 한다.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import TypeVar

from django.utils.translation import gettext as _

from bots.report import SwarmReport
from hanpan_client import (
    HanpanApiError,
    HanpanClient,
    HanpanClientError,
    HanpanHttp,
    MatchAborted,
    MatchFound,
    MatchResult,
    QueueTimeout,
    StarBot,
    play,
)

R = TypeVar("R")
MAX_BOTS = 2000
CONCURRENT_STARTS = 16
MATCH_TIMEOUT_S = 300.0
LEAVE_TIMEOUT_S = 5.0
DUEL_PLAYERS = 2
PAUSE_BASE_S, PAUSE_CAP_S = 0.5, 10.0
NAMES = ("노을", "바람", "여울", "새벽", "단풍", "솔잎", "물결", "별똥", "이슬", "달빛", "구름", "소나기")


@dataclass(frozen=True, slots=True, kw_only=True)
class SwarmPlan:
    """`matches`가 None이면 멈추라고 할 때까지. 같은 `seed`와 `mode`면 같은 봇들이 온다."""

    base_url: str
    count: int
    mode: str
    matches: int | None
    seed: int

    @property
    def ws_url(self) -> str:
        return "ws" + self.base_url.removeprefix("http") + "/ws"

    def device_id(self, number: int) -> str:
        """봇의 계정을 다시 찾는 기기 번호. 선수는 한 번에 한 판만 두므로 모드가 다르면 다른 봇들이다."""
        return f"bot-{self.seed}-{self.mode}-{number}"


def bot_name(number: int) -> str:
    """무리의 `number`째 봇의 이름."""
    return f"{NAMES[number % len(NAMES)]} 봇 {number + 1}"


class SwarmRefusedError(Exception):
    """다시 해도 같을 거절: 무리 전체가 그만둔다. 까닭은 문구에 있다."""


class Swarm:
    """봇 `plan.count`명. 한 이벤트 루프에서 한 번만 돌린다."""

    def __init__(self, plan: SwarmPlan) -> None:
        self.tally = SwarmReport(time.monotonic())
        self._plan = plan
        self._stopping = asyncio.Event()
        self._starts = asyncio.Semaphore(CONCURRENT_STARTS)

    def stop(self) -> None:
        """그만하라고 한다. 몇 번 불러도 같다."""
        self._stopping.set()

    async def run(self) -> None:
        """모든 봇이 몫을 마치거나 멈출 때까지.

        Raises:
            SwarmRefusedError: 서버가 이 모드를 모른다.
        """
        try:
            async with (
                HanpanHttp(self._plan.base_url, max_connections=CONCURRENT_STARTS) as http,
                asyncio.TaskGroup() as bots,
            ):
                for number in range(self._plan.count):
                    bots.create_task(self._live(http, number), name=f"bot-{number}")
        except* SwarmRefusedError as refusals:
            raise refusals.exceptions[0] from None

    async def _live(self, http: HanpanHttp, number: int) -> None:
        """봇 하나: 실패하면 쉬었다가 처음부터 다시 한다. 잇단 실패가 많을수록 오래 쉰다."""
        rng = random.Random(f"{self._plan.seed}-{number}")  # noqa: S311 - 놀이의 난수다
        left = self._plan.matches
        failures = 0
        while not self._stopping.is_set() and left != 0:
            try:
                done = await self._session(http, number, left)
            except HanpanClientError as error:
                self.tally.errors[_code_of(error)] += 1
                failures += 1
                await self._pause(min(PAUSE_CAP_S, PAUSE_BASE_S * 2.0**failures) * (0.5 + rng.random() / 2))
                continue
            failures = 0
            left = None if left is None else left - done

    async def _session(self, http: HanpanHttp, number: int, left: int | None) -> int:
        """붙어서 몫이 다하거나 멈출 때까지 둔다. 둔 판의 수를 준다."""
        plan = self._plan
        async with self._starts:
            account = await http.guest(name=bot_name(number), device_id=plan.device_id(number))
            client = await HanpanClient(plan.ws_url, account.access_token).connect()
        played = 0
        try:
            while not self._stopping.is_set() and played != left:
                played += await self._one_match(client, StarBot(plan.seed + 7919 * number + played))
        finally:
            await client.close()
        return played

    async def _one_match(self, client: HanpanClient, bot: StarBot) -> int:
        """한 판. 멈추라고 해서 다 두지 못했으면 0이다."""
        if not await self._find_match(client):
            return 0
        self.tally.playing += 1
        try:
            ending = await self._unless_stopped(play(client, bot, timeout_s=MATCH_TIMEOUT_S))
            if ending is None:
                ending = await _concede(client)
        finally:
            self.tally.playing -= 1
        if ending is None:
            return 0
        aborted = isinstance(ending, MatchAborted)
        self.tally.end_match(ending.match_id, time.monotonic(), aborted=aborted)
        return 1

    async def _find_match(self, client: HanpanClient) -> bool:
        """줄을 서서 판에 앉는다. 멈추라고 해서 앉지 못했으면 거짓이다."""
        self.tally.waiting += 1
        try:
            while not self._stopping.is_set():
                await self._join(client)
                waited = client.wait_for(MatchFound, QueueTimeout, timeout_s=MATCH_TIMEOUT_S)
                if isinstance(await self._unless_stopped(waited), MatchFound):
                    return True
        finally:
            self.tally.waiting -= 1
        return False

    async def _join(self, client: HanpanClient) -> None:
        """줄을 선다. 앞선 실행이 남긴 판에 앉아 있으면 서버가 그 판을 알려 주므로 그것을 기다리면 된다."""
        try:
            await client.join(self._plan.mode)
        except HanpanApiError as error:
            if error.code == "INVALID_ARGUMENT":
                raise SwarmRefusedError(
                    _("서버가 모드 %(mode)s을 받지 않습니다") % {"mode": self._plan.mode}
                ) from error
            if error.code != "ALREADY_IN_MATCH":
                raise

    async def _unless_stopped(self, work: Coroutine[object, object, R]) -> R | None:
        """일을 하되 멈추라고 하면 그만두고 None을 준다."""
        task = asyncio.create_task(work)
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
            return task.result() if task.done() else None
        finally:
            task.cancel()
            stopping.cancel()
            await asyncio.gather(task, stopping, return_exceptions=True)

    async def _pause(self, seconds: float) -> None:
        """쉰다. 멈추라고 하면 바로 일어난다."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)


async def _concede(client: HanpanClient) -> MatchResult | MatchAborted | None:
    """앉은 판을 떠난다. 그래서 끝나면 그 끝을 듣고, 남은 이들이 이어 두는 판이면 None이다."""
    found = client.found
    if client.match_id is not None:
        await client.leave(client.match_id)
        if found is not None and len(found.players) > DUEL_PLAYERS:
            return None
    return await client.wait_for(MatchResult, MatchAborted, timeout_s=LEAVE_TIMEOUT_S)


def _code_of(error: HanpanClientError) -> str:
    """오류를 세는 이름: 서버가 말한 코드, 없으면 오류의 종류."""
    return error.code if isinstance(error, HanpanApiError) else type(error).__name__
