"""지금 앉은 판의 기록: 이어 하기 토큰, 시야, 시작 통지. 무엇을 이어야 하는지 여기만 안다.

소켓을 모르는 순수한 코드다.
"""

from __future__ import annotations

from collections.abc import Callable

from .messages import Event, MatchAborted, MatchFound, MatchLeft, MatchResult, MatchStart, Resumed
from .state import StateView, WorldView, schema_of

ViewFactory = Callable[[MatchStart], StateView]


def full_view(start: MatchStart) -> StateView:
    """엔티티를 모두 되살리는 시야. 오류: StateFrameError(모르는 스키마)."""
    return WorldView(schema_of(start.schema))


class Seat:
    """판 하나의 자리. 판이 끝나면 토큰을 버리고 마지막 모습은 다음 판까지 남긴다.

    `match_id`는 살아 있는 판, `found`와 `start`는 가장 최근에 들은 것이다.
    """

    __slots__ = (
        "_adopted_tick",
        "_make_view",
        "early_frames",
        "found",
        "match_id",
        "resume_token",
        "start",
        "view",
    )

    def __init__(self, make_view: ViewFactory = full_view) -> None:
        self._make_view = make_view
        self.match_id: str | None = None
        self.resume_token: str | None = None
        self.found: MatchFound | None = None
        self.start: MatchStart | None = None
        self.view: StateView | None = None
        self.early_frames = 0
        self._adopted_tick = 0

    def observe(self, event: Event) -> None:
        """사건이 자리에 끼친 일을 적는다. 겹친 사건도 본다: 새 토큰이 실려 있을 수 있다."""
        match event:
            case MatchFound():
                self._sit(event)
            case MatchStart():
                self._begin(event)
            case Resumed():
                self.match_id = event.match_id
                self.resume_token = event.resume_token
            case MatchResult() | MatchAborted() | MatchLeft() if event.match_id == self.match_id:
                self.leave()

    def apply(self, frame: bytes) -> bool:
        """상태 프레임을 시야에 반영한다. match.start 앞에 온 것은 센 뒤 버린다. 오류: StateFrameError."""
        if self.view is None:
            self.early_frames += 1
            return False
        return self.view.apply(frame)

    def adopt(self, resume_token: str, last_tick: int) -> None:
        """다른 곳에서 얻은 토큰으로 잇기 전에 부른다."""
        self.resume_token = resume_token
        self._adopted_tick = last_tick

    def leave(self) -> None:
        """자리를 잊는다. 더는 resume하지 않는다."""
        self.match_id = None
        self.resume_token = None

    def last_tick(self) -> int:
        """resume에 실을 마지막 틱. 아직 본 것이 없으면 0."""
        return max(0, self.view.tick) if self.view is not None else self._adopted_tick

    def _sit(self, found: MatchFound) -> None:
        if found.match_id != self.match_id:
            self.start = None
            self.view = None
        self.match_id = found.match_id
        self.resume_token = found.resume_token
        self.found = found

    def _begin(self, start: MatchStart) -> None:
        """같은 판의 두 번째 통지면 시야를 잇는다: 곧 snapshot이 모습을 바로잡는다."""
        if self.start is None or self.start.match_id != start.match_id or self.view is None:
            self.view = self._make_view(start)
        self.start = start
