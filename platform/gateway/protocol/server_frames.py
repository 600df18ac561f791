"""서버가 `/ws`로 보내는 글 프레임의 형과 JSON, 그리고 상태 프레임의 종류. 순수하다."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from gateway.protocol.frame_fields import RequestId

SNAPSHOT_KIND = 1

_encoder = msgspec.json.Encoder()


class ServerMessage(Struct, tag_field="t", gc=False, kw_only=True, omit_defaults=True):
    """모든 답과 통지. 기본값인 칸은 싣지 않는다. `re`는 답일 때만 있다."""

    re: RequestId = None


class Welcome(ServerMessage, tag="welcome"):
    """hello의 답. `requested_region`은 청한 리전이 이 gateway의 것이 아닐 때만 있다."""

    player_id: str
    conn_id: str
    gateway: str
    region: str
    heartbeat_interval_ms: int
    server_time_ms: int
    requested_region: str | None = None


class Resumed(ServerMessage, tag="resumed"):
    """resume의 답. 뒤이어 snapshot이 온다."""

    match_id: str
    resume_token: str
    tick: int
    gateway: str


class QueueJoined(ServerMessage, tag="queue.joined"):
    """대기표를 받았다."""

    ticket_id: str
    mode: str
    expires_in_ms: int


class QueueCancelled(ServerMessage, tag="queue.cancelled"):
    """대기표를 거두었다."""

    ticket_id: str


class QueueTimeout(ServerMessage, tag="queue.timeout"):
    """대기표가 지났다."""

    ticket_id: str


class FoundPlayer(Struct, gc=False):
    """판의 선수 하나."""

    player_id: str
    name: str
    rating: float
    is_bot: bool


class MatchFound(ServerMessage, tag="match.found"):
    """판이 잡혔다."""

    match_id: str
    mode: str
    players: list[FoundPlayer]
    session: str
    resume_token: str
    tick_rate_hz: int


class MatchStart(ServerMessage, tag="match.start"):
    """판이 곧(또는 벌써) 돈다. `schema`와 `setup`은 session 서버가 만든 JSON 그대로다."""

    match_id: str
    tick: int
    schema: msgspec.Raw
    entities: dict[str, str]
    setup: msgspec.Raw
    starts_in_ms: int


class PlayerResultRow(Struct, gc=False):
    """한 선수의 끝 성적. 레이팅이 바뀌지 않았으면 null이다."""

    player_id: str
    place: int
    score: int
    rating_before: float | None
    rating_after: float | None
    conceded: bool


class MatchResultFrame(ServerMessage, tag="match.result"):
    """판의 결과."""

    match_id: str
    status: str
    already_finalized: bool
    results: list[PlayerResultRow]


class MatchAborted(ServerMessage, tag="match.aborted"):
    """판이 결과 없이 끝났다."""

    match_id: str
    code: str


class MatchLeft(ServerMessage, tag="match.left"):
    """판을 떠났다. 다시 줄을 설 수 있다."""

    match_id: str


class Pong(ServerMessage, tag="pong"):
    """ping의 답."""

    ts: int | float
    server_time_ms: int


class Error(ServerMessage, tag="error"):
    """거절이나 장애."""

    code: str
    message: str
    trace_id: str
    retry_after_ms: int | None = None


class Bye(ServerMessage, tag="bye"):
    """서버가 소켓을 닫기 전에 까닭을 알린다."""

    code: str
    reason: str
    reconnect: bool


SERVER_MESSAGES: tuple[type[ServerMessage], ...] = (
    Welcome, Resumed, QueueJoined, QueueCancelled, QueueTimeout, MatchFound, MatchStart, MatchResultFrame,
    MatchAborted, MatchLeft, Pong, Error, Bye,
)  # fmt: skip


def encode(message: ServerMessage) -> str:
    """메시지를 한 글 프레임으로 쓴다."""
    return _encoder.encode(message).decode()


def is_snapshot(state_frame: bytes) -> bool:
    """상태 프레임이 온전한 snapshot인가. 두 번째 바이트가 종류다(1 snapshot, 2 delta)."""
    return len(state_frame) > 1 and state_frame[1] == SNAPSHOT_KIND
