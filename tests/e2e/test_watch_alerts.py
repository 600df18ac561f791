"""모든 경보를 진짜 까닭(멈춤, 죽임, 몰림)으로 울려 보고, 까닭이 사라지면 꺼지는지 본다.

규칙은 infra/observability/prometheus의 것이고 시간만 120배로 접었다. 차례로 울리고, 꺼짐은 끝에 함께 본다.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
import yaml

from hanpan_client import HanpanClient, MatchAborted, MatchFound, MatchResult
from stack.runtime import Runtime
from tests.e2e.fast_prometheus import RULES, FastPrometheus, fast_prometheus
from tests.e2e.fleet_desk import FleetDesk
from tests.e2e.players import MATCH_WAIT_S, WAIT_S, Lobby, meet

PROCESSES = ("platform", "gateway1", "gateway2", "matchmaking", "session1", "session2")
SESSIONS = ("session1", "session2")
STUTTERS = 40
FREEZE_S = 0.2  # 네 틱. 바쁜 기계에서는 얼리고 푸는 사이가 길어진다
SLOW_PLACING_S = 3.0  # 판을 여는 기한(2초)보다 길고 서버의 하트비트의 수명(4초)보다 짧다
SLOW_RESUME_S = 0.8
LATE_TICK = 40
FROZEN_DATABASE_S = 10.0
QUIET_WITHIN_S = 75.0
PENDING_RESULTS = "result:local:pending"
ALL_ALERTS = {
    rule["alert"]
    for group in yaml.safe_load((RULES / "alerts.yml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
}


@pytest.fixture(scope="module")
def watch(stack: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastPrometheus]:
    with fast_prometheus(stack, PROCESSES, tmp_path_factory.mktemp("prometheus")) as prometheus:
        yield prometheus


@pytest.fixture(scope="module")
def fired() -> set[str]:
    """이 모듈에서 울려 본 경보들."""
    return set()


async def ends_of(
    pairs: list[list[HanpanClient]], founds: list[MatchFound]
) -> list[MatchResult | MatchAborted]:
    """판마다의 끝."""

    async def end_of(client: HanpanClient, found: MatchFound) -> MatchResult | MatchAborted:
        return await client.wait_for(
            MatchResult,
            MatchAborted,
            timeout_s=MATCH_WAIT_S,
            where=lambda end: end.match_id == found.match_id,
        )

    return await asyncio.gather(*(end_of(pair[0], found) for pair, found in zip(pairs, founds, strict=True)))


@asynccontextmanager
async def frozen_for(stack: Runtime, seconds: float, *names: str) -> AsyncIterator[None]:
    """함께 얼리고, 안의 일이 끝난 뒤 `seconds`가 더 지나면 푼다."""
    await asyncio.gather(*(asyncio.to_thread(stack.pause, name) for name in names))
    try:
        yield
        await asyncio.sleep(seconds)
    finally:
        await asyncio.gather(*(asyncio.to_thread(stack.unpause, name) for name in names))


async def freeze_for(stack: Runtime, seconds: float, *names: str) -> None:
    """함께 얼렸다가 푼다."""
    async with frozen_for(stack, seconds, *names):
        pass


async def test_players_whose_opponents_are_there_and_who_wait_burn_the_budget_of_matching(
    watch: FastPrometheus, fired: set[str], faults: Runtime
) -> None:
    """상대가 있는데도 기다린다: 판을 열 서버들이 얼어 있는 동안 줄을 선 이들이 모두 1초를 넘긴다."""
    async with Lobby() as lobby:
        clients = await lobby.crowd(12)
        async with frozen_for(faults, SLOW_PLACING_S, *SESSIONS):
            await asyncio.gather(*(client.join("duel") for client in clients))
        await asyncio.gather(*(client.wait_for(MatchFound, timeout_s=MATCH_WAIT_S) for client in clients))
        names = ("FoundBudgetBurnsFast", "FoundBudgetBurnsSlow")
        await watch.until_fired(*names, within_s=30)
        fired |= {*names}


async def test_servers_that_stutter_burn_the_budget_of_ticks(
    watch: FastPrometheus, fired: set[str], faults: Runtime
) -> None:
    for _ in range(STUTTERS):
        await freeze_for(faults, FREEZE_S, *SESSIONS)
    names = ("TickBudgetBurnsFast", "TickBudgetBurnsSlow")
    await watch.until_fired(*names, within_s=30)
    fired |= {*names}


async def test_slow_resumes_burn_their_budget(
    watch: FastPrometheus, fired: set[str], faults: Runtime
) -> None:
    async with Lobby() as lobby:
        one, two = await lobby.client(), await lobby.client()
        await meet(one, two)
        await asyncio.gather(*(client.wait_state(lambda world: world.tick > 0) for client in (one, two)))
        tokens = [one.resume_token, two.resume_token]
        sockets = [await lobby.raw() for _ in tokens]
        async with frozen_for(faults, SLOW_RESUME_S, *SESSIONS):
            asked = [
                asyncio.create_task(socket.ask("resume", "resumed", resume_token=token, last_tick=0))
                for socket, token in zip(sockets, tokens, strict=True)
            ]
        answers = await asyncio.gather(*asked)
        assert {answer["t"] for answer in answers} == {"resumed"}
        names = ("ResumeBudgetBurnsFast", "ResumeBudgetBurnsSlow")
        await watch.until_fired(*names, within_s=30)
        fired |= {*names}


async def test_a_frozen_database_burns_the_budget_of_finalize_and_leaves_results_unwritten(
    watch: FastPrometheus, fired: set[str], faults: Runtime
) -> None:
    async with Lobby() as lobby:
        pairs = [await lobby.crowd(2) for _ in range(3)]
        founds = [(await meet(*pair))[0] for pair in pairs]
        # 판(4초)은 얼어 있는 사이에 끝난다. 결과의 나이는 5초마다 잰다.
        await pairs[0][0].wait_state(lambda world: world.tick > LATE_TICK, timeout_s=WAIT_S)
        await freeze_for(faults, FROZEN_DATABASE_S, "mariadb")
        ends = await ends_of(pairs, founds)
        assert all(isinstance(end, MatchResult) for end in ends), "늦어도 쓰인다"
        names = ("FinalizeBudgetBurnsFast", "FinalizeBudgetBurnsSlow", "ResultsNotWritten")
        await watch.until_fired(*names, within_s=30)
        fired |= {*names}


async def test_a_killed_server_is_told_and_its_matches_burn_the_budget(
    watch: FastPrometheus, fired: set[str], fleet: FleetDesk, faults: Runtime
) -> None:
    async with Lobby() as lobby:
        # 읽을 수 없는 줄은 오래된 줄을 훑을 때(10초 뒤) 드러난다.
        host, port = faults.endpoint("redis", 6379)
        await asyncio.to_thread(
            faults.execute, "redis",
            ["redis-cli", "-h", host, "-p", str(port), "XADD", PENDING_RESULTS, "*", "payload", "broken"],
        )  # fmt: skip
        pairs = [await lobby.crowd(2) for _ in range(4)]
        founds = [(await meet(*pair))[0] for pair in pairs]
        lost = founds[0].session
        await asyncio.to_thread(faults.kill, lost)
        ends = await ends_of(pairs, founds)
        assert any(isinstance(end, MatchAborted) for end in ends)
        names = (
            "ServerLost",
            "ProcessDown",
            "MatchBudgetBurnsFast",
            "MatchBudgetBurnsSlow",
            "InvariantViolated",
        )
        await watch.until_fired(*names, within_s=40)

        # 남은 하나마저 드레인하면 둘 곳이 없다.
        [left] = [name for name in SESSIONS if name != lost]
        await fleet.drain(left)
        waiting = await lobby.crowd(2)
        for client in waiting:
            await client.join("duel")
        homeless = ("NoReadyServer", "NoServerForMatches")
        await watch.until_fired(*homeless, within_s=30)
        fired |= {*names, *homeless}
        await asyncio.to_thread(faults.start, lost)
        await fleet.until_state(left, "drained")
        await fleet.undrain(left)
        found = [await client.wait_for(MatchFound, timeout_s=MATCH_WAIT_S) for client in waiting]
        await ends_of([waiting], [found[0]])


async def test_every_alert_was_heard_and_all_are_quiet_again(watch: FastPrometheus, fired: set[str]) -> None:
    assert fired == ALL_ALERTS, "울려 보지 않은 경보가 있다"
    await watch.until_quiet(within_s=QUIET_WITHIN_S)
