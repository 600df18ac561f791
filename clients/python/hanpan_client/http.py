"""한판의 HTTP 부름(contract.md 1절): 계정, 나, 순위표, 판.

전송은 wire_http.py가 맡고, 여기서는 주소와 형과 오류만 안다.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from .errors import CallTimeoutError, HanpanApiError, ProtocolViolationError
from .messages import PlayerResult
from .wire_http import HttpReply, HttpWire

T = TypeVar("T")
UNAVAILABLE_STATUSES = frozenset({502, 503, 504})


class Account(msgspec.Struct, frozen=True):
    """로그인한 선수. `access_token`은 `expires_in_s`초 동안 쓴다. 옛 서버는 `refresh_token`을 주지 않는다."""

    player_id: str
    access_token: str
    expires_in_s: int
    name: str = ""
    refresh_token: str = ""
    refresh_expires_in_s: int = 0


class ModeRating(msgspec.Struct, frozen=True):
    """한 모드의 레이팅(openskill의 mu)과 판 수."""

    mode: str
    rating: float
    games: int


class Me(msgspec.Struct, frozen=True):
    """나."""

    player_id: str
    name: str
    is_bot: bool = False
    ratings: tuple[ModeRating, ...] = ()
    created_at_ms: int = 0

    def rating(self, mode: str) -> ModeRating | None:
        """이 모드의 레이팅. 한 판도 하지 않았으면 None."""
        return next((rating for rating in self.ratings if rating.mode == mode), None)


class LeaderboardEntry(msgspec.Struct, frozen=True):
    """순위표의 한 줄."""

    rank: int
    player_id: str
    name: str
    rating: float
    games: int
    is_bot: bool = False


class Leaderboard(msgspec.Struct, frozen=True):
    """순위표의 한 쪽. `next_cursor`가 없으면 마지막 쪽이다."""

    mode: str
    entries: tuple[LeaderboardEntry, ...]
    next_cursor: str | None = None


class AroundMe(msgspec.Struct, frozen=True):
    """순위표에서 내 둘레. 그 모드를 한 판도 끝내지 않았으면 `rank`가 None이고 비어 있다."""

    mode: str
    rank: int | None
    entries: tuple[LeaderboardEntry, ...] = ()


class RatingChange(msgspec.Struct, frozen=True):
    """한 판이 한 선수의 레이팅에 끼친 일. 행 하나에 하나이고, mu가 보이는 레이팅이다."""

    player_id: str
    mu_before: float
    mu_after: float
    sigma_before: float
    sigma_after: float


class MatchRecord(msgspec.Struct, frozen=True):
    """판의 기록. `status`는 created, running, finalized, aborted 가운데 하나다.

    시각은 1970년부터의 밀리초이고 아직 오지 않았으면 None이다. `abort_code`는 중단된 판에만 있다.
    """

    match_id: str
    status: str
    mode: str
    region: str = ""
    server_id: str = ""
    abort_code: str = ""
    player_ids: tuple[str, ...] = ()
    created_at_ms: int | None = None
    started_at_ms: int | None = None
    ended_at_ms: int | None = None
    results: tuple[PlayerResult, ...] = ()
    rating_changes: tuple[RatingChange, ...] = ()


class MyMatches(msgspec.Struct, frozen=True):
    """내가 둔 판들의 한 쪽(새것부터)과 지금 앉아 있는 판. `next_cursor`가 없으면 마지막 쪽이다."""

    matches: tuple[MatchRecord, ...]
    live: MatchRecord | None = None
    next_cursor: str | None = None


class _LoggedOut(msgspec.Struct, frozen=True):
    ended: int


class _Problem(msgspec.Struct, frozen=True):
    code: str = "INTERNAL"
    title: str = ""
    detail: str = ""
    trace_id: str = ""


class HanpanHttp:
    """HTTP 부름. 모두 `deadline_s` 안에 끝난다.

    오류: HanpanApiError(거절), CallTimeoutError, ConnectionLostError, ProtocolViolationError.
    """

    def __init__(
        self, base_url: str = "http://localhost:8080", *, deadline_s: float = 5.0, max_connections: int = 32
    ) -> None:
        self._wire = HttpWire(base_url, max_connections=max_connections)
        self._deadline_s = deadline_s

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """놀고 있는 연결을 닫는다."""
        await self._wire.close()

    async def guest(self, *, name: str | None = None, device_id: str | None = None) -> Account:
        """손님 계정. 같은 `device_id`면 같은 선수다."""
        body = {"name": name, "device_id": device_id}
        return await self._post("/api/v1/auth/guest", body, Account)

    async def register(self, username: str, password: str, *, name: str | None = None) -> Account:
        """계정을 만든다."""
        body = {"username": username, "password": password, "name": name}
        return await self._post("/api/v1/auth/register", body, Account)

    async def login(self, username: str, password: str) -> Account:
        """로그인한다. 거절: UNAUTHENTICATED, RATE_LIMITED."""
        return await self._post("/api/v1/auth/login", {"username": username, "password": password}, Account)

    async def refresh(self, refresh_token: str) -> Account:
        """새 접근 토큰과 새 갱신 토큰. 낸 토큰은 곧 죽는다. 거절: UNAUTHENTICATED, RATE_LIMITED."""
        return await self._post("/api/v1/auth/refresh", {"refresh_token": refresh_token}, Account)

    async def logout(self, access_token: str, *, everywhere: bool = False) -> int:
        """이 기기에서(everywhere면 모든 기기에서) 나간다. 이번에 끝난 기기의 수를 준다."""
        body = msgspec.json.encode({"everywhere": everywhere})
        reply = await self.call("POST", "/api/v1/auth/logout", body=body, token=access_token)
        return _decode(reply, _LoggedOut).ended

    async def me(self, access_token: str) -> Me:
        """나와 내 레이팅."""
        return _decode(await self.call("GET", "/api/v1/me", token=access_token), Me)

    async def my_matches(self, access_token: str, *, limit: int = 20, cursor: str | None = None) -> MyMatches:
        """내가 둔 판들의 한 쪽."""
        query = urlencode({"limit": limit, **({"cursor": cursor} if cursor else {})})
        return _decode(await self.call("GET", f"/api/v1/me/matches?{query}", token=access_token), MyMatches)

    async def leaderboard(
        self, mode: str, *, limit: int = 20, cursor: str | None = None, include_bots: bool = False
    ) -> Leaderboard:
        """순위표 한 쪽. 봇은 `include_bots`일 때만 등수를 차지한다."""
        bots = {"include_bots": "true"} if include_bots else {}
        query = urlencode({"limit": limit, **({"cursor": cursor} if cursor else {}), **bots})
        path = f"/api/v1/leaderboards/{quote(mode, safe='')}?{query}"
        return _decode(await self.call("GET", path), Leaderboard)

    async def around_me(
        self, access_token: str, mode: str, *, limit: int = 11, include_bots: bool = False
    ) -> AroundMe:
        """내 등수와 둘레의 `limit`줄(나도 센다)."""
        bots = {"include_bots": "true"} if include_bots else {}
        path = f"/api/v1/leaderboards/{quote(mode, safe='')}/around-me?{urlencode({'limit': limit, **bots})}"
        return _decode(await self.call("GET", path, token=access_token), AroundMe)

    async def match(self, match_id: str) -> MatchRecord:
        """판의 기록. 거절: NOT_FOUND."""
        return _decode(await self.call("GET", f"/api/v1/matches/{quote(match_id, safe='')}"), MatchRecord)

    async def call(self, method: str, path: str, *, body: bytes = b"", token: str | None = None) -> HttpReply:
        """이름 붙지 않은 부름. 2xx가 아니면 HanpanApiError를 던진다."""
        reply = await self.send(method, path, body=body, token=token)
        if not 200 <= reply.status < 300:
            raise problem(reply)
        return reply

    async def send(
        self,
        method: str,
        path: str,
        *,
        body: bytes = b"",
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HttpReply:
        """답을 그대로 돌려준다. 상태를 보고 던지지 않는다. `headers`는 더 보낼 머리글이다."""
        headers = {"Accept": "application/json", "Connection": "keep-alive", **(headers or {})}
        if body:
            headers["Content-Type"] = "application/json"
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        try:
            async with asyncio.timeout(self._deadline_s):
                return await self._wire.request(method, path, headers, body)
        except TimeoutError as error:
            raise CallTimeoutError(
                f"{method} {path}의 답이 {self._deadline_s}초 안에 오지 않았습니다"
            ) from error

    async def _post(self, path: str, fields: dict[str, Any], kind: type[T]) -> T:
        present = {name: value for name, value in fields.items() if value is not None}
        return _decode(await self.call("POST", path, body=msgspec.json.encode(present)), kind)


def problem(reply: HttpReply) -> HanpanApiError:
    """거절의 답을 오류로. problem+json이 아니면(로드 밸런서의 답) 상태에서 짐작한다."""
    retry_after = reply.headers.get("retry-after", "")
    retry_after_s = float(retry_after) if retry_after.isdigit() else None
    try:
        told = msgspec.json.decode(reply.body, type=_Problem)
    except msgspec.DecodeError:
        told = _Problem(code="UNAVAILABLE" if reply.status in UNAVAILABLE_STATUSES else "INTERNAL")
    return HanpanApiError(
        told.code,
        told.detail or told.title,
        status=reply.status,
        trace_id=told.trace_id,
        retry_after_s=retry_after_s,
    )


def _decode(reply: HttpReply, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(reply.body, type=kind)
    except msgspec.DecodeError as error:
        raise ProtocolViolationError(f"HTTP 답의 모양이 계약과 다릅니다: {error}") from error
