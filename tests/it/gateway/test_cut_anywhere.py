"""아무 바이트에서나 몇 번이고 끊겨도 통지는 한 번씩, 틱은 앞으로만, 결과는 반영된 입력의 되풀이와 같다.

선수는 SDK를 그대로 쓰고 끊길 때마다 다른 gateway로 돌아온다. 예의 수는 `HANPAN_CUT_EXAMPLES`(기본 25)다.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hanpan_client import (
    Backoff,
    CallTimeoutError,
    ClientOptions,
    ConnectionLostError,
    Disconnected,
    HanpanApiError,
    HanpanClient,
    HanpanClientError,
    MatchAborted,
    MatchFound,
    MatchResult,
    MatchStart,
    StateView,
    WorldView,
)
from kernel.ids import new_id
from tests.fakes.cutting_relay import Cut, CuttingRelay, cutting_relay
from tests.fakes.gateway_ports import token_of
from tests.fakes.redis_process import RedisProcess
from tests.it.gateway.resume_stage import RecordedMatch, ResumeStage, resume_stage

EXAMPLES = int(os.environ.get("HANPAN_CUT_EXAMPLES", "25"))
LIMIT_S = 30.0
RETRY_S = 0.005
OPTIONS = ClientOptions(
    reconnect=Backoff(base_ms=1, cap_ms=10, max_attempts=10_000), call_timeout_s=5, seed=1
)

# 한 판의 위아래를 다 나르면 아래로 5 KB, 위로 3 KB쯤이다. 인사와 통지가 오가는 앞쪽을 더 자주 끊는다.
cuts = st.lists(
    st.builds(Cut, upward=st.booleans(), after_bytes=st.integers(0, 700) | st.integers(0, 4_000)), max_size=8
)


class Player:
    """SDK를 쓰는 선수 하나. 본 것과 낸 것을 모두 적는다."""

    def __init__(self, url: str, random: Random) -> None:
        self.player_id = new_id()
        self.client = HanpanClient(url, token_of(self.player_id), OPTIONS)
        self.client.on_state = self._see
        self.events: list[object] = []
        self.tried: list[tuple[int, int]] = []
        self.seen: list[tuple[int, dict[int, tuple[int, ...]]]] = []
        self._random = random
        self._matched = asyncio.Event()
        self._lost = asyncio.Event()

    def _see(self, view: StateView) -> None:
        assert isinstance(view, WorldView)
        self.seen.append((view.tick, {entity: tuple(row) for entity, row in view.entities.items()}))

    async def play(self) -> MatchResult:
        """줄을 서서 결과를 들을 때까지."""
        await self._connect()
        working = [asyncio.create_task(self._queue()), asyncio.create_task(self._steer())]
        try:
            return await self._listen()
        finally:
            for task in working:
                task.cancel()
            for outcome in await asyncio.gather(*working, return_exceptions=True):
                if isinstance(outcome, Exception):
                    raise outcome
            await self.client.close()

    async def _connect(self) -> None:
        """첫 인사는 SDK가 한 번만 해 본다."""
        while True:
            try:
                await self.client.connect()
            except HanpanClientError:
                await asyncio.sleep(RETRY_S)
            else:
                return

    async def _listen(self) -> MatchResult:
        async for event in self.client.events():
            self.events.append(event)
            match event:
                case MatchFound():
                    self._matched.set()
                case Disconnected():
                    self._lost.set()
                case MatchResult():
                    return event
                case MatchAborted():
                    raise AssertionError(f"무효가 된 판: {event}")
        raise AssertionError("결과를 듣지 못하고 닫혔다")

    async def _queue(self) -> None:
        """판을 만날 때까지 줄을 선다. 끊긴 소켓의 표를 다음 hello가 잇지 못했으면 다시 선다."""
        while not self._matched.is_set():
            await self.client.wait_connected(timeout_s=LIMIT_S)
            self._lost.clear()
            try:
                await self.client.join("duel")
            except (ConnectionLostError, CallTimeoutError):
                await asyncio.sleep(RETRY_S)
            except HanpanApiError as error:
                assert error.code in {"ALREADY_QUEUED", "ALREADY_IN_MATCH", "UNAVAILABLE"}, error
                await asyncio.sleep(RETRY_S)
            else:
                waits = [asyncio.create_task(self._matched.wait()), asyncio.create_task(self._lost.wait())]
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
                for wait in waits:
                    wait.cancel()

    async def _steer(self) -> None:
        """상태를 볼 때마다 가끔 방향을 바꾼다. 몇 번째로 냈는지가 곧 입력의 번호다."""
        while True:
            await self.client.next_state(timeout_s=LIMIT_S)
            if self._random.random() < 0.7:
                direction = self._random.randint(-1, 1), self._random.randint(-1, 1)
                self.tried.append(direction)
                try:
                    await self.client.send_input(*direction)
                except ConnectionLostError:
                    continue


async def play_one(stage: ResumeStage, seed: int, cuts: Sequence[list[Cut]]) -> tuple[int, int]:
    """한 판을 두고 모두 살핀다. (끊긴 수, 이은 수)를 준다."""
    random = Random(seed)
    bases = [gateway.base for gateway in stage.gateways]
    async with (
        asyncio.timeout(LIMIT_S),
        cutting_relay(bases, cuts[0]) as (first_relay, first),
        cutting_relay(bases, cuts[1]) as (second_relay, second),
    ):
        players = [Player(f"ws://{first}/ws", random), Player(f"ws://{second}/ws", random)]
        results = await asyncio.gather(*(player.play() for player in players))
    assert results[0].results == results[1].results
    match = stage.matches.pop(results[0].match_id)
    scores = {row.player_id: row.score for row in results[0].results}
    assert [scores[player.player_id] for player in match.plan.players] == match.replayed_scores()
    for player in players:
        check_messages(player)
        check_states(player, match)
        check_inputs(player, match)
    return cut_count(first_relay, second_relay), sum(player.client.reconnects for player in players)


def cut_count(*relays: CuttingRelay) -> int:
    """끊긴 소켓의 수."""
    return sum(relay.cut for relay in relays)


def check_messages(player: Player) -> None:
    """잃지도 겹치지도 않고, 차례대로다."""
    kinds = (MatchFound, MatchStart, MatchResult)
    assert [type(event) for event in player.events if isinstance(event, kinds)] == list(kinds)


def check_states(player: Player, match: RecordedMatch) -> None:
    """틱은 앞으로만 가고, 본 모습은 그 틱의 서버와 같다(내내 붙어 있던 선수가 볼 모습이다)."""
    ticks = [tick for tick, _ in player.seen]
    assert ticks == sorted(set(ticks))
    for tick, world in player.seen:
        assert world == match.rules.worlds[tick], tick
    assert player.client.world.missed_bases == 0, "돌아온 소켓의 첫 프레임이 snapshot이 아니었다"


def check_inputs(player: Player, match: RecordedMatch) -> None:
    """반영된 입력은 선수가 그 번호로 낸 것이고, 한 번씩이며, 낸 차례다."""
    slot = [each.player_id for each in match.plan.players].index(player.player_id)
    applied = match.inputs[slot]
    numbers = [seq for seq, _ in applied]
    assert numbers == sorted(set(numbers))
    for seq, values in applied:
        assert values == player.tried[seq - 1]


def test_cuts_at_any_byte_lose_and_double_nothing(
    private_redis: RedisProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    totals = [0, 0]
    with asyncio.Runner() as runner:
        redis = private_redis.client()
        opened = resume_stage(redis, monkeypatch)
        stage = runner.run(opened.__aenter__())

        # 예 하나가 진짜 판이라 줄이지 않는다: 실패한 예를 그대로 보인다.
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        @given(seed=st.integers(0, 2**32), first=cuts, second=cuts)
        def example(seed: int, first: list[Cut], second: list[Cut]) -> None:
            cut, returned = runner.run(play_one(stage, seed, (first, second)))
            totals[0] += cut
            totals[1] += returned

        try:
            example()
        finally:
            runner.run(opened.__aexit__(None, None, None))
            runner.run(redis.aclose())
    assert totals[0] > EXAMPLES
    assert totals[1] > EXAMPLES / 2
