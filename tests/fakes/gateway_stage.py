"""gateway 시험의 무대: 진짜 gateway 하나, 가짜 matchmaking과 session(진짜 gRPC), Redis의 쌍둥이."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import structlog
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from hanpan.v1 import matchmaking_pb2 as pb
from kernel.ids import new_id
from tests.fakes.gateway_ports import FakeRedis, FakeServerRow
from tests.fakes.gateway_process import Client, Gateway, gateway_process, settings_for_tests
from tests.fakes.matchmaking_server import FakeMatchmaking, matchmaking_server
from tests.fakes.session_server import FakeSession, SessionProcess, session_server

WAIT_S = 5.0


class Stage:
    """무대 위의 것들과 자주 쓰는 장면."""

    def __init__(
        self, gateway: Gateway, matchmaking: FakeMatchmaking, process: SessionProcess, redis: FakeRedis
    ) -> None:
        self.gateway = gateway
        self.matchmaking = matchmaking
        self.process = process
        self.redis = redis

    @property
    def session(self) -> FakeSession:
        """session 서버의 알맹이."""
        return self.process.fake

    async def until(self, is_true: Callable[[], bool], limit_s: float = WAIT_S) -> None:
        """조건이 참이 될 때까지 기다린다."""
        async with asyncio.timeout(limit_s):
            while not is_true():  # noqa: ASYNC110 - 조건은 시험마다 다르고 알려 줄 이가 없다
                await asyncio.sleep(0.005)

    async def ready(self) -> None:
        """통지 스트림이 열리고 모드를 배울 때까지 기다린다."""
        await self.until(lambda: bool(self.matchmaking.watches))
        async with self.gateway.player(new_id()) as probe:
            while (await probe.ask("queue.join", mode="duel"))["t"] != "queue.joined":  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            await probe.ask("queue.cancel")
        self.matchmaking.joins.clear()
        self.matchmaking.cancels.clear()

    def found_event(self, match_id: str, seats: Sequence[tuple[str, str, int]]) -> pb.WatchEvent:
        """(선수, 대기표, 소켓 번호)들의 판이 잡혔다는 통지. 판과 자리도 함께 연다."""
        player_ids = [player_id for player_id, _, _ in seats]
        match = self.session.open_match(match_id, player_ids)
        grants = self.redis.open_match(match_id, player_ids, self.session.address)
        found = pb.MatchFound(
            match_id=match_id,
            mode="duel",
            session_id="session1",
            session_address=self.session.address,
            tick_rate_hz=20,
            players=match.players,
            seats=[
                pb.FoundSeat(
                    player_id=player_id,
                    ticket_id=ticket_id,
                    conn_id=conn_id,
                    resume_token=grants[player_id].resume_token,
                    epoch=grants[player_id].epoch,
                )
                for player_id, ticket_id, conn_id in seats
            ],
        )
        return pb.WatchEvent(match_found=found)

    async def play(self, players: dict[str, Client]) -> str:
        """이 선수들을 대기표에서 도는 판까지 데려간다. 판의 번호를 준다."""
        match_id, seats = new_id(), []
        for player_id, client in players.items():
            assert (await client.ask("queue.join", mode="duel"))["t"] == "queue.joined"
            ticket_id, request = self.matchmaking.ticket_of(player_id)
            seats.append((player_id, ticket_id, request.conn_id))
        event = self.found_event(match_id, seats)
        self.matchmaking.tickets.clear()
        self.matchmaking.notify("gateway1", event)
        for client in players.values():
            assert (await client.until("match.found"))["match_id"] == match_id
            assert (await client.until("match.start"))["match_id"] == match_id
            await client.until_state()
        return match_id


@asynccontextmanager
async def gateway_stage(
    *, redis_ports: dict[str, Any] | None = None, **settings: Any
) -> AsyncIterator[Stage]:
    """무대 하나. `settings`로 gateway의 설정을 바꾼다."""
    async with matchmaking_server() as matchmaking, session_server() as process:
        redis = FakeRedis(rows=[FakeServerRow(process.fake.address)])
        options = settings_for_tests([matchmaking.address], **settings)
        async with gateway_process(options, redis, **(redis_ports or {})) as gateway:
            stage = Stage(gateway, matchmaking, process, redis)
            await stage.ready()
            yield stage


def trace_for_tests() -> None:
    """오류에 추적 번호가 실리도록 공급자를 세운다. 여러 번 불러도 된다."""
    if not isinstance(trace.get_tracer_provider(), TracerProvider):
        trace.set_tracer_provider(TracerProvider())


def log_to_stdlib() -> None:
    """우리 로그가 pytest의 caplog에 잡히게 한다."""
    structlog.configure(
        processors=[structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


def stack_traces(records: Sequence[logging.LogRecord]) -> list[str]:
    """스택 추적을 실은 로그 줄들."""
    return [
        f"{record.name}: {record.getMessage()}"
        for record in records
        if record.exc_info or (isinstance(record.msg, dict) and record.msg.get("exc_info"))
    ]
