"""방식(https)은 믿는 프록시가 적은 것만 따른다."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from players.forwarded_scheme import ForwardedSchemeMiddleware

Asked = Callable[..., bool]


@pytest.fixture
def is_secure(settings: Settings) -> Asked:
    """그 상대가 그 머리글로 온 요청을 뷰가 https로 보는가."""
    settings.TRUSTED_PROXIES = ("127.0.0.0/8", "10.1.0.0/16")
    seen: list[bool] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request.is_secure())
        return HttpResponse()

    middleware = ForwardedSchemeMiddleware(view)

    def ask(peer: str, **headers: str) -> bool:
        middleware(RequestFactory(REMOTE_ADDR=peer).get("/x", headers=headers))
        return seen.pop()

    return ask


@pytest.mark.parametrize("peer", ["127.0.0.1", "10.1.2.3", "::ffff:10.1.2.3"])
def test_the_scheme_is_the_one_the_balancer_wrote(is_secure: Asked, peer: str) -> None:
    assert is_secure(peer, x_forwarded_proto="https")
    assert not is_secure(peer, x_forwarded_proto="http")
    assert not is_secure(peer)


@pytest.mark.parametrize(
    "peer", ["203.0.113.9", "10.2.0.1", "::1", "2001:db8::1", "", "nonsense", "127.0.0.1:80"]
)
@pytest.mark.parametrize("name", ["x_forwarded_proto", "X-Forwarded-Proto", "X-FORWARDED-PROTO"])
def test_what_another_peer_writes_is_not_believed(is_secure: Asked, peer: str, name: str) -> None:
    assert not is_secure(peer, **{name: "https"})


def test_it_stands_before_everything_that_reads_the_scheme() -> None:
    order = settings.MIDDLEWARE
    here = order.index("players.forwarded_scheme.ForwardedSchemeMiddleware")
    for reader in (
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
    ):
        assert here < order.index(reader)
