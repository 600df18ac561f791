"""한판의 파이썬 SDK. 시험, 봇, 부하 도구가 쓰는 것과 같은 코드를 밖에서도 쓴다.

서버의 모듈은 하나도 부르지 않는다. 쓰는 법은 clients/python/README.md에 있다.
"""

from __future__ import annotations

from .bot import StarBot, play
from .client import HanpanClient
from .errors import (
    CallTimeoutError,
    ConnectionLostError,
    HanpanApiError,
    HanpanClientError,
    ProtocolViolationError,
)
from .http import (
    Account,
    AroundMe,
    HanpanHttp,
    Leaderboard,
    LeaderboardEntry,
    MatchRecord,
    Me,
    MyMatches,
    RatingChange,
)
from .messages import (
    Bye,
    Disconnected,
    ErrorMessage,
    MatchAborted,
    MatchFound,
    MatchLeft,
    MatchResult,
    MatchStart,
    PlayerInfo,
    PlayerResult,
    QueueCancelled,
    QueueJoined,
    QueueTimeout,
    Reconnected,
)
from .options import ClientOptions
from .reconnect import Backoff
from .session import PlayerSession, Saved, SessionStore, SignedOutError
from .state import HeaderView, StateFrameError, StateView, WorldView

__all__ = [
    "Account",
    "AroundMe",
    "Backoff",
    "Bye",
    "CallTimeoutError",
    "ClientOptions",
    "ConnectionLostError",
    "Disconnected",
    "ErrorMessage",
    "HanpanApiError",
    "HanpanClient",
    "HanpanClientError",
    "HanpanHttp",
    "HeaderView",
    "Leaderboard",
    "LeaderboardEntry",
    "MatchAborted",
    "MatchFound",
    "MatchLeft",
    "MatchRecord",
    "MatchResult",
    "MatchStart",
    "Me",
    "MyMatches",
    "PlayerInfo",
    "PlayerResult",
    "PlayerSession",
    "ProtocolViolationError",
    "QueueCancelled",
    "QueueJoined",
    "QueueTimeout",
    "RatingChange",
    "Reconnected",
    "Saved",
    "SessionStore",
    "SignedOutError",
    "StarBot",
    "StateFrameError",
    "StateView",
    "WorldView",
    "play",
]
