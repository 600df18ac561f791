"""`/ws`의 글 프레임: 클라이언트가 보내는 것을 형에 맞춰 읽고, 서버가 보내는 것을 JSON으로 쓴다.

순수하다. 소켓도 규칙도 모르며, input의 칸은 모드가 알려 준 이름과 범위로 그때 만든다.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Union, cast

import msgspec
from msgspec import Meta, Struct

from gateway.protocol.wrong_fields import wrong_field
from kernel.errors import InvalidArgument

MAX_SAFE_INT = 2**53 - 1  # JSON의 수를 실수로 읽는 클라이언트도 그대로 돌려받는 범위
MAX_U32 = 2**32 - 1
SNAPSHOT_KIND = 1

_encoder = msgspec.json.Encoder()
_fields_decoder = msgspec.json.Decoder(dict[str, Any])

SafeInt = Annotated[int, Meta(ge=-MAX_SAFE_INT, le=MAX_SAFE_INT)]
ShortText = Annotated[str, Meta(max_length=64)]
RequestId = ShortText | SafeInt | None


class BadFrame(Exception):
    """JSON 객체가 아니다. 소켓을 4400으로 닫는다."""


class BadMessage(Exception):
    """JSON 객체이지만 종류나 칸이 계약과 다르다. `kind`는 아는 종류일 때만 있다."""

    def __init__(self, error: InvalidArgument, *, re: str | int | None, kind: str | None) -> None:
        super().__init__(error.message)
        self.error = error
        self.re = re
        self.kind = kind


# ---- 클라이언트 -> 서버. 모르는 칸은 버린다.


class ClientMessage(Struct, tag_field="t", gc=False, kw_only=True):
    """모든 요청이 가지는 칸. `id`는 답의 `re`로 돌아가고 `trace`는 W3C traceparent다."""

    id: RequestId = None
    trace: Annotated[str, Meta(max_length=128)] | None = None


class Hello(ClientMessage, tag="hello"):
    """첫 프레임: 접근 토큰으로 들어온다. 토큰이 없으면 빈 글이라 인증에서 거절된다."""

    token: str = ""
    region: ShortText | None = None
    lang: ShortText | None = None


class Resume(ClientMessage, tag="resume"):
    """첫 프레임: 끊긴 판을 잇는다."""

    resume_token: Annotated[str, Meta(max_length=512)]
    last_tick: Annotated[int, Meta(ge=0, le=MAX_U32)] = 0
    token: str | None = None
    lang: ShortText | None = None


class QueueJoin(ClientMessage, tag="queue.join"):
    """대기표를 청한다."""

    mode: ShortText


class QueueCancel(ClientMessage, tag="queue.cancel"):
    """대기표를 거둔다."""


class Input(ClientMessage, tag="input"):
    """판의 입력. 나머지 칸은 모드가 정한다(`ClientDecoder`)."""

    seq: Annotated[int, Meta(ge=1, le=MAX_U32)]


class Finalize(ClientMessage, tag="finalize"):
    """끝난 판의 결과를 청한다."""

    match_id: ShortText


class Leave(ClientMessage, tag="leave"):
    """판을 포기한다."""

    match_id: ShortText


class Ping(ClientMessage, tag="ping"):
    """왕복을 잰다. `ts`는 그대로 돌아간다."""

    ts: SafeInt | float


CLIENT_MESSAGES: tuple[type[ClientMessage], ...] = (
    Hello, Resume, QueueJoin, QueueCancel, Input, Finalize, Leave, Ping,
)  # fmt: skip


def kind_of(message: Struct | type[Struct]) -> str:
    """메시지의 종류(`t` 칸의 값)."""
    return str(message.__struct_config__.tag)


CLIENT_KINDS = frozenset(kind_of(message) for message in CLIENT_MESSAGES)


@dataclass(frozen=True, slots=True)
class InputRange:
    """모드의 입력 칸 하나와 허용 범위(양 끝 포함)."""

    name: str
    minimum: int
    maximum: int


class ClientDecoder:
    """클라이언트의 글을 메시지로 읽는다. 판에 앉은 동안은 그 모드의 입력 칸까지 본다."""

    def __init__(self, input_fields: tuple[InputRange, ...] = ()) -> None:
        self._names = [field.name for field in input_fields]
        message_types = [_input_type(input_fields) if kind is Input else kind for kind in CLIENT_MESSAGES]
        self._decoder: msgspec.json.Decoder[ClientMessage] = msgspec.json.Decoder(
            Union[tuple(message_types)]  # noqa: UP007 - 실행 중에 만드는 합 타입이다
        )

    def decode(self, text: str) -> ClientMessage:
        """글 하나를 읽는다.

        Raises:
            BadFrame: JSON 객체가 아니다.
            BadMessage: 종류나 칸이 계약과 다르다.
        """
        try:
            return self._decoder.decode(text)
        except msgspec.ValidationError as error:
            return self._decode_whole_floats(text, error)
        except (msgspec.DecodeError, RecursionError):
            raise BadFrame from None

    def _decode_whole_floats(self, text: str, refusal: msgspec.ValidationError) -> ClientMessage:
        """정수를 1.0으로 쓴 글이면 정수로 읽는다(JSON의 수는 한 가지다). 정수로 쓴 글은 여기에 오지 않는다.

        Raises:
            BadFrame, BadMessage: 1.0 탓이 아니었다.
        """
        try:
            fields = _fields_decoder.decode(text)
            whole = {name: int(value) for name, value in fields.items() if _is_whole(value)}
            if whole:
                return self._decoder.decode(_encoder.encode(fields | whole))
        except msgspec.ValidationError as error:
            refusal = error
        except (msgspec.DecodeError, RecursionError):
            pass  # 뒤가 깨진 글이다. 처음의 까닭이 말한다
        raise _explain(text, refusal) from None

    def input_values(self, message: ClientMessage) -> list[int]:
        """입력 메시지의 값들. 모드가 말한 칸의 순서다."""
        return [getattr(message, name) for name in self._names]


def _is_whole(value: object) -> bool:
    return isinstance(value, float) and value.is_integer() and abs(value) <= MAX_SAFE_INT


def _input_type(fields: tuple[InputRange, ...]) -> type[ClientMessage]:
    if not fields:
        return Input
    columns = [(field.name, Annotated[int, Meta(ge=field.minimum, le=field.maximum)]) for field in fields]
    mode_input = msgspec.defstruct(
        "ModeInput", columns, bases=(Input,), tag="input", tag_field="t", gc=False, kw_only=True
    )
    return cast(type[ClientMessage], mode_input)


def _explain(text: str, error: msgspec.ValidationError) -> BadFrame | BadMessage:
    """형이 틀린 글을 다시 느슨하게 읽어, JSON 객체이기는 한지와 누구의 요청인지 본다.

    형 검사는 첫 잘못에서 멈추므로, 뒤가 깨진 글도 형의 잘못으로 보일 수 있다.
    """
    try:
        message = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, RecursionError):
        return BadFrame()
    kind = _loose(message.get("t"), str)
    return BadMessage(
        wrong_field(str(error)),
        re=_request_id(message.get("id")),
        kind=kind if kind in CLIENT_KINDS else None,
    )


def _request_id(raw: msgspec.Raw | None) -> str | int | None:
    number = _loose(raw, float)
    if number is not None and _is_whole(number):
        return int(number)
    return cast(str | int | None, _loose(raw, RequestId))


def _loose(raw: msgspec.Raw | None, wanted: Any) -> Any:
    if raw is None:
        return None
    try:
        return msgspec.json.decode(raw, type=wanted)
    except msgspec.DecodeError:
        return None


# ---- 서버 -> 클라이언트. 기본값인 칸은 싣지 않는다.


class ServerMessage(Struct, tag_field="t", gc=False, kw_only=True, omit_defaults=True):
    """모든 답과 통지. `re`는 답일 때만 있다."""

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


class PlayerResult(Struct, gc=False):
    """한 선수의 끝 성적. 레이팅이 바뀌지 않았으면 null이다."""

    player_id: str
    place: int
    score: int
    rating_before: float | None
    rating_after: float | None
    conceded: bool


class MatchResult(ServerMessage, tag="match.result"):
    """판의 결과."""

    match_id: str
    status: str
    already_finalized: bool
    results: list[PlayerResult]


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
    Welcome, Resumed, QueueJoined, QueueCancelled, QueueTimeout, MatchFound, MatchStart, MatchResult,
    MatchAborted, MatchLeft, Pong, Error, Bye,
)  # fmt: skip


def encode(message: ServerMessage) -> str:
    """메시지를 한 글 프레임으로 쓴다."""
    return _encoder.encode(message).decode()


def is_snapshot(state_frame: bytes) -> bool:
    """상태 프레임이 온전한 snapshot인가. 두 번째 바이트가 종류다(1 snapshot, 2 delta)."""
    return len(state_frame) > 1 and state_frame[1] == SNAPSHOT_KIND
