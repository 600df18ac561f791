"""session이 밖에서 필요로 하는 것들의 모양. 진짜는 redisstore와 이웃 곁방에, 쌍둥이는 시험에 있다.

Redis가 멈추면 여기의 async 함수는 Unavailable을 던진다. 다르면 그렇게 적었다.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from matches.outcome import MatchOutcome, Settlement
from redisstore.live_matches import LiveMatch
from redisstore.results import FIRST, PendingResult, WriteFailure
from redisstore.seats import MatchOpening, Route, SeatGrant, SeatRecord, SeatRefresh
from redisstore.servers.registry import HeartbeatReply, ServerReport
from redisstore.servers.rows import ServerRow


class FrameSink(Protocol):
    """상태 프레임을 내려놓는 곳(`rooms.gateway_link.GatewayLink`)."""

    @property
    def accepts_frames(self) -> bool:
        """이번 틱의 프레임을 받는가. 받지 않으면 방은 다음에 snapshot을 준비한다."""
        ...

    def add_frame(self, conn_id: int, payload: bytes) -> None:
        """소켓 하나에 갈 프레임을 이번 틱의 묶음에 넣는다."""


class LiveRecords(Protocol):
    """도는 판의 기록(`redisstore.live_matches.LiveMatchStore`)."""

    async def get(self, match_id: str) -> LiveMatch | None: ...
    async def put_many(self, matches: Sequence[tuple[LiveMatch, int]]) -> None: ...
    async def restore_guards(self, match: LiveMatch, player_ids: Sequence[str], *, ttl_ms: int) -> None: ...
    async def drop(self, match_id: str) -> None: ...


class SeatTable(Protocol):
    """판의 경로와 자리(`redisstore.seats.SeatStore`)."""

    async def open_matches(self, openings: Sequence[MatchOpening]) -> list[dict[str, SeatGrant]]: ...
    async def refresh(
        self, server_id: str, address: str, matches: Sequence[SeatRefresh]
    ) -> list[dict[str, SeatRecord | None]]: ...
    async def restore(self, match_id: str, records: Mapping[str, SeatRecord]) -> int: ...
    async def route(self, match_id: str) -> Route | None: ...


class MatchHoldings(Protocol):
    """서버들과 저마다 맡은 판의 목록(`redisstore.servers.registry.ServerRegistry`)."""

    async def servers(self) -> list[ServerRow]: ...
    async def confirm_many(self, match_ids: Sequence[str], server_id: str) -> list[bool]: ...
    async def hold(self, server_id: str, match_id: str) -> None: ...
    async def held(self, server_id: str) -> set[str]: ...
    async def let_go(self, server_id: str, match_id: str) -> None: ...


class HeartbeatRegistry(Protocol):
    """이 서버의 하트비트와 드레인 지시의 그림자(`redisstore.servers.registry.ServerRegistry`)."""

    async def tell(self, make_report: Callable[[], ServerReport]) -> HeartbeatReply:
        """지금 지은 하트비트를 적고 운영자의 뜻을 듣는다."""
        ...

    async def is_draining(self, server_id: str) -> bool: ...
    async def set_draining(self, server_id: str, *, intended: bool, grace_ms: int | None = None) -> None: ...


class ResultLog(Protocol):
    """결과를 먼저 적어 두는 곳(`redisstore.results.ResultStream`)."""

    async def append(self, payload: str) -> str: ...
    async def remove(self, entry_id: str, match_id: str) -> None: ...
    async def note_failure(self, match_id: str, failure: WriteFailure) -> None: ...
    async def pending(self, older_than_ms: int, count: int, *, after: str = FIRST) -> list[PendingResult]: ...
    async def depth(self) -> int: ...


class OutcomeJournal(Protocol):
    """결과를 쓰는 이(`results.result_journal.ResultJournal`). MariaDB가 멈춰도 Unavailable을 던진다."""

    async def take_over(self, row: PendingResult) -> None: ...
    async def decide(self, outcome: MatchOutcome) -> Settlement: ...


class Closer(Protocol):
    """결과가 정해진 뒤의 일(`results.match_closing.MatchCloser`). 실패를 던지지 않고 스스로 다시 한다."""

    async def release(self, outcome: MatchOutcome) -> None:
        """선수들을 놓아준다(멱등)."""

    async def conclude(self, outcome: MatchOutcome, settlement: Settlement) -> None:
        """놓아주고, 보고 있는 선수들에게 알리고, 살아 있던 기록을 치운다."""


class Releaser(Protocol):
    """선수들을 놓아주는 곳(`PlayerRelease`). 닿지 않으면 스스로 다시 하고 던지지 않는다."""

    async def end(self, match_id: str, region: str, player_ids: Sequence[str]) -> None: ...
    async def release(self, match_id: str, region: str, player_ids: Sequence[str]) -> None: ...
    def owe(self, match_id: str, region: str, player_ids: Sequence[str]) -> None: ...
