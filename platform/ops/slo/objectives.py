"""SLO의 표: 무엇이 나쁜 일이고 얼마까지 참는가. 순수하다.

목표와 뜻은 POLICIES.md의 SLO와, 셈은 infra/observability/prometheus/slo.yml과 같다(시험이 견준다).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

BUDGET_WINDOW = "30d"


@dataclass(frozen=True, slots=True)
class Term:
    """지표의 표본 하나를 더하거나(`sign` 1) 뺀다(-1)."""

    sign: int
    sample: str
    labels: Mapping[str, str]

    def selector(self) -> str:
        """PromQL의 고르기."""
        inside = ",".join(f'{name}="{value}"' for name, value in self.labels.items())
        return f"{self.sample}{{{inside}}}" if inside else self.sample


def _count(sample: str, *, sign: int = 1, **labels: str) -> Term:
    return Term(sign, sample, labels)


def _slower(histogram: str, than_s: str) -> tuple[Term, ...]:
    return (_count(f"{histogram}_count"), _count(f"{histogram}_bucket", sign=-1, le=than_s))


@dataclass(frozen=True, slots=True)
class Objective:
    """목표 하나. `target`은 좋은 일의 몫(0~1)이고, 나쁜 일과 모든 일은 지표의 더하기 빼기다.

    `cause`는 못 지킬 때의 흔한 까닭, `look_at`은 그것을 보는 쪽의 이름과 물음이다(`ops:queue?mode=duel`).
    """

    key: str
    title: str | Promise
    meaning: str | Promise
    target: float
    bad: tuple[Term, ...]
    all: tuple[Term, ...]
    cause: str | Promise
    look_at: str

    @property
    def allowed(self) -> float:
        """참을 수 있는 나쁜 일의 몫. 오류 예산이다."""
        return 1 - self.target

    def budget_left(self, bad_share: float) -> float:
        """남은 예산의 몫. 다 쓰고도 넘치면 0보다 작다."""
        return 1 - self.burn_rate(bad_share)

    def burn_rate(self, bad_share: float) -> float:
        """예산이 닳는 빠르기. 1이면 창의 끝에 꼭 다 쓴다."""
        return bad_share / self.allowed


OBJECTIVES = (
    Objective(
        "match", _("판의 성공"), _("반영된 판 가운데 우리 탓에 중단되지 않은 판"), 0.999,
        bad=(_count("finalize_total", result="aborted"),),
        all=(_count("finalize_total", result="finalized"), _count("finalize_total", result="aborted")),
        cause=_("session 서버가 사라졌거나, 드레인 유예가 판보다 짧았습니다. 중단된 판의 코드를 보십시오."),
        look_at="ops:matches?status=aborted",
    ),
    Objective(
        "found", _("상대가 있은 뒤 판까지"), _("함께할 사람이 있은 뒤 1초 안에 판을 얻은 대기표"), 0.95,
        bad=_slower("matchmaking_found_seconds", "1.0"),
        all=(_count("matchmaking_found_seconds_count"),),
        cause=_("판을 받을 서버가 없거나, matchmaking이나 Redis가 느립니다. 대기열의 까닭을 보십시오."),
        look_at="ops:queue",
    ),
    Objective(
        "tick", _("틱의 늦음"), _("5 ms 안에 시작한 틱"), 0.99,
        bad=(_count("session_tick_late_total"),),
        all=(_count("session_tick_seconds_count"),),
        cause=_("session 서버의 CPU가 모자랍니다. 서버마다의 부하를 보고 서버를 더하십시오."),
        look_at="ops:servers",
    ),
    Objective(
        "resume", _("resume"), _("0.5초 안에 이은 자리"), 0.95,
        bad=_slower("gateway_resume_seconds", "0.5"),
        all=(_count("gateway_resume_seconds_count"),),
        cause=_("gateway, Redis, session 가운데 하나가 느립니다. 답하지 않는 프로세스를 보십시오."),
        look_at="ops:dashboard",
    ),
    Objective(
        "finalize", _("finalize"), _("0.25초 안에 쓰인 결과"), 0.99,
        bad=_slower("finalize_seconds", "0.25"),
        all=(_count("finalize_seconds_count"),),
        cause=_("MariaDB가 느리거나 잠금을 기다립니다. 쓰이지 않은 결과와 그 까닭을 보십시오."),
        look_at="ops:results",
    ),
)  # fmt: skip


def total(terms: tuple[Term, ...], value_of: Callable[[str, Mapping[str, str]], float]) -> float:
    """더하고 뺀 값. `value_of`는 표본의 이름과 라벨로 모든 프로세스의 합을 준다."""
    return sum(term.sign * value_of(term.sample, term.labels) for term in terms)


def rate_expression(terms: tuple[Term, ...], window: str) -> str:
    """초당 몇 번인지의 PromQL. slo.yml의 규칙이 이 글이다."""
    parts = [f"sum(rate({term.selector()}[{window}]))" for term in terms]
    signs = [" - " if term.sign < 0 else " + " for term in terms]
    return parts[0] + "".join(sign + part for sign, part in zip(signs[1:], parts[1:], strict=True))
