"""Redis의 Lua를 파이썬 모형과 나란히 모는 Hypothesis 상태 기계의 틀."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, ClassVar
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, reject, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

import redisstore.client
from kernel.errors import Unavailable
from redisstore.client import AsyncRedis, make_async_client
from tests.fakes.redis_process import RedisProcess

EXAMPLES = int(os.environ.get("HANPAN_MODEL_EXAMPLES", "100"))
STEPS = 50
CONNECT_TIMEOUT_MS = 2_000
# 예산(250 ms)은 여기서 볼 것이 아니다. 멈칫에 답을 잃으면 Hypothesis가 같은 예를 다시 만들지 못한다.
ANSWER_LIMIT_S = 30.0


class RedisMachine(RuleBasedStateMachine):
    """빈 Redis와 클라이언트 둘. 물려받은 기계는 `self.run`으로 비동기 저장소를 부른다."""

    server: ClassVar[RedisProcess]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        settings = replace(
            self.server.settings(),
            connect_timeout_ms=CONNECT_TIMEOUT_MS,
            command_timeout_ms=round(1000 * ANSWER_LIMIT_S),
        )
        self.clients: list[AsyncRedis] = [make_async_client(settings) for _ in range(2)]
        self.client = self.clients[0]
        self.run(self.client.flushdb())

    def teardown(self) -> None:
        """연결을 닫는다."""
        for client in self.clients:
            self.run(client.aclose())
        self.runner.close()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """비동기 부름 하나를 끝까지 한다. 기계가 멈칫해 답을 잃었으면 그 예를 버린다(쓰였는지 모른다)."""
        try:
            return self.runner.run(work)
        except Unavailable:
            reject()

    def read(self, *commands: tuple[Any, ...]) -> list[Any]:
        """명령들을 한 왕복에 묻는다."""

        async def ask() -> list[Any]:
            pipeline = self.client.pipeline(transaction=False)
            for command in commands:
                pipeline.execute_command(*command)
            return await pipeline.execute()

        replies: list[Any] = self.run(ask())
        return replies


def drive(
    machine: type[RedisMachine], server: RedisProcess, *, examples: int = EXAMPLES, shrink: bool = True
) -> None:
    """`examples`번, 많아야 `STEPS`걸음씩 몬다. 어긋나면 그 예외가 난다."""
    machine.server = server
    with patch.object(
        redisstore.gate, "stall_tolerant_timeout", lambda _limit_s: asyncio.timeout(ANSWER_LIMIT_S)
    ):
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=examples, stateful_step_count=STEPS, deadline=None, derandomize=True,
                database=None, phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
                suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
            ),
        )  # fmt: skip
