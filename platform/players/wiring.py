"""players의 부품을 Django 설정으로 조립하는 곳. 프로세스에 하나씩 만들어 나눠 쓴다."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.http import HttpRequest

from players.addresses import Network, client_address, parse_networks
from players.identity.keys import load_issuer, load_verifier
from players.identity.revocations import Revocations
from players.identity.sign_ins import Ended
from players.identity.tokens import PlayerTokenIssuer, PlayerTokenVerifier
from players.limits import AdmissionLimits
from redisstore.platform_client import redis_gate
from redisstore.ratelimit import SyncRateLimiter
from redisstore.revocations import tell_ended as redis_tell_ended
from resilience.stance import Stance


@cache
def token_issuer() -> PlayerTokenIssuer:
    """선수의 접근 토큰을 만드는 이. 열쇠가 없으면 KeysMissing이다."""
    return load_issuer(settings.KEYS_DIR, ttl_s=settings.PLAYER_ACCESS_TOKEN_TTL_S)


@cache
def token_verifier() -> PlayerTokenVerifier:
    """선수의 접근 토큰을 검증하는 이. 열쇠가 없으면 KeysMissing이다."""
    return load_verifier(settings.KEYS_DIR)


@cache
def admission_limits() -> AdmissionLimits:
    """들어오는 길의 속도 제한."""
    return AdmissionLimits(
        SyncRateLimiter(redis_gate()), settings.PLAYER_ADMISSION_RATES, stance=Stance.fail_closed()
    )


@cache
def revocations() -> Revocations:
    """로그아웃한 접근 토큰을 가려내는 이."""
    return Revocations(keep_s=settings.PLAYER_REVOCATION_CACHE_S, stance=Stance.fail_closed())


def tell_ended(player_id: str, ended: Ended) -> None:
    """끝난 것을 gateway들에 알린다.

    Raises:
        Unavailable: Redis가 답하지 않는다. 끝난 것은 그대로이고, 다시 알릴 수 있다.
    """
    redis_tell_ended(
        redis_gate(), settings.REGION, player_id=player_id, epoch=ended.epoch,
        sign_in_ids=ended.sign_in_ids, ttl_ms=1000 * settings.PLAYER_ACCESS_TOKEN_TTL_S,
    )  # fmt: skip


@cache
def _trusted_proxies() -> tuple[Network, ...]:
    return parse_networks(settings.TRUSTED_PROXIES)


def address_of(request: HttpRequest) -> str:
    """요청이 온 주소. 믿는 프록시가 말하는 것만 따른다."""
    return client_address(
        request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", ""), _trusted_proxies()
    )
