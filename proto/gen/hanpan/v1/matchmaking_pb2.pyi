from hanpan.v1 import common_pb2 as _common_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class WaitReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WAIT_REASON_UNSPECIFIED: _ClassVar[WaitReason]
    WAIT_REASON_ALONE: _ClassVar[WaitReason]
    WAIT_REASON_OUT_OF_WINDOW: _ClassVar[WaitReason]
    WAIT_REASON_FILLING: _ClassVar[WaitReason]
    WAIT_REASON_NO_SERVER: _ClassVar[WaitReason]
    WAIT_REASON_SOON: _ClassVar[WaitReason]
WAIT_REASON_UNSPECIFIED: WaitReason
WAIT_REASON_ALONE: WaitReason
WAIT_REASON_OUT_OF_WINDOW: WaitReason
WAIT_REASON_FILLING: WaitReason
WAIT_REASON_NO_SERVER: WaitReason
WAIT_REASON_SOON: WaitReason

class ListModesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListModesResponse(_message.Message):
    __slots__ = ("modes",)
    MODES_FIELD_NUMBER: _ClassVar[int]
    modes: _containers.RepeatedCompositeFieldContainer[Mode]
    def __init__(self, modes: _Optional[_Iterable[_Union[Mode, _Mapping]]] = ...) -> None: ...

class Mode(_message.Message):
    __slots__ = ("name", "min_players", "max_players", "tick_rate_hz", "duration_ms", "input_fields")
    NAME_FIELD_NUMBER: _ClassVar[int]
    MIN_PLAYERS_FIELD_NUMBER: _ClassVar[int]
    MAX_PLAYERS_FIELD_NUMBER: _ClassVar[int]
    TICK_RATE_HZ_FIELD_NUMBER: _ClassVar[int]
    DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELDS_FIELD_NUMBER: _ClassVar[int]
    name: str
    min_players: int
    max_players: int
    tick_rate_hz: int
    duration_ms: int
    input_fields: _containers.RepeatedCompositeFieldContainer[InputField]
    def __init__(self, name: _Optional[str] = ..., min_players: _Optional[int] = ..., max_players: _Optional[int] = ..., tick_rate_hz: _Optional[int] = ..., duration_ms: _Optional[int] = ..., input_fields: _Optional[_Iterable[_Union[InputField, _Mapping]]] = ...) -> None: ...

class InputField(_message.Message):
    __slots__ = ("name", "min", "max")
    NAME_FIELD_NUMBER: _ClassVar[int]
    MIN_FIELD_NUMBER: _ClassVar[int]
    MAX_FIELD_NUMBER: _ClassVar[int]
    name: str
    min: int
    max: int
    def __init__(self, name: _Optional[str] = ..., min: _Optional[int] = ..., max: _Optional[int] = ...) -> None: ...

class JoinRequest(_message.Message):
    __slots__ = ("wishes",)
    WISHES_FIELD_NUMBER: _ClassVar[int]
    wishes: _containers.RepeatedCompositeFieldContainer[JoinWish]
    def __init__(self, wishes: _Optional[_Iterable[_Union[JoinWish, _Mapping]]] = ...) -> None: ...

class JoinWish(_message.Message):
    __slots__ = ("player_id", "name", "mode", "region", "gateway_id", "conn_id", "request_key", "traceparent", "is_bot")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    GATEWAY_ID_FIELD_NUMBER: _ClassVar[int]
    CONN_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_KEY_FIELD_NUMBER: _ClassVar[int]
    TRACEPARENT_FIELD_NUMBER: _ClassVar[int]
    IS_BOT_FIELD_NUMBER: _ClassVar[int]
    player_id: str
    name: str
    mode: str
    region: str
    gateway_id: str
    conn_id: int
    request_key: str
    traceparent: str
    is_bot: bool
    def __init__(self, player_id: _Optional[str] = ..., name: _Optional[str] = ..., mode: _Optional[str] = ..., region: _Optional[str] = ..., gateway_id: _Optional[str] = ..., conn_id: _Optional[int] = ..., request_key: _Optional[str] = ..., traceparent: _Optional[str] = ..., is_bot: _Optional[bool] = ...) -> None: ...

class JoinResponse(_message.Message):
    __slots__ = ("outcomes",)
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedCompositeFieldContainer[JoinOutcome]
    def __init__(self, outcomes: _Optional[_Iterable[_Union[JoinOutcome, _Mapping]]] = ...) -> None: ...

class JoinOutcome(_message.Message):
    __slots__ = ("joined", "refused")
    JOINED_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    joined: Joined
    refused: _common_pb2.Refusal
    def __init__(self, joined: _Optional[_Union[Joined, _Mapping]] = ..., refused: _Optional[_Union[_common_pb2.Refusal, _Mapping]] = ...) -> None: ...

class Joined(_message.Message):
    __slots__ = ("ticket_id", "mode", "expires_in_ms")
    TICKET_ID_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_IN_MS_FIELD_NUMBER: _ClassVar[int]
    ticket_id: str
    mode: str
    expires_in_ms: int
    def __init__(self, ticket_id: _Optional[str] = ..., mode: _Optional[str] = ..., expires_in_ms: _Optional[int] = ...) -> None: ...

class CancelRequest(_message.Message):
    __slots__ = ("player_id", "region", "ticket_id", "conn_id", "only_own")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    TICKET_ID_FIELD_NUMBER: _ClassVar[int]
    CONN_ID_FIELD_NUMBER: _ClassVar[int]
    ONLY_OWN_FIELD_NUMBER: _ClassVar[int]
    player_id: str
    region: str
    ticket_id: str
    conn_id: int
    only_own: bool
    def __init__(self, player_id: _Optional[str] = ..., region: _Optional[str] = ..., ticket_id: _Optional[str] = ..., conn_id: _Optional[int] = ..., only_own: _Optional[bool] = ...) -> None: ...

class CancelResponse(_message.Message):
    __slots__ = ("ticket_id",)
    TICKET_ID_FIELD_NUMBER: _ClassVar[int]
    ticket_id: str
    def __init__(self, ticket_id: _Optional[str] = ...) -> None: ...

class AdoptRequest(_message.Message):
    __slots__ = ("player_id", "region", "ticket_id", "gateway_id", "conn_id")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    TICKET_ID_FIELD_NUMBER: _ClassVar[int]
    GATEWAY_ID_FIELD_NUMBER: _ClassVar[int]
    CONN_ID_FIELD_NUMBER: _ClassVar[int]
    player_id: str
    region: str
    ticket_id: str
    gateway_id: str
    conn_id: int
    def __init__(self, player_id: _Optional[str] = ..., region: _Optional[str] = ..., ticket_id: _Optional[str] = ..., gateway_id: _Optional[str] = ..., conn_id: _Optional[int] = ...) -> None: ...

class AdoptResponse(_message.Message):
    __slots__ = ("adopted", "forming_match_id")
    ADOPTED_FIELD_NUMBER: _ClassVar[int]
    FORMING_MATCH_ID_FIELD_NUMBER: _ClassVar[int]
    adopted: Joined
    forming_match_id: str
    def __init__(self, adopted: _Optional[_Union[Joined, _Mapping]] = ..., forming_match_id: _Optional[str] = ...) -> None: ...

class WatchRequest(_message.Message):
    __slots__ = ("gateway_id", "region", "waiting_ticket_ids")
    GATEWAY_ID_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    WAITING_TICKET_IDS_FIELD_NUMBER: _ClassVar[int]
    gateway_id: str
    region: str
    waiting_ticket_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, gateway_id: _Optional[str] = ..., region: _Optional[str] = ..., waiting_ticket_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class WatchEvents(_message.Message):
    __slots__ = ("events",)
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[WatchEvent]
    def __init__(self, events: _Optional[_Iterable[_Union[WatchEvent, _Mapping]]] = ...) -> None: ...

class WatchEvent(_message.Message):
    __slots__ = ("match_found", "queue_timeout", "ready", "ticket_moved", "ticket_cancelled")
    MATCH_FOUND_FIELD_NUMBER: _ClassVar[int]
    QUEUE_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    READY_FIELD_NUMBER: _ClassVar[int]
    TICKET_MOVED_FIELD_NUMBER: _ClassVar[int]
    TICKET_CANCELLED_FIELD_NUMBER: _ClassVar[int]
    match_found: MatchFound
    queue_timeout: QueueTimeout
    ready: WatchReady
    ticket_moved: TicketMoved
    ticket_cancelled: TicketCancelled
    def __init__(self, match_found: _Optional[_Union[MatchFound, _Mapping]] = ..., queue_timeout: _Optional[_Union[QueueTimeout, _Mapping]] = ..., ready: _Optional[_Union[WatchReady, _Mapping]] = ..., ticket_moved: _Optional[_Union[TicketMoved, _Mapping]] = ..., ticket_cancelled: _Optional[_Union[TicketCancelled, _Mapping]] = ...) -> None: ...

class WatchReady(_message.Message):
    __slots__ = ("matchmaking_id",)
    MATCHMAKING_ID_FIELD_NUMBER: _ClassVar[int]
    matchmaking_id: str
    def __init__(self, matchmaking_id: _Optional[str] = ...) -> None: ...

class MatchFound(_message.Message):
    __slots__ = ("match_id", "mode", "session_id", "session_address", "tick_rate_hz", "players", "seats")
    MATCH_ID_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    SESSION_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    TICK_RATE_HZ_FIELD_NUMBER: _ClassVar[int]
    PLAYERS_FIELD_NUMBER: _ClassVar[int]
    SEATS_FIELD_NUMBER: _ClassVar[int]
    match_id: str
    mode: str
    session_id: str
    session_address: str
    tick_rate_hz: int
    players: _containers.RepeatedCompositeFieldContainer[_common_pb2.MatchPlayer]
    seats: _containers.RepeatedCompositeFieldContainer[FoundSeat]
    def __init__(self, match_id: _Optional[str] = ..., mode: _Optional[str] = ..., session_id: _Optional[str] = ..., session_address: _Optional[str] = ..., tick_rate_hz: _Optional[int] = ..., players: _Optional[_Iterable[_Union[_common_pb2.MatchPlayer, _Mapping]]] = ..., seats: _Optional[_Iterable[_Union[FoundSeat, _Mapping]]] = ...) -> None: ...

class FoundSeat(_message.Message):
    __slots__ = ("player_id", "ticket_id", "conn_id", "resume_token", "epoch")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    TICKET_ID_FIELD_NUMBER: _ClassVar[int]
    CONN_ID_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    player_id: str
    ticket_id: str
    conn_id: int
    resume_token: str
    epoch: int
    def __init__(self, player_id: _Optional[str] = ..., ticket_id: _Optional[str] = ..., conn_id: _Optional[int] = ..., resume_token: _Optional[str] = ..., epoch: _Optional[int] = ...) -> None: ...

class QueueTimeout(_message.Message):
    __slots__ = ("ticket_id", "player_id", "conn_id")
    TICKET_ID_FIELD_NUMBER: _ClassVar[int]
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    CONN_ID_FIELD_NUMBER: _ClassVar[int]
    ticket_id: str
    player_id: str
    conn_id: int
    def __init__(self, ticket_id: _Optional[str] = ..., player_id: _Optional[str] = ..., conn_id: _Optional[int] = ...) -> None: ...

class TicketMoved(_message.Message):
    __slots__ = ("ticket_id", "player_id", "conn_id", "owner_conn_id")
    TICKET_ID_FIELD_NUMBER: _ClassVar[int]
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    CONN_ID_FIELD_NUMBER: _ClassVar[int]
    OWNER_CONN_ID_FIELD_NUMBER: _ClassVar[int]
    ticket_id: str
    player_id: str
    conn_id: int
    owner_conn_id: int
    def __init__(self, ticket_id: _Optional[str] = ..., player_id: _Optional[str] = ..., conn_id: _Optional[int] = ..., owner_conn_id: _Optional[int] = ...) -> None: ...

class TicketCancelled(_message.Message):
    __slots__ = ("ticket_id", "player_id", "conn_id")
    TICKET_ID_FIELD_NUMBER: _ClassVar[int]
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    CONN_ID_FIELD_NUMBER: _ClassVar[int]
    ticket_id: str
    player_id: str
    conn_id: int
    def __init__(self, ticket_id: _Optional[str] = ..., player_id: _Optional[str] = ..., conn_id: _Optional[int] = ...) -> None: ...

class EndMatchesRequest(_message.Message):
    __slots__ = ("matches",)
    MATCHES_FIELD_NUMBER: _ClassVar[int]
    matches: _containers.RepeatedCompositeFieldContainer[EndedMatch]
    def __init__(self, matches: _Optional[_Iterable[_Union[EndedMatch, _Mapping]]] = ...) -> None: ...

class EndedMatch(_message.Message):
    __slots__ = ("match_id", "region", "player_ids", "goes_on")
    MATCH_ID_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    PLAYER_IDS_FIELD_NUMBER: _ClassVar[int]
    GOES_ON_FIELD_NUMBER: _ClassVar[int]
    match_id: str
    region: str
    player_ids: _containers.RepeatedScalarFieldContainer[str]
    goes_on: bool
    def __init__(self, match_id: _Optional[str] = ..., region: _Optional[str] = ..., player_ids: _Optional[_Iterable[str]] = ..., goes_on: _Optional[bool] = ...) -> None: ...

class EndMatchesResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ExplainQueueRequest(_message.Message):
    __slots__ = ("region", "mode", "limit")
    REGION_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    region: str
    mode: str
    limit: int
    def __init__(self, region: _Optional[str] = ..., mode: _Optional[str] = ..., limit: _Optional[int] = ...) -> None: ...

class ExplainQueueResponse(_message.Message):
    __slots__ = ("at_ms", "queues", "tickets", "free_places")
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    QUEUES_FIELD_NUMBER: _ClassVar[int]
    TICKETS_FIELD_NUMBER: _ClassVar[int]
    FREE_PLACES_FIELD_NUMBER: _ClassVar[int]
    at_ms: int
    queues: _containers.RepeatedCompositeFieldContainer[ModeQueue]
    tickets: _containers.RepeatedCompositeFieldContainer[ExplainedTicket]
    free_places: int
    def __init__(self, at_ms: _Optional[int] = ..., queues: _Optional[_Iterable[_Union[ModeQueue, _Mapping]]] = ..., tickets: _Optional[_Iterable[_Union[ExplainedTicket, _Mapping]]] = ..., free_places: _Optional[int] = ...) -> None: ...

class ModeQueue(_message.Message):
    __slots__ = ("mode", "min_players", "max_players", "waiting", "oldest_wait_ms", "wait_bounds_ms", "wait_counts", "window_base", "window_per_s", "window_cap", "window_open_after_ms")
    MODE_FIELD_NUMBER: _ClassVar[int]
    MIN_PLAYERS_FIELD_NUMBER: _ClassVar[int]
    MAX_PLAYERS_FIELD_NUMBER: _ClassVar[int]
    WAITING_FIELD_NUMBER: _ClassVar[int]
    OLDEST_WAIT_MS_FIELD_NUMBER: _ClassVar[int]
    WAIT_BOUNDS_MS_FIELD_NUMBER: _ClassVar[int]
    WAIT_COUNTS_FIELD_NUMBER: _ClassVar[int]
    WINDOW_BASE_FIELD_NUMBER: _ClassVar[int]
    WINDOW_PER_S_FIELD_NUMBER: _ClassVar[int]
    WINDOW_CAP_FIELD_NUMBER: _ClassVar[int]
    WINDOW_OPEN_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    mode: str
    min_players: int
    max_players: int
    waiting: int
    oldest_wait_ms: int
    wait_bounds_ms: _containers.RepeatedScalarFieldContainer[int]
    wait_counts: _containers.RepeatedScalarFieldContainer[int]
    window_base: int
    window_per_s: int
    window_cap: int
    window_open_after_ms: int
    def __init__(self, mode: _Optional[str] = ..., min_players: _Optional[int] = ..., max_players: _Optional[int] = ..., waiting: _Optional[int] = ..., oldest_wait_ms: _Optional[int] = ..., wait_bounds_ms: _Optional[_Iterable[int]] = ..., wait_counts: _Optional[_Iterable[int]] = ..., window_base: _Optional[int] = ..., window_per_s: _Optional[int] = ..., window_cap: _Optional[int] = ..., window_open_after_ms: _Optional[int] = ...) -> None: ...

class ExplainedTicket(_message.Message):
    __slots__ = ("ticket_id", "player_id", "name", "rating", "waited_ms", "window", "reason", "gathered", "changes_in_ms", "nearest", "opens_in_ms")
    TICKET_ID_FIELD_NUMBER: _ClassVar[int]
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    RATING_FIELD_NUMBER: _ClassVar[int]
    WAITED_MS_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    GATHERED_FIELD_NUMBER: _ClassVar[int]
    CHANGES_IN_MS_FIELD_NUMBER: _ClassVar[int]
    NEAREST_FIELD_NUMBER: _ClassVar[int]
    OPENS_IN_MS_FIELD_NUMBER: _ClassVar[int]
    ticket_id: str
    player_id: str
    name: str
    rating: float
    waited_ms: int
    window: float
    reason: WaitReason
    gathered: int
    changes_in_ms: int
    nearest: _containers.RepeatedCompositeFieldContainer[Candidate]
    opens_in_ms: int
    def __init__(self, ticket_id: _Optional[str] = ..., player_id: _Optional[str] = ..., name: _Optional[str] = ..., rating: _Optional[float] = ..., waited_ms: _Optional[int] = ..., window: _Optional[float] = ..., reason: _Optional[_Union[WaitReason, str]] = ..., gathered: _Optional[int] = ..., changes_in_ms: _Optional[int] = ..., nearest: _Optional[_Iterable[_Union[Candidate, _Mapping]]] = ..., opens_in_ms: _Optional[int] = ...) -> None: ...

class Candidate(_message.Message):
    __slots__ = ("ticket_id", "player_id", "name", "rating", "difference", "window", "accepted")
    TICKET_ID_FIELD_NUMBER: _ClassVar[int]
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    RATING_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCE_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    ticket_id: str
    player_id: str
    name: str
    rating: float
    difference: float
    window: float
    accepted: bool
    def __init__(self, ticket_id: _Optional[str] = ..., player_id: _Optional[str] = ..., name: _Optional[str] = ..., rating: _Optional[float] = ..., difference: _Optional[float] = ..., window: _Optional[float] = ..., accepted: _Optional[bool] = ...) -> None: ...
