"""서버가 보내는 글 프레임의 형(contract.md 2.2)과 그 풀개. 소켓은 모른다.

모르는 칸은 버리고 모르는 종류는 `UnknownMessage`가 된다: 새 서버에 옛 SDK가 붙어도 멈추지 않는다.
"""

from __future__ import annotations

from typing import Any, ClassVar, get_args

import msgspec

from .errors import HanpanApiError, ProtocolViolationError
from .state import FieldSpec


class Message(msgspec.Struct, tag_field="t", frozen=True, kw_only=True):
    """글 프레임 하나. `re`가 있으면 그 번호의 요청에 대한 답이다."""

    re: str | None = None


class PlayerInfo(msgspec.Struct, frozen=True):
    """판에 앉은 선수. `rating`은 매칭 때의 값이고, 옛 서버는 `is_bot`을 보내지 않는다."""

    player_id: str
    name: str
    rating: float
    is_bot: bool = False


class PlayerResult(msgspec.Struct, frozen=True):
    """한 선수의 끝 성적. `rating_*`는 레이팅이 반영된 판에만 있다."""

    player_id: str
    place: int
    score: int
    rating_before: float | None = None
    rating_after: float | None = None
    conceded: bool = False


class Welcome(Message, tag="welcome", frozen=True, kw_only=True):
    """hello의 답. `gateway`는 이 소켓을 맡은 gateway의 이름이다."""

    player_id: str
    conn_id: str | int
    gateway: str
    region: str
    heartbeat_interval_ms: int
    server_time_ms: int


class Resumed(Message, tag="resumed", frozen=True, kw_only=True):
    """resume의 답. `resume_token`은 다음에 쓸 새 토큰이다."""

    match_id: str
    resume_token: str
    tick: int
    gateway: str


class QueueJoined(Message, tag="queue.joined", frozen=True, kw_only=True):
    """대기표를 얻었다."""

    ticket_id: str
    mode: str
    expires_in_ms: int


class QueueCancelled(Message, tag="queue.cancelled", frozen=True, kw_only=True):
    """대기표를 물렀다."""

    ticket_id: str


class QueueTimeout(Message, tag="queue.timeout", frozen=True, kw_only=True):
    """짝을 찾지 못한 채 대기표가 죽었다."""

    ticket_id: str


class MatchFound(Message, tag="match.found", frozen=True, kw_only=True):
    """판이 잡혔다. `session`은 판을 돌리는 서버의 이름이다."""

    match_id: str
    mode: str
    players: tuple[PlayerInfo, ...]
    session: str
    resume_token: str
    tick_rate_hz: int


class MatchStart(Message, tag="match.start", frozen=True, kw_only=True):
    """판이 시작된다. `schema`는 상태 프레임의 칸, `entities`는 엔티티 번호에서 선수로 가는 표,
    `setup`은 이 판의 상수(`duration_ms` 따위), `starts_in_ms`는 틱이 돌기까지 남은 시간이다(돌면 0).
    """

    match_id: str
    tick: int
    schema: tuple[FieldSpec, ...]
    entities: dict[int, str]
    setup: dict[str, int] = msgspec.field(default_factory=dict)
    starts_in_ms: int = 0

    def entity_of(self, player_id: str) -> int | None:
        """이 선수의 엔티티 번호."""
        return next((entity for entity, player in self.entities.items() if player == player_id), None)


class MatchResult(Message, tag="match.result", frozen=True, kw_only=True):
    """판의 끝. `results`는 등수, 선수 번호 순이다."""

    match_id: str
    status: str
    already_finalized: bool
    results: tuple[PlayerResult, ...]


class MatchAborted(Message, tag="match.aborted", frozen=True, kw_only=True):
    """판이 결과 없이 끝났다. 레이팅은 바뀌지 않는다."""

    match_id: str
    code: str


class MatchLeft(Message, tag="match.left", frozen=True, kw_only=True):
    """판을 떠났다. 다시 줄을 설 수 있다. 둘의 판이었다면 결과가 뒤따른다."""

    match_id: str


class Pong(Message, tag="pong", frozen=True, kw_only=True):
    """ping의 답. `ts`는 내가 보낸 값 그대로다."""

    ts: float
    server_time_ms: int


class ErrorMessage(Message, tag="error", frozen=True, kw_only=True):
    """거절. `re`가 없으면 어느 요청의 답이 아니다(입력의 거절 등)."""

    code: str
    message: str = ""
    retry_after_ms: int | None = None
    trace_id: str = ""

    def as_exception(self) -> HanpanApiError:
        """같은 뜻의 예외."""
        retry_after_s = None if self.retry_after_ms is None else self.retry_after_ms / 1000
        return HanpanApiError(self.code, self.message, trace_id=self.trace_id, retry_after_s=retry_after_s)


class Bye(Message, tag="bye", frozen=True, kw_only=True):
    """서버가 곧 닫는다. `reconnect`가 거짓이면 다시 붙지 않는다."""

    code: int | str
    reason: str
    reconnect: bool


class UnknownMessage(msgspec.Struct, frozen=True, kw_only=True):
    """이 SDK가 모르는 종류의 글 프레임."""

    t: str
    re: str | None = None


class Disconnected(msgspec.Struct, frozen=True, kw_only=True):
    """SDK가 만드는 사건: 소켓이 끊겼다. 기다리던 대기표는 서버가 무른다."""

    close_code: int
    reason: str


class Reconnected(msgspec.Struct, frozen=True, kw_only=True):
    """SDK가 만드는 사건: 다시 이었다. `resumed`면 판의 자리를 토큰으로 이었다."""

    gateway: str
    resumed: bool


ServerMessage = (
    Welcome
    | Resumed
    | QueueJoined
    | QueueCancelled
    | QueueTimeout
    | MatchFound
    | MatchStart
    | MatchResult
    | MatchAborted
    | MatchLeft
    | Pong
    | ErrorMessage
    | Bye
)
Event = ServerMessage | UnknownMessage | Disconnected | Reconnected


class _Known:
    decoder: ClassVar[msgspec.json.Decoder[ServerMessage]] = msgspec.json.Decoder(ServerMessage)
    types: ClassVar[frozenset[str]] = frozenset(
        str(kind.__struct_config__.tag) for kind in get_args(ServerMessage)
    )


def decode_message(text: str | bytes) -> ServerMessage | UnknownMessage:
    """글 프레임을 푼다. 오류: ProtocolViolationError(JSON이 아니거나 아는 종류의 칸이 틀렸다)."""
    try:
        return _Known.decoder.decode(text)
    except msgspec.DecodeError as error:
        return _unknown(text, error)


def _unknown(text: str | bytes, cause: msgspec.DecodeError) -> UnknownMessage:
    """모르는 종류만 넘어가 준다. 아는 종류가 틀린 모양이면 원래의 오류다."""
    try:
        message = msgspec.json.decode(text, type=UnknownMessage)
    except msgspec.DecodeError:
        message = None
    if message is None or message.t in _Known.types:
        raise ProtocolViolationError(f"서버의 글 프레임을 읽을 수 없습니다: {cause}") from cause
    return message


def encode_message(kind: str, fields: dict[str, Any]) -> str:
    """보낼 글 프레임. 값이 None인 칸은 싣지 않는다."""
    present = {name: value for name, value in fields.items() if value is not None}
    return msgspec.json.encode({"t": kind, **present}).decode()
