"""MatchmakingService의 gRPC 면: 요청을 검사해 알맞은 곳에 넘기고 답을 옮긴다. 스스로 정하는 것은 없다."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass

from gameservices.matchmaking.director.missed_events import MissedEvents
from gameservices.matchmaking.explain.queue_explainer import QueueExplainer
from gameservices.matchmaking.ports import TicketTable
from gameservices.matchmaking.queue.enqueue import TicketIntake
from gameservices.matchmaking.queue.ticket_owners import Forming
from gameservices.matchmaking.queue.watch_hub import WatchHub
from gameservices.rules.catalog import Mode
from hanpan.v1 import matchmaking_pb2, matchmaking_pb2_grpc
from kernel.errors import HanpanError, InvalidArgument, Unavailable
from kernel.ids import is_id, new_id
from redisstore.tickets.rows import Adopted, Joined, NewTicket, Release, TicketAdoptRequest
from rpc.batch import answer_each, refusal
from rpc.channels import ServicerContext
from telemetry.logs import get_logger
from telemetry.tracing import current_span_context, current_traceparent, span

log = get_logger(__name__)

MAX_NAME_CHARS = 96
MAX_KEY_CHARS = 64
OPEN_TICKETS_RECHECK_S = 0.5


@dataclass(frozen=True, slots=True)
class ServicerIdentity:
    """이 인스턴스의 이름과 리전."""

    instance: str
    region: str


class MatchmakingServicer(matchmaking_pb2_grpc.MatchmakingServiceServicer):
    """matchmaking.proto의 MatchmakingService."""

    def __init__(
        self,
        identity: ServicerIdentity,
        modes: Mapping[str, Mode],
        *,
        intake: TicketIntake,
        tickets: TicketTable,
        hub: WatchHub,
        missed_events: MissedEvents,
        explainer: QueueExplainer,
    ) -> None:
        self._identity = identity
        self._modes = modes
        self._listing = _listing(modes)
        self._intake = intake
        self._tickets = tickets
        self._hub = hub
        self._missed_events = missed_events
        self._explainer = explainer

    async def ListModes(  # noqa: N802 - proto의 이름이다
        self, _request: matchmaking_pb2.ListModesRequest, _context: ServicerContext
    ) -> matchmaking_pb2.ListModesResponse:
        """이 배포가 여는 모드들."""
        return self._listing

    async def Join(  # noqa: N802
        self, request: matchmaking_pb2.JoinRequest, _context: ServicerContext
    ) -> matchmaking_pb2.JoinResponse:
        """대기표들을 만든다. 바람마다 답이 따로다."""
        replies = await answer_each(self._join, request.wishes, failed_event="join.failed")
        return matchmaking_pb2.JoinResponse(
            outcomes=[_outcome(wish, reply) for wish, reply in zip(request.wishes, replies, strict=True)]
        )

    async def Cancel(  # noqa: N802
        self, request: matchmaking_pb2.CancelRequest, _context: ServicerContext
    ) -> matchmaking_pb2.CancelResponse:
        """대기표를 거둔다."""
        self._check_region(request.region)
        if not is_id(request.player_id) or (request.ticket_id and not is_id(request.ticket_id)):
            raise InvalidArgument("player_id나 ticket_id가 올바르지 않습니다")
        ticket_id = await self._intake.cancel(
            request.player_id, request.ticket_id, by_conn_id=request.conn_id, only_own=request.only_own
        )
        return matchmaking_pb2.CancelResponse(ticket_id=ticket_id)

    async def Adopt(  # noqa: N802
        self, request: matchmaking_pb2.AdoptRequest, _context: ServicerContext
    ) -> matchmaking_pb2.AdoptResponse:
        """기다리는 대기표를 새 소켓에 준다."""
        self._check_region(request.region)
        if not is_id(request.player_id) or (request.ticket_id and not is_id(request.ticket_id)):
            raise InvalidArgument("player_id나 ticket_id가 올바르지 않습니다")
        if not _is_key(request.gateway_id):
            raise InvalidArgument("gateway_id나 waiting_ticket_ids가 올바르지 않습니다")
        return _adoption(
            request.ticket_id,
            await self._intake.adopt(
                TicketAdoptRequest(request.player_id, request.ticket_id, request.gateway_id, request.conn_id)
            ),
        )

    async def Watch(  # noqa: N802
        self, request: matchmaking_pb2.WatchRequest, _context: ServicerContext
    ) -> AsyncIterator[matchmaking_pb2.WatchEvents]:
        """gateway 하나의 통지 스트림. 밀려서 끊기면 UNAVAILABLE이고, gateway는 다시 열며 놓친 것을 묻는다."""
        self._check_region(request.region)
        gateway_id = request.gateway_id
        if not _is_key(gateway_id) or not all(map(is_id, request.waiting_ticket_ids)):
            raise InvalidArgument("gateway_id나 waiting_ticket_ids가 올바르지 않습니다")
        stream = self._hub.open(gateway_id)
        log.info("watch.opened", gateway=gateway_id, waiting=len(request.waiting_ticket_ids))
        try:
            await self._start_lease(gateway_id)
            ready = matchmaking_pb2.WatchReady(matchmaking_id=self._identity.instance)
            yield matchmaking_pb2.WatchEvents(events=[matchmaking_pb2.WatchEvent(ready=ready)])
            missed: Collection[str] = set(request.waiting_ticket_ids)
            while True:
                if missed:
                    found = await self._missed_events.look_up(gateway_id, missed)
                    missed = found.open_ticket_ids
                    if found.events:
                        yield matchmaking_pb2.WatchEvents(events=found.events)
                events = await stream.next(OPEN_TICKETS_RECHECK_S if missed else None)
                if events:
                    yield matchmaking_pb2.WatchEvents(events=events)
                elif stream.closed:
                    raise Unavailable("통지 스트림이 끊겼습니다. 다시 여세요")
        finally:
            self._hub.drop(gateway_id, stream)
            log.info("watch.closed", gateway=gateway_id)

    async def EndMatches(  # noqa: N802
        self, request: matchmaking_pb2.EndMatchesRequest, _context: ServicerContext
    ) -> matchmaking_pb2.EndMatchesResponse:
        """끝난 판의 선수들을 놓아주고 들을 결과가 있다고 적는다. 이어지는 판을 떠난 이는 놓아주기만 한다."""
        for ended in request.matches:
            self._check_region(ended.region)
        rows = [(ended.goes_on, Release(ended.match_id, list(ended.player_ids))) for ended in request.matches]
        await self._tickets.release_many([row for goes_on, row in rows if goes_on])
        await self._tickets.end_many([row for goes_on, row in rows if not goes_on])
        return matchmaking_pb2.EndMatchesResponse()

    async def ExplainQueue(  # noqa: N802
        self, request: matchmaking_pb2.ExplainQueueRequest, _context: ServicerContext
    ) -> matchmaking_pb2.ExplainQueueResponse:
        """줄이 지금 왜 그러한가."""
        self._check_region(request.region)
        return self._explainer.explain(request.mode, request.limit)

    async def _join(self, wish: matchmaking_pb2.JoinWish) -> Joined:
        self._check_region(wish.region)
        problems = {
            "player_id": not is_id(wish.player_id),
            "mode": wish.mode not in self._modes,
            "name": len(wish.name) > MAX_NAME_CHARS,
            "gateway_id": not _is_key(wish.gateway_id),
            "request_key": not _is_key(wish.request_key),
        }
        if wrong := [name for name, is_wrong in problems.items() if is_wrong]:
            raise InvalidArgument("대기열에 설 수 없는 요청입니다: {fields}", fields=", ".join(wrong))
        # 묶음이 아니라 이 선수의 추적을 잇는다. 표는 이 스팬을 기억한다.
        with span("ticket.enqueue", parent=wish.traceparent, links=[current_span_context()]):
            return await self._intake.join(
                NewTicket(
                    ticket_id=new_id(),
                    player_id=wish.player_id,
                    name=wish.name,
                    mode=wish.mode,
                    gateway_id=wish.gateway_id,
                    conn_id=wish.conn_id,
                    request_key=wish.request_key,
                    traceparent=current_traceparent() or wish.traceparent,
                    is_bot=wish.is_bot,
                )
            )

    async def _start_lease(self, gateway_id: str) -> None:
        try:
            await self._tickets.renew_gateways([gateway_id])
        except Unavailable:
            # 스트림은 연다: 만들던 판의 통지는 Redis 없이도 간다. 임대는 다음 주기가 잇는다.
            log.warning("watch.lease_delayed", gateway=gateway_id)

    def _check_region(self, region: str) -> None:
        if region not in {"", self._identity.region}:
            raise InvalidArgument("이 matchmaking의 리전이 아닙니다")


def _is_key(text: str) -> bool:
    return 0 < len(text) <= MAX_KEY_CHARS


def _outcome(wish: matchmaking_pb2.JoinWish, reply: Joined | HanpanError) -> matchmaking_pb2.JoinOutcome:
    if isinstance(reply, HanpanError):
        return matchmaking_pb2.JoinOutcome(refused=refusal(reply))
    return matchmaking_pb2.JoinOutcome(
        joined=matchmaking_pb2.Joined(
            ticket_id=reply.ticket_id, mode=wish.mode, expires_in_ms=reply.expires_in_ms
        )
    )


def _adoption(ticket_id: str, reply: Adopted | Forming | None) -> matchmaking_pb2.AdoptResponse:
    match reply:
        case Adopted():
            joined = matchmaking_pb2.Joined(
                ticket_id=ticket_id, mode=reply.mode, expires_in_ms=reply.expires_in_ms
            )
            return matchmaking_pb2.AdoptResponse(adopted=joined)
        case Forming():
            return matchmaking_pb2.AdoptResponse(forming_match_id=reply.match_id)
    return matchmaking_pb2.AdoptResponse()


def _listing(modes: Mapping[str, Mode]) -> matchmaking_pb2.ListModesResponse:
    return matchmaking_pb2.ListModesResponse(
        modes=[
            matchmaking_pb2.Mode(
                name=mode.spec.name,
                min_players=mode.spec.min_players,
                max_players=mode.spec.max_players,
                tick_rate_hz=mode.spec.tick_rate_hz,
                duration_ms=mode.spec.duration_ms,
                input_fields=[
                    matchmaking_pb2.InputField(name=field.name, min=field.min, max=field.max)
                    for field in mode.rules.input_fields
                ],
            )
            for mode in modes.values()
        ]
    )
