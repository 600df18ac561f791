"""잡은 판 하나: 누가 앉는지와, 그것을 session과 gateway에 말하는 모양."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from gameservices.rules.base import ModeSpec
from hanpan.v1.common_pb2 import MatchPlayer
from hanpan.v1.matchmaking_pb2 import FoundSeat, MatchFound, WatchEvent
from hanpan.v1.session_pb2 import CreateMatchRequest, CreateMatchResponse
from redisstore.tickets.rows import Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchPlan:
    """claim에 성공한 판. 표의 순서가 자리 번호이고, 시각은 Redis의 ms다."""

    match_id: str
    region: str
    spec: ModeSpec
    seed: int
    claimed_ms: int
    tickets: tuple[Ticket, ...]

    @property
    def ticket_ids(self) -> list[str]:
        return [ticket.ticket_id for ticket in self.tickets]

    def players(self) -> list[MatchPlayer]:
        """자리 순서의 선수들."""
        return [
            MatchPlayer(
                player_id=ticket.player_id,
                name=ticket.name,
                rating=ticket.rating,
                slot=slot,
                is_bot=ticket.is_bot,
            )
            for slot, ticket in enumerate(self.tickets)
        ]

    def create_request(self, traceparent: str = "") -> CreateMatchRequest:
        """session에 보내는 말. 같은 판은 언제나 같은 말이다(다시 물어도 같은 답을 받는다).

        `traceparent`는 방이 이을 추적이고, 없으면 가장 오래 기다린 선수의 것이다.
        """
        return CreateMatchRequest(
            match_id=self.match_id,
            mode=self.spec.name,
            region=self.region,
            seed=self.seed,
            players=self.players(),
            created_at_ms=self.claimed_ms,
            queued_at_ms=min(ticket.joined_ms for ticket in self.tickets),
            traceparent=traceparent or self.tickets[0].traceparent,
        )

    def found_events(self, made: CreateMatchResponse) -> dict[str, WatchEvent]:
        """gateway마다 하나의 통지. 모든 선수를 적되 자리 토큰은 그 gateway의 선수 것만 싣는다."""
        players = self.players()
        grants = {seat.player_id: seat for seat in made.seats}
        seats: dict[str, list[FoundSeat]] = defaultdict(list)
        for ticket in self.tickets:
            grant = grants[ticket.player_id]
            seats[ticket.gateway_id].append(
                FoundSeat(
                    player_id=ticket.player_id,
                    ticket_id=ticket.ticket_id,
                    conn_id=ticket.conn_id,
                    resume_token=grant.resume_token,
                    epoch=grant.epoch,
                )
            )
        return {
            gateway_id: WatchEvent(
                match_found=MatchFound(
                    match_id=self.match_id,
                    mode=self.spec.name,
                    session_id=made.session_id,
                    session_address=made.address,
                    tick_rate_hz=made.tick_rate_hz,
                    players=players,
                    seats=own,
                )
            )
            for gateway_id, own in seats.items()
        }
