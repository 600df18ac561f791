"""클라이언트가 `/ws`로 보내는 글 프레임을 형에 맞춰 읽는다. 순수하다.

소켓도 규칙도 모르며, input의 칸은 모드가 알려 준 이름과 범위로 그때 만든다.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Union, cast

import msgspec
from msgspec import Meta, Struct

from gateway.protocol.frame_fields import MAX_SAFE_INT, RequestId, SafeInt, ShortText, kind_of
from gateway.protocol.wrong_fields import wrong_field
from kernel.errors import InvalidArgument

MAX_U32 = 2**32 - 1

_encoder = msgspec.json.Encoder()
_fields_decoder = msgspec.json.Decoder(dict[str, Any])


class BadFrame(Exception):
    """JSON 객체가 아니다. 소켓을 4400으로 닫는다."""


class BadMessage(Exception):
    """JSON 객체이지만 종류나 칸이 계약과 다르다. `kind`는 아는 종류일 때만 있다."""

    def __init__(self, error: InvalidArgument, *, re: str | int | None, kind: str | None) -> None:
        super().__init__(error.message)
        self.error = error
        self.re = re
        self.kind = kind


class ClientMessage(Struct, tag_field="t", gc=False, kw_only=True):
    """모든 요청이 가지는 칸. 모르는 칸은 버린다. `id`는 답의 `re`로 돌아가고 `trace`는 W3C traceparent다."""

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
