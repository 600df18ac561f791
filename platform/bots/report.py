"""봇 무리가 지금까지 한 일과, 그것을 한 줄로 보이는 글. 시각은 인자로 받는 순수한 코드다."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext as _

RATE_WINDOW_S: Final = 60.0
# 한 판의 봇들은 거의 함께 끝을 들으므로, 방금 센 판만 기억하면 두 번 세지 않는다.
REMEMBERED_MATCHES: Final = 10_000


@dataclass(slots=True)
class SwarmReport:
    """`waiting`과 `playing`은 봇의 수, 나머지는 판의 수다. `started_s`와 `now_s`는 같은 단조 시계의 초다."""

    started_s: float
    waiting: int = 0
    playing: int = 0
    finished: int = 0
    aborted: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    _ended_at_s: deque[float] = field(default_factory=deque)
    _counted: OrderedDict[str, None] = field(default_factory=OrderedDict)

    def end_match(self, match_id: str, now_s: float, *, aborted: bool) -> None:
        """판이 끝났다고 봇 하나가 들었다. 같은 판을 여럿이 들어도 한 번만 센다."""
        if match_id in self._counted:
            return
        self._counted[match_id] = None
        if len(self._counted) > REMEMBERED_MATCHES:
            self._counted.popitem(last=False)
        if aborted:
            self.aborted += 1
        else:
            self.finished += 1
        self._ended_at_s.append(now_s)
        self._forget_old(now_s)

    def matches_per_min(self, now_s: float) -> float:
        """지난 1분(덜 되었으면 시작부터)에 1분마다 끝난 판의 수."""
        self._forget_old(now_s)
        window_s = min(RATE_WINDOW_S, now_s - self.started_s)
        return len(self._ended_at_s) * 60.0 / window_s if window_s > 0 else 0.0

    def line(self, now_s: float) -> str:
        """지켜보는 사람에게 보일 한 줄."""
        return _(
            "대기열 %(waiting)d명 · 두는 중 %(playing)d명 · 끝남 %(finished)d판 · 중단 %(aborted)d"
            " · 오류 %(errors)d · 분당 %(per_min).0f판"
        ) % {
            "waiting": self.waiting,
            "playing": self.playing,
            "finished": self.finished,
            "aborted": self.aborted,
            "errors": self.errors.total(),
            "per_min": self.matches_per_min(now_s),
        }

    def summary(self, now_s: float) -> str:
        """다 끝난 뒤의 요약."""
        elapsed_s = now_s - self.started_s
        head = _("%(elapsed).1f초 동안 %(finished)d판이 끝났고 %(aborted)d판이 중단되었습니다.")
        lines = [head % {"elapsed": elapsed_s, "finished": self.finished, "aborted": self.aborted}]
        line = _("  오류 %(code)s: %(count)d번")
        lines += [line % {"code": code, "count": count} for code, count in self.errors.most_common()]
        return "\n".join(lines)

    def _forget_old(self, now_s: float) -> None:
        while self._ended_at_s and self._ended_at_s[0] < now_s - RATE_WINDOW_S:
            self._ended_at_s.popleft()
