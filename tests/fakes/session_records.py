"""session의 포트(gameservices/session/ports.py)의 쌍둥이: Redis 없이 판의 기록과 등록부를 흉내 낸다."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from kernel.errors import Unavailable
from redisstore.live_matches import LiveMatch
from redisstore.seats import Route, SeatRecord, SeatRefresh
from redisstore.servers.registry import HeartbeatReply, ServerReport
from tests.fakes.session_rooms import IDENTITY


@dataclass
class SessionRecords:
    """경로, 자리, 기록, 가드, 맡은 판이 사는 곳. `is_down`이면 모두 Unavailable을 던진다."""

    is_down: bool = False
    is_record_refused: bool = False
    seats: dict[str, SeatRecord] = field(default_factory=dict)
    routes: dict[str, Route] = field(default_factory=dict)
    matches: dict[str, LiveMatch] = field(default_factory=dict)
    guarded: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    refreshed: list[SeatRefresh] = field(default_factory=list)
    before_write: Callable[[], None] = lambda: None

    def _check(self) -> None:
        if self.is_down:
            raise Unavailable

    def flush(self) -> None:
        """Redis가 비워졌다."""
        self.seats.clear()
        self.routes.clear()
        self.matches.clear()

    async def refresh(
        self, server_id: str, address: str, matches: Sequence[SeatRefresh]
    ) -> list[dict[str, SeatRecord | None]]:
        """경로를 늘리고 자리들을 읽는다."""
        self._check()
        self.before_write()
        self.refreshed += matches
        for match in matches:
            self.routes[match.match_id] = Route(server_id, address)
        return [{player: self.seats.get(player) for player in match.player_ids} for match in matches]

    async def restore(self, _match_id: str, records: Mapping[str, SeatRecord]) -> int:
        """자리들을 되살린다."""
        self._check()
        self.seats.update(records)
        return len(records)

    async def route(self, match_id: str) -> Route | None:
        """판의 경로."""
        self._check()
        return self.routes.get(match_id)

    async def put_many(self, matches: Sequence[tuple[LiveMatch, int]]) -> None:
        """기록들을 적는다."""
        self._check()
        self.before_write()
        if self.is_record_refused:
            raise Unavailable
        for match, ttl_ms in matches:
            assert ttl_ms > 0
            self.matches[match.match_id] = match

    async def drop(self, match_id: str) -> None:
        """판의 기록을 치운다."""
        self._check()
        self.matches.pop(match_id, None)
        self.routes.pop(match_id, None)

    async def hold(self, server_id: str, match_id: str) -> None:
        """이 서버가 맡은 판이다."""
        self._check()
        assert server_id == IDENTITY.server_id
        self.held.append(match_id)

    async def restore_guards(self, match: LiveMatch, player_ids: Sequence[str], *, ttl_ms: int) -> None:
        """선수들의 가드를 되살린다."""
        self._check()
        assert ttl_ms > 0
        self.guarded += player_ids


@dataclass
class MemoryRegistry:
    """하트비트와 드레인의 뜻을 적는 등록부. `written`은 적힌 (뜻, 유예)다."""

    intends: bool = False
    is_down: bool = False
    is_empty: bool = False
    reports: list[ServerReport] = field(default_factory=list)
    written: list[tuple[bool, int | None]] = field(default_factory=list)

    async def tell(self, make_report: Callable[[], ServerReport]) -> HeartbeatReply:
        """하트비트 하나."""
        report = make_report()
        assert report.server_id == IDENTITY.server_id
        if self.is_down:
            raise Unavailable
        self.reports.append(report)
        was_empty, self.is_empty = self.is_empty, False
        return HeartbeatReply(drain_intended=self.intends, is_new=was_empty)

    async def is_draining(self, server_id: str) -> bool:
        """적힌 뜻."""
        assert server_id == IDENTITY.server_id
        if self.is_down:
            raise Unavailable
        return self.intends

    async def set_draining(self, server_id: str, *, intended: bool, grace_ms: int | None = None) -> None:
        """뜻을 적는다."""
        assert server_id == IDENTITY.server_id
        self.written.append((intended, grace_ms))
        self.intends = intended
