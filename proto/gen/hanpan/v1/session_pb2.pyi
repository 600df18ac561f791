from hanpan.v1 import common_pb2 as _common_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreateMatchesRequest(_message.Message):
    __slots__ = ("matches",)
    MATCHES_FIELD_NUMBER: _ClassVar[int]
    matches: _containers.RepeatedCompositeFieldContainer[CreateMatchRequest]
    def __init__(self, matches: _Optional[_Iterable[_Union[CreateMatchRequest, _Mapping]]] = ...) -> None: ...

class CreateMatchesResponse(_message.Message):
    __slots__ = ("outcomes",)
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedCompositeFieldContainer[CreateMatchOutcome]
    def __init__(self, outcomes: _Optional[_Iterable[_Union[CreateMatchOutcome, _Mapping]]] = ...) -> None: ...

class CreateMatchOutcome(_message.Message):
    __slots__ = ("made", "refused")
    MADE_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    made: CreateMatchResponse
    refused: _common_pb2.Refusal
    def __init__(self, made: _Optional[_Union[CreateMatchResponse, _Mapping]] = ..., refused: _Optional[_Union[_common_pb2.Refusal, _Mapping]] = ...) -> None: ...

class CreateMatchRequest(_message.Message):
    __slots__ = ("match_id", "mode", "region", "seed", "players", "created_at_ms", "queued_at_ms", "traceparent")
    MATCH_ID_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    PLAYERS_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    QUEUED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    TRACEPARENT_FIELD_NUMBER: _ClassVar[int]
    match_id: str
    mode: str
    region: str
    seed: int
    players: _containers.RepeatedCompositeFieldContainer[_common_pb2.MatchPlayer]
    created_at_ms: int
    queued_at_ms: int
    traceparent: str
    def __init__(self, match_id: _Optional[str] = ..., mode: _Optional[str] = ..., region: _Optional[str] = ..., seed: _Optional[int] = ..., players: _Optional[_Iterable[_Union[_common_pb2.MatchPlayer, _Mapping]]] = ..., created_at_ms: _Optional[int] = ..., queued_at_ms: _Optional[int] = ..., traceparent: _Optional[str] = ...) -> None: ...

class CreateMatchResponse(_message.Message):
    __slots__ = ("match_id", "session_id", "address", "tick_rate_hz", "seats")
    MATCH_ID_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    TICK_RATE_HZ_FIELD_NUMBER: _ClassVar[int]
    SEATS_FIELD_NUMBER: _ClassVar[int]
    match_id: str
    session_id: str
    address: str
    tick_rate_hz: int
    seats: _containers.RepeatedCompositeFieldContainer[SeatToken]
    def __init__(self, match_id: _Optional[str] = ..., session_id: _Optional[str] = ..., address: _Optional[str] = ..., tick_rate_hz: _Optional[int] = ..., seats: _Optional[_Iterable[_Union[SeatToken, _Mapping]]] = ...) -> None: ...

class SeatToken(_message.Message):
    __slots__ = ("player_id", "resume_token", "epoch")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    player_id: str
    resume_token: str
    epoch: int
    def __init__(self, player_id: _Optional[str] = ..., resume_token: _Optional[str] = ..., epoch: _Optional[int] = ...) -> None: ...

class GetMatchRequest(_message.Message):
    __slots__ = ("match_id",)
    MATCH_ID_FIELD_NUMBER: _ClassVar[int]
    match_id: str
    def __init__(self, match_id: _Optional[str] = ...) -> None: ...

class GetMatchResponse(_message.Message):
    __slots__ = ("match_id", "status", "tick")
    MATCH_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    TICK_FIELD_NUMBER: _ClassVar[int]
    match_id: str
    status: _common_pb2.MatchStatus
    tick: int
    def __init__(self, match_id: _Optional[str] = ..., status: _Optional[_Union[_common_pb2.MatchStatus, str]] = ..., tick: _Optional[int] = ...) -> None: ...

class GetResultRequest(_message.Message):
    __slots__ = ("match_id", "player_id")
    MATCH_ID_FIELD_NUMBER: _ClassVar[int]
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    match_id: str
    player_id: str
    def __init__(self, match_id: _Optional[str] = ..., player_id: _Optional[str] = ...) -> None: ...

class LinkUp(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[UpItem]
    def __init__(self, items: _Optional[_Iterable[_Union[UpItem, _Mapping]]] = ...) -> None: ...

class UpItem(_message.Message):
    __slots__ = ("hello", "attach", "detach", "input", "leave", "resync")
    HELLO_FIELD_NUMBER: _ClassVar[int]
    ATTACH_FIELD_NUMBER: _ClassVar[int]
    DETACH_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    LEAVE_FIELD_NUMBER: _ClassVar[int]
    RESYNC_FIELD_NUMBER: _ClassVar[int]
    hello: LinkHello
    attach: Attach
    detach: Detach
    input: InputItem
    leave: Leave
    resync: Resync
    def __init__(self, hello: _Optional[_Union[LinkHello, _Mapping]] = ..., attach: _Optional[_Union[Attach, _Mapping]] = ..., detach: _Optional[_Union[Detach, _Mapping]] = ..., input: _Optional[_Union[InputItem, _Mapping]] = ..., leave: _Optional[_Union[Leave, _Mapping]] = ..., resync: _Optional[_Union[Resync, _Mapping]] = ...) -> None: ...

class LinkHello(_message.Message):
    __slots__ = ("gateway_id",)
    GATEWAY_ID_FIELD_NUMBER: _ClassVar[int]
    gateway_id: str
    def __init__(self, gateway_id: _Optional[str] = ...) -> None: ...

class Attach(_message.Message):
    __slots__ = ("conn_id", "match_id", "player_id", "epoch", "traceparent")
    CONN_ID_FIELD_NUMBER: _ClassVar[int]
    MATCH_ID_FIELD_NUMBER: _ClassVar[int]
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    TRACEPARENT_FIELD_NUMBER: _ClassVar[int]
    conn_id: int
    match_id: str
    player_id: str
    epoch: int
    traceparent: str
    def __init__(self, conn_id: _Optional[int] = ..., match_id: _Optional[str] = ..., player_id: _Optional[str] = ..., epoch: _Optional[int] = ..., traceparent: _Optional[str] = ...) -> None: ...

class Detach(_message.Message):
    __slots__ = ("conn_id",)
    CONN_ID_FIELD_NUMBER: _ClassVar[int]
    conn_id: int
    def __init__(self, conn_id: _Optional[int] = ...) -> None: ...

class InputItem(_message.Message):
    __slots__ = ("conn_id", "seq", "values")
    CONN_ID_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    conn_id: int
    seq: int
    values: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, conn_id: _Optional[int] = ..., seq: _Optional[int] = ..., values: _Optional[_Iterable[int]] = ...) -> None: ...

class Leave(_message.Message):
    __slots__ = ("conn_id", "match_id", "player_id")
    CONN_ID_FIELD_NUMBER: _ClassVar[int]
    MATCH_ID_FIELD_NUMBER: _ClassVar[int]
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    conn_id: int
    match_id: str
    player_id: str
    def __init__(self, conn_id: _Optional[int] = ..., match_id: _Optional[str] = ..., player_id: _Optional[str] = ...) -> None: ...

class Resync(_message.Message):
    __slots__ = ("conn_id",)
    CONN_ID_FIELD_NUMBER: _ClassVar[int]
    conn_id: int
    def __init__(self, conn_id: _Optional[int] = ...) -> None: ...

class LinkDown(_message.Message):
    __slots__ = ("frames", "controls")
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    CONTROLS_FIELD_NUMBER: _ClassVar[int]
    frames: _containers.RepeatedCompositeFieldContainer[Frame]
    controls: _containers.RepeatedCompositeFieldContainer[Control]
    def __init__(self, frames: _Optional[_Iterable[_Union[Frame, _Mapping]]] = ..., controls: _Optional[_Iterable[_Union[Control, _Mapping]]] = ...) -> None: ...

class Frame(_message.Message):
    __slots__ = ("conn_ids", "payload")
    CONN_IDS_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    conn_ids: _containers.RepeatedScalarFieldContainer[int]
    payload: bytes
    def __init__(self, conn_ids: _Optional[_Iterable[int]] = ..., payload: _Optional[bytes] = ...) -> None: ...

class Control(_message.Message):
    __slots__ = ("conn_ids", "attached", "match_start", "match_result", "match_aborted", "superseded", "refused", "left")
    CONN_IDS_FIELD_NUMBER: _ClassVar[int]
    ATTACHED_FIELD_NUMBER: _ClassVar[int]
    MATCH_START_FIELD_NUMBER: _ClassVar[int]
    MATCH_RESULT_FIELD_NUMBER: _ClassVar[int]
    MATCH_ABORTED_FIELD_NUMBER: _ClassVar[int]
    SUPERSEDED_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    LEFT_FIELD_NUMBER: _ClassVar[int]
    conn_ids: _containers.RepeatedScalarFieldContainer[int]
    attached: Attached
    match_start: MatchStart
    match_result: MatchResult
    match_aborted: MatchAborted
    superseded: Superseded
    refused: Refused
    left: Left
    def __init__(self, conn_ids: _Optional[_Iterable[int]] = ..., attached: _Optional[_Union[Attached, _Mapping]] = ..., match_start: _Optional[_Union[MatchStart, _Mapping]] = ..., match_result: _Optional[_Union[MatchResult, _Mapping]] = ..., match_aborted: _Optional[_Union[MatchAborted, _Mapping]] = ..., superseded: _Optional[_Union[Superseded, _Mapping]] = ..., refused: _Optional[_Union[Refused, _Mapping]] = ..., left: _Optional[_Union[Left, _Mapping]] = ...) -> None: ...

class Attached(_message.Message):
    __slots__ = ("match_id", "mode", "session_id", "tick", "tick_rate_hz", "players")
    MATCH_ID_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    TICK_FIELD_NUMBER: _ClassVar[int]
    TICK_RATE_HZ_FIELD_NUMBER: _ClassVar[int]
    PLAYERS_FIELD_NUMBER: _ClassVar[int]
    match_id: str
    mode: str
    session_id: str
    tick: int
    tick_rate_hz: int
    players: _containers.RepeatedCompositeFieldContainer[_common_pb2.MatchPlayer]
    def __init__(self, match_id: _Optional[str] = ..., mode: _Optional[str] = ..., session_id: _Optional[str] = ..., tick: _Optional[int] = ..., tick_rate_hz: _Optional[int] = ..., players: _Optional[_Iterable[_Union[_common_pb2.MatchPlayer, _Mapping]]] = ...) -> None: ...

class MatchStart(_message.Message):
    __slots__ = ("match_id", "tick", "schema_json", "entity_players", "setup_json", "starts_in_ms")
    class EntityPlayersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: int
        value: str
        def __init__(self, key: _Optional[int] = ..., value: _Optional[str] = ...) -> None: ...
    MATCH_ID_FIELD_NUMBER: _ClassVar[int]
    TICK_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_JSON_FIELD_NUMBER: _ClassVar[int]
    ENTITY_PLAYERS_FIELD_NUMBER: _ClassVar[int]
    SETUP_JSON_FIELD_NUMBER: _ClassVar[int]
    STARTS_IN_MS_FIELD_NUMBER: _ClassVar[int]
    match_id: str
    tick: int
    schema_json: str
    entity_players: _containers.ScalarMap[int, str]
    setup_json: str
    starts_in_ms: int
    def __init__(self, match_id: _Optional[str] = ..., tick: _Optional[int] = ..., schema_json: _Optional[str] = ..., entity_players: _Optional[_Mapping[int, str]] = ..., setup_json: _Optional[str] = ..., starts_in_ms: _Optional[int] = ...) -> None: ...

class MatchResult(_message.Message):
    __slots__ = ("match_id", "status", "already_finalized", "results", "abort_code", "player_name", "player_is_bot")
    MATCH_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ALREADY_FINALIZED_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    ABORT_CODE_FIELD_NUMBER: _ClassVar[int]
    PLAYER_NAME_FIELD_NUMBER: _ClassVar[int]
    PLAYER_IS_BOT_FIELD_NUMBER: _ClassVar[int]
    match_id: str
    status: _common_pb2.MatchStatus
    already_finalized: bool
    results: _containers.RepeatedCompositeFieldContainer[_common_pb2.PlayerResult]
    abort_code: str
    player_name: str
    player_is_bot: bool
    def __init__(self, match_id: _Optional[str] = ..., status: _Optional[_Union[_common_pb2.MatchStatus, str]] = ..., already_finalized: _Optional[bool] = ..., results: _Optional[_Iterable[_Union[_common_pb2.PlayerResult, _Mapping]]] = ..., abort_code: _Optional[str] = ..., player_name: _Optional[str] = ..., player_is_bot: _Optional[bool] = ...) -> None: ...

class MatchAborted(_message.Message):
    __slots__ = ("match_id", "code")
    MATCH_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    match_id: str
    code: str
    def __init__(self, match_id: _Optional[str] = ..., code: _Optional[str] = ...) -> None: ...

class Superseded(_message.Message):
    __slots__ = ("match_id",)
    MATCH_ID_FIELD_NUMBER: _ClassVar[int]
    match_id: str
    def __init__(self, match_id: _Optional[str] = ...) -> None: ...

class Left(_message.Message):
    __slots__ = ("match_id", "is_over")
    MATCH_ID_FIELD_NUMBER: _ClassVar[int]
    IS_OVER_FIELD_NUMBER: _ClassVar[int]
    match_id: str
    is_over: bool
    def __init__(self, match_id: _Optional[str] = ..., is_over: _Optional[bool] = ...) -> None: ...

class Refused(_message.Message):
    __slots__ = ("match_id", "code", "message", "source", "params")
    class ParamsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    MATCH_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    match_id: str
    code: str
    message: str
    source: str
    params: _containers.ScalarMap[str, str]
    def __init__(self, match_id: _Optional[str] = ..., code: _Optional[str] = ..., message: _Optional[str] = ..., source: _Optional[str] = ..., params: _Optional[_Mapping[str, str]] = ...) -> None: ...
