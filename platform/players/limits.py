"""들어오는 길의 속도 제한. Redis가 멈추면 `stance`를 따르고, 닫는다(FAIL CLOSED): 제한 없는 로그인은 없다.

실패한 로그인만 센다. 먼저 남았는지 보고 실패 뒤에 꺼내므로, 동시에 오는 시도는 많아야
HTTP 스레드 수만큼 상한을 넘는다.
"""

from __future__ import annotations

from dataclasses import dataclass

from kernel.errors import RateLimited, Unavailable
from redisstore.ratelimit import Decision, SyncRateLimiter
from resilience.stance import Stance

SECONDS_PER_MINUTE = 60.0
ALLOWED = Decision(allowed=True, retry_after_ms=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionRates:
    """상한들. 단위는 이름에 있다."""

    guests_per_s: float
    guests_burst: int
    refreshes_per_s: float
    refreshes_burst: int
    refreshes_per_min_sign_in: int
    login_failures_per_min: int
    login_failures_per_min_address: int


class AdmissionLimits:
    """주소와 계정의 상한을 본다. 모든 메서드는 RateLimited와 Unavailable을 던진다."""

    def __init__(self, limiter: SyncRateLimiter, rates: AdmissionRates, *, stance: Stance) -> None:
        self._limiter = limiter
        self._rates = rates
        self._stance = stance

    def take_new_player(self, address: str) -> None:
        """새 선수 하나만큼을 이 주소에서 꺼낸다."""
        decision = self._take("new-player", address, self._rates.guests_per_s, self._rates.guests_burst)
        if not decision.allowed:
            raise RateLimited(
                "이 주소에서 새 선수를 너무 빨리 만듭니다", retry_after_ms=decision.retry_after_ms
            )

    def take_refresh(self, address: str) -> None:
        """토큰 갱신 한 번을 이 주소에서 꺼낸다. 틀린 토큰도 센다."""
        self._take_refresh(
            "refresh-address", address, self._rates.refreshes_per_s, self._rates.refreshes_burst
        )

    def take_sign_in_refresh(self, sign_in_id: str) -> None:
        """토큰 갱신 한 번을 이 들어온 기록에서 꺼낸다: 한 기기가 행을 끝없이 만들지 못한다."""
        per_min = self._rates.refreshes_per_min_sign_in
        self._take_refresh("refresh-sign-in", sign_in_id, per_min / SECONDS_PER_MINUTE, per_min)

    def _take_refresh(self, scope: str, subject: str, rate_per_s: float, burst: int) -> None:
        decision = self._take(scope, subject, rate_per_s, burst)
        if not decision.allowed:
            raise RateLimited("토큰을 너무 자주 갱신합니다", retry_after_ms=decision.retry_after_ms)

    def check_login(self, address: str, username_key: str) -> None:
        """실패할 몫이 계정·주소의 짝과 주소에 남았는지 본다. 꺼내지는 않는다."""
        self._failures(address, username_key, cost=0)

    def count_failed_login(self, address: str, username_key: str) -> None:
        """실패 하나를 계정·주소의 짝과 주소에서 꺼낸다."""
        self._failures(address, username_key, cost=1)

    def _failures(self, address: str, username_key: str, *, cost: int) -> None:
        # 계정만으로 세면 아무나 남의 계정을 잠근다: 어디서 온 실패든 다른 주소의 주인을 막지 않는다.
        subjects = (
            ("login-account", f"{username_key} {address}", self._rates.login_failures_per_min),
            ("login-address", address, self._rates.login_failures_per_min_address),
        )
        decisions = [
            self._take(scope, subject, per_min / SECONDS_PER_MINUTE, per_min, cost)
            for scope, subject, per_min in subjects
        ]
        refusals = [decision.retry_after_ms for decision in decisions if not decision.allowed]
        if refusals:
            raise RateLimited("로그인에 너무 자주 실패했습니다", retry_after_ms=max(refusals))

    def _take(self, scope: str, subject: str, rate_per_s: float, burst: int, cost: int = 1) -> Decision:
        try:
            return self._limiter.take(scope, subject, rate_per_s, burst, cost)
        except Unavailable as error:
            return self._stance.answer(error, lambda: ALLOWED)
