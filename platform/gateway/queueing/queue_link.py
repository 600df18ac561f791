"""matchmaking들과의 gRPC: 대기표의 청과 거둠, 모드 표, 그리고 인스턴스마다 하나인 통지 스트림.

대기표의 뜻은 tickets.py가 안다. 통지가 올 길이 없으면 대기표도 청하지 않는다: Watch가 열린 곳에만 묻는다.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from typing import TypeVar

from concurrency.background import BackgroundTasks
from concurrency.micro_batch import MicroBatch
from gateway.protocol.mode_catalog import ModeCatalog
from gateway.queueing.ports import TicketEvents, TicketRequest
from hanpan.v1 import matchmaking_pb2 as pb
from hanpan.v1 import matchmaking_pb2_grpc
from kernel.errors import HanpanError, Unavailable
from resilience.retry import RetryPolicy
from rpc.batch import error_of
from rpc.channels import CONTROL_DEADLINE_S
from rpc.errors import StreamFailure
from rpc.peer import AsyncCall, Peer
from rpc.pool import AskRule, first_answer, last_failure, rotated
from telemetry.logs import get_logger
from telemetry.tracing import current_traceparent, is_sampled

log = get_logger(__name__)
Reply = TypeVar("Reply")

MAX_TRIES = 2
JOIN_LIMIT_S = MAX_TRIES * CONTROL_DEADLINE_S  # 묶음에 들기를 기다리는 시간까지
JOIN_BATCH = 128
JOIN_BATCHES_RUNNING = 4
RECONNECT = RetryPolicy(max_attempts=1, base_ms=100, cap_ms=1000)
MODES_REFRESH_S = 30.0
MODES_RETRY_S = 0.3
ASK = AskRule(
    nobody=lambda failures: last_failure(failures) if failures else Unavailable("matchmaking에 닿지 않습니다")
)


class _Matchmaking(Peer):
    """matchmaking 인스턴스 하나. 통지 스트림이 열려 있으면 `watching`이다."""

    def __init__(self, address: str) -> None:
        super().__init__(address, matchmaking_pb2_grpc.MatchmakingServiceStub)
        self.watching = False


class QueueLink:
    """모든 matchmaking으로 가는 길."""

    def __init__(self, addresses: Sequence[str], *, gateway_id: str, region: str, modes: ModeCatalog) -> None:
        self._peers = [_Matchmaking(address) for address in addresses]
        self._gateway_id = gateway_id
        self._region = region
        self._modes = modes
        self._next_peer = random.randrange(len(self._peers))  # noqa: S311 - 고르게 흩으려는 것뿐이다
        self._tasks = BackgroundTasks()
        self._joins: MicroBatch[pb.JoinWish, pb.Joined] = MicroBatch(
            self._join_together, max_batch=JOIN_BATCH, max_running=JOIN_BATCHES_RUNNING, leads=is_sampled
        )

    def start(self, events: TicketEvents) -> None:
        """통지 스트림과 모드 배우기를 시작한다."""
        for peer in self._peers:
            self._tasks.spawn(self._watch_forever(peer, events), name=f"watch:{peer.address}")
        self._tasks.spawn(self._learn_modes_forever(), name="modes")

    async def stop(self) -> None:
        """스트림과 채널을 닫는다."""
        await self._tasks.stop()
        for peer in self._peers:
            await peer.close()

    async def join(self, asked: TicketRequest) -> pb.Joined:
        """대기표를 청한다. 이벤트 루프 한 바퀴의 청이 한 부름에 간다.

        같은 `request_key`는 어느 인스턴스에서나 같은 답이라 다른 곳에 다시 물을 수 있다.

        Raises:
            AlreadyQueued, AlreadyInMatch, InvalidArgument: matchmaking의 답.
            Unavailable: 닿는 인스턴스가 없거나 답을 듣지 못했다(표가 만들어졌을 수도 있다).
        """
        wish = pb.JoinWish(
            player_id=asked.player_id,
            name=asked.name,
            mode=asked.mode,
            region=asked.region,
            gateway_id=self._gateway_id,
            conn_id=asked.conn_id,
            request_key=asked.request_key,
            traceparent=current_traceparent(),
            is_bot=asked.is_bot,
        )
        try:
            async with asyncio.timeout(JOIN_LIMIT_S):
                return await self._joins.submit(wish)
        except TimeoutError:
            raise Unavailable("matchmaking이 기한 안에 답하지 않았습니다") from None

    async def _join_together(self, wishes: Sequence[pb.JoinWish]) -> Sequence[pb.Joined | HanpanError]:
        """묶음 하나를 묻는다. gRPC의 스팬은 표본에 든 첫 바람의 추적에 달린다."""
        request = pb.JoinRequest(wishes=wishes)
        reply: pb.JoinResponse = await self._ask(
            lambda stub, deadline_s: stub.Join(request, timeout=deadline_s)
        )
        return [_heard(outcome) for _, outcome in zip(wishes, reply.outcomes, strict=True)]

    async def cancel(
        self, *, player_id: str, region: str, ticket_id: str, conn_id: int, only_own: bool
    ) -> str:
        """대기표를 거두고 그 번호를 준다. `ticket_id`가 비면 그 선수의 어떤 표든 거둔다.

        `only_own`이면 `conn_id`의 소켓이 주인일 때만 거둔다.

        Raises:
            NotQueued: 그런 표가 없다(이미 판이 잡혔을 수도 있다).
            Unavailable: 닿는 인스턴스가 없거나 답을 듣지 못했다.
        """
        request = pb.CancelRequest(
            player_id=player_id, region=region, ticket_id=ticket_id, conn_id=conn_id, only_own=only_own
        )
        reply: pb.CancelResponse = await self._ask(
            lambda stub, deadline_s: stub.Cancel(request, timeout=deadline_s)
        )
        return reply.ticket_id

    async def adopt(self, *, player_id: str, region: str, ticket_id: str, conn_id: int) -> pb.AdoptResponse:
        """기다리는 대기표를 이 소켓이 잇는다(멱등). 앞 주인의 gateway는 matchmaking이 알린다.

        Raises:
            Unavailable: 닿는 인스턴스가 없거나 답을 듣지 못했다(이어졌을 수도 있다).
        """
        request = pb.AdoptRequest(
            player_id=player_id,
            region=region,
            ticket_id=ticket_id,
            gateway_id=self._gateway_id,
            conn_id=conn_id,
        )
        return await self._ask(lambda stub, deadline_s: stub.Adopt(request, timeout=deadline_s))

    async def _ask(self, call: AsyncCall[Reply]) -> Reply:
        """차례가 된 인스턴스에 묻고, 닿지 않으면 다음에 묻는다. 들은 답은 어떤 답이든 그대로 믿는다."""
        self._next_peer += 1
        watching = [peer for peer in self._peers if peer.watching]
        return await first_answer(rotated(watching, self._next_peer, limit=MAX_TRIES), call, ASK)

    async def _learn_modes_forever(self) -> None:
        while True:
            for peer in self._peers:
                try:
                    reply = await peer.ask(
                        lambda stub, deadline_s: stub.ListModes(pb.ListModesRequest(), timeout=deadline_s)
                    )
                    self._modes.learn(reply.modes)
                except HanpanError:
                    continue
                except Exception:
                    log.exception("modes.failed", peer=peer.address)
                    continue
                await asyncio.sleep(MODES_REFRESH_S)
                break
            else:
                await asyncio.sleep(MODES_RETRY_S)

    async def _watch_forever(self, peer: _Matchmaking, events: TicketEvents) -> None:
        failures = 0
        while True:
            try:
                await self._watch(peer, events)
                failures = 0
            except StreamFailure as error:
                failures = 0 if peer.watching else failures + 1
                if failures <= 1:
                    log.warning("watch.broken", peer=peer.address, code=error.code().name)
            except Exception:
                # 통지를 전하다 난 우리 잘못이다. 스트림을 다시 열면 기다리는 표의 통지가 다시 온다.
                failures += 1
                log.exception("watch.failed", peer=peer.address)
            finally:
                peer.watching = False
            delay_ms = RECONNECT.delay_ms(max(1, min(failures, 5)), random.random())  # noqa: S311 - 지터다
            await asyncio.sleep(delay_ms / 1000)

    async def _watch(self, peer: _Matchmaking, events: TicketEvents) -> None:
        request = pb.WatchRequest(
            gateway_id=self._gateway_id, region=self._region, waiting_ticket_ids=events.waiting_ticket_ids()
        )
        call = peer.stub.Watch(request)
        try:
            async for news in call:
                for event in news.events:
                    _tell(event, peer, events)
        finally:
            call.cancel()


def _tell(event: pb.WatchEvent, peer: _Matchmaking, events: TicketEvents) -> None:
    match event.WhichOneof("event"):
        case "ready":
            peer.watching = True
            log.info("watch.opened", peer=peer.address, matchmaking=event.ready.matchmaking_id)
        case "match_found":
            events.match_found(event.match_found)
        case "queue_timeout":
            events.queue_timeout(event.queue_timeout)
        case "ticket_moved":
            events.ticket_moved(event.ticket_moved)
        case "ticket_cancelled":
            events.ticket_cancelled(event.ticket_cancelled)


def _heard(outcome: pb.JoinOutcome) -> pb.Joined | HanpanError:
    """바람 하나의 답."""
    if outcome.HasField("joined"):
        return outcome.joined
    return error_of(outcome.refused)
