"""시나리오들. 하나가 한 가지를 재고 Report를 준다. 선수를 만드는 시간은 재지 않는다."""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hanpan_client import (
    HanpanClient,
    MatchAborted,
    MatchFound,
    MatchResult,
    MatchStart,
    StateView,
)
from load.bare_socket import BareSocket, open_bare
from load.crowd import bounded, cancel_patiently, connected, join_patiently, make_guests
from load.figures import Report, Spread
from load.processes import UseMeter

SETTLE_S = 1.0
SOCKETS_PER_ACCOUNT = 5  # 더 열면 gateway가 앞의 것을 닫는다(contract.md 2.6절)
BURST_LIMIT_S = 120.0
CONCEDING_LIMIT = 2_000  # 이보다 많으면 판이 제 시간에 끝나게 둔다


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """어디에, 어떤 씨앗으로, 누구의 CPU를 재며."""

    base_url: str
    ws_url: str
    seed: int
    pids: dict[str, int]


async def connect(target: Target, *, count: int, concurrency: int) -> Report:
    """토큰을 든 `count`개의 접속과 hello. 한꺼번에 `concurrency`개까지 걸어 둔다."""
    guests = min(count, max(1000, math.ceil(count / SOCKETS_PER_ACCOUNT)))
    accounts = await make_guests(target.base_url, guests, target.seed)
    latencies_ms: list[float] = []

    async def one(number: int) -> BareSocket:
        began_s = time.perf_counter()
        bare = await open_bare(target.ws_url, accounts[number % len(accounts)].access_token)
        latencies_ms.append((time.perf_counter() - began_s) * 1000)
        return bare

    meter = UseMeter(target.pids)
    began_s = time.perf_counter()
    sockets = await bounded(one, range(count), concurrency)
    elapsed_s = time.perf_counter() - began_s
    report = Report(title=f"접속 {count}개(동시 {concurrency})", elapsed_s=elapsed_s, uses=meter.uses())
    report.facts["속도"] = f"{count / elapsed_s:,.0f} 접속/s"
    report.spreads_ms["접속에서 welcome까지"] = Spread.of(latencies_ms)
    for bare in sockets:
        bare.abort()
    return report


async def burst(target: Target, *, players: int) -> Report:
    """`players`명이 한꺼번에 duel을 청하고, 모두 상대를 만날 때까지."""
    accounts = await make_guests(target.base_url, players, target.seed)
    async with connected(target.ws_url, accounts, target.seed) as clients:
        await asyncio.sleep(SETTLE_S)
        meter = UseMeter(target.pids)
        began_s = time.perf_counter()

        async def one(client: HanpanClient) -> tuple[float, float, int]:
            refusals = await join_patiently(client, "duel")
            joined_ms = (time.perf_counter() - began_s) * 1000
            await client.wait_for(MatchFound, timeout_s=BURST_LIMIT_S)
            return joined_ms, (time.perf_counter() - began_s) * 1000, refusals

        outcomes = await asyncio.gather(*(one(client) for client in clients))
        elapsed_s = time.perf_counter() - began_s
        report = Report(title=f"한꺼번에 {players}명의 duel", elapsed_s=elapsed_s, uses=meter.uses())
        report.facts["모두 만날 때까지"] = f"{elapsed_s:.2f} s"
        joins_s = max(joined_ms for joined_ms, _, _ in outcomes) / 1000
        report.facts["join"] = f"{players / joins_s:,.0f}/s(모두 줄에 설 때까지 {joins_s:.2f} s)"
        report.facts["판"] = f"{players / 2 / elapsed_s:,.0f}/s"
        report.facts["바빠서 다시 청한 횟수"] = str(sum(refusals for _, _, refusals in outcomes))
        report.spreads_ms["청한 때부터 queue.joined까지"] = Spread.of(each[0] for each in outcomes)
        report.spreads_ms["청한 때부터 match.found까지"] = Spread.of(each[1] for each in outcomes)
        if players <= CONCEDING_LIMIT:
            await asyncio.gather(*(_concede(client) for client in clients))
    return report


async def steady(target: Target, *, joins_per_s: float, seconds: float) -> Report:
    """고른 빠르기로 새 선수가 duel을 청한다(열린 고리: 앞의 답을 기다리지 않는다). 만난 판은 그대로 돈다."""
    count = round(joins_per_s * seconds)
    accounts = await make_guests(target.base_url, count, target.seed)
    async with connected(target.ws_url, accounts, target.seed) as clients:
        await asyncio.sleep(SETTLE_S)
        meter = UseMeter(target.pids)
        began_s = time.perf_counter()
        waits_ms: list[float] = []
        lags_ms: list[float] = []

        async def one(number: int, client: HanpanClient) -> int:
            due_s = began_s + number / joins_per_s
            await asyncio.sleep(max(0.0, due_s - time.perf_counter()))
            lags_ms.append((time.perf_counter() - due_s) * 1000)
            asked_s = time.perf_counter()
            refusals = await join_patiently(client, "duel")
            await client.wait_for(MatchFound, timeout_s=BURST_LIMIT_S)
            waits_ms.append((time.perf_counter() - asked_s) * 1000)
            return refusals

        refusals = await asyncio.gather(*(one(number, client) for number, client in enumerate(clients)))
        elapsed_s = time.perf_counter() - began_s
    report = Report(title=f"{joins_per_s:g} join/s, {seconds:g}초", elapsed_s=elapsed_s, uses=meter.uses())
    report.facts["바빠서 다시 청한 횟수"] = str(sum(refusals))
    report.spreads_ms["청한 때부터 match.found까지"] = Spread.of(waits_ms)
    report.spreads_ms["부하 도구가 늦은 만큼"] = Spread.of(lags_ms)
    return report


async def queueing(target: Target, *, mode: str, players: int, seconds: float, joins_per_s: float) -> Report:
    """선수마다 고른 빠르기로 줄을 섰다가 곧 나온다. 판이 서지 않는 `mode`여야 한다."""
    accounts = await make_guests(target.base_url, players, target.seed)
    async with connected(target.ws_url, accounts, target.seed) as clients:
        waits_ms: list[float] = []

        async def come_and_go(client: HanpanClient, until_s: float) -> None:
            next_s = time.perf_counter() + rng.random() / joins_per_s
            while next_s < until_s:
                await asyncio.sleep(max(0.0, next_s - time.perf_counter()))
                next_s += 1 / joins_per_s
                asked_s = time.perf_counter()
                await join_patiently(client, mode)
                waits_ms.append((time.perf_counter() - asked_s) * 1000)
                await cancel_patiently(client)

        rng = random.Random(target.seed)  # noqa: S311 - 시작을 흩는 놀이의 난수다
        for measured_s in (SETTLE_S, seconds):  # 앞의 것은 몸풀기다
            waits_ms.clear()
            meter = UseMeter(target.pids)
            began_s = time.perf_counter()
            await asyncio.gather(*(come_and_go(client, began_s + measured_s) for client in clients))
            elapsed_s = time.perf_counter() - began_s
            uses = meter.uses()
    report = Report(title=f"{mode}: {players}명이 {joins_per_s:g} join/s", elapsed_s=elapsed_s, uses=uses)
    report.operations["join"] = len(waits_ms)
    report.spreads_ms["join의 답까지"] = Spread.of(waits_ms)
    return report


async def _concede(client: HanpanClient) -> None:
    """판을 남기지 않고 끝낸다."""
    found = client.found
    if found is None:
        raise LookupError("만난 판이 없습니다")
    await client.wait_for(MatchStart, MatchResult, timeout_s=60)
    await client.leave(found.match_id)
    await client.wait_for(MatchResult, MatchAborted, timeout_s=60)


class _Player:
    """움직이는 선수 하나: 정한 빠르기로 입력을 보내고, 프레임 간격과 입력이 반영되기까지를 잰다."""

    def __init__(self, client: HanpanClient, seed: int) -> None:
        self._client = client
        self._rng = random.Random(seed)  # noqa: S311 - 놀이의 난수다
        self._sent_at_s: dict[int, float] = {}
        self._last_frame_s = 0.0
        self.frames = 0
        self.inputs = 0
        self.gaps_ms: list[float] = []
        self.input_ms: list[float] = []
        client.on_state = self._on_state

    def forget(self) -> None:
        """몸풀기 동안 잰 것을 버린다."""
        self.frames = 0
        self.inputs = 0
        self.gaps_ms.clear()
        self.input_ms.clear()

    def _on_state(self, view: StateView) -> None:
        now_s = time.perf_counter()
        if self._last_frame_s:
            self.gaps_ms.append((now_s - self._last_frame_s) * 1000)
        self._last_frame_s = now_s
        self.frames += 1
        for seq in [seq for seq in self._sent_at_s if seq <= view.last_input_seq]:
            self.input_ms.append((now_s - self._sent_at_s.pop(seq)) * 1000)

    async def steer(self, inputs_per_s: float, until_s: float) -> None:
        """`until_s`(perf_counter)까지 입력을 보낸다. 시작을 흩어 모두가 같은 순간에 보내지 않게 한다."""
        period_s = 1 / inputs_per_s
        next_s = time.perf_counter() + self._rng.random() * period_s
        while next_s < until_s:
            await asyncio.sleep(max(0.0, next_s - time.perf_counter()))
            next_s += period_s
            sent_s = time.perf_counter()
            seq = await self._client.send_input(self._rng.randint(-1, 1), self._rng.randint(-1, 1))
            self._sent_at_s[seq] = sent_s
            self.inputs += 1


async def play(target: Target, *, mode: str, players: int, seconds: float, inputs_per_s: float) -> Report:
    """`players`명이 `mode`를 하며 `seconds` 동안 잰다(판이 그보다 길어야 한다)."""
    [report] = await play_at_rates(
        target, mode=mode, players=players, seconds=seconds, rates_per_s=[inputs_per_s]
    )
    return report


async def play_at_rates(
    target: Target, *, mode: str, players: int, seconds: float, rates_per_s: Sequence[float]
) -> list[Report]:
    """같은 판들에서 입력의 빠르기를 바꿔 가며 `seconds`씩 잰다(판이 모두보다 길어야 한다)."""
    accounts = await make_guests(target.base_url, players, target.seed)
    async with connected(target.ws_url, accounts, target.seed) as clients:
        crowd = [_Player(client, target.seed + number) for number, client in enumerate(clients)]
        await asyncio.gather(*(join_patiently(client, mode) for client in clients))
        await asyncio.gather(*(client.wait_for(MatchStart, timeout_s=60) for client in clients))
        await asyncio.sleep(SETTLE_S)
        reports = [await _measure(target, crowd, seconds, rate) for rate in rates_per_s]
    for report, rate in zip(reports, rates_per_s, strict=True):
        report.title = f"{mode}: {players}명, 20 Hz, 입력 {rate:g}/s"
    return reports


async def _measure(target: Target, crowd: list[_Player], seconds: float, inputs_per_s: float) -> Report:
    for player in crowd:
        player.forget()
    meter = UseMeter(target.pids)
    began_s = time.perf_counter()
    await asyncio.gather(*(player.steer(inputs_per_s, began_s + seconds) for player in crowd))
    elapsed_s = time.perf_counter() - began_s
    report = Report(title="", elapsed_s=elapsed_s, uses=meter.uses())
    frames = sum(player.frames for player in crowd)
    report.operations["상태 프레임"] = frames
    report.operations["입력"] = sum(player.inputs for player in crowd)
    report.facts["상태 프레임"] = f"{frames:,}개, 선수마다 {frames / len(crowd) / elapsed_s:.1f}/s"
    report.spreads_ms["프레임 간격"] = _spread(crowd, lambda player: player.gaps_ms)
    report.spreads_ms["입력에서 상태까지"] = _spread(crowd, lambda player: player.input_ms)
    return report


def _spread(crowd: list[_Player], pick: Callable[[_Player], list[float]]) -> Spread:
    return Spread.of(value for player in crowd for value in pick(player))
