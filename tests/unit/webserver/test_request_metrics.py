"""HTTP의 지표: 무엇을 어떻게 불러도 줄이 늘지 않고, 갈래마다의 수는 센다."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, path, re_path
from django.urls.resolvers import ResolverMatch
from prometheus_client import REGISTRY
from pytest_django import Settings

from telemetry.exposition import expose
from webserver.request_metrics import STATUS_CLASSES, VIEW_GROUPS, status_class, view_group

MAX_SERIES = 50
STATUSES = (200, 201, 204, 301, 302, 400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 502, 503, 504)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND")


def answer(request: HttpRequest, status: str = "200", **_: str) -> HttpResponse:
    """달라는 상태로 답하고, 666이면 터진다."""
    if status == "666":
        raise ValueError("터졌다")
    return HttpResponse("x" * 10, status=int(status), content_type=request.GET.get("as", "text/plain"))


urlpatterns = [
    *(path(f"api/v1/view{number}/<status>", answer, name=f"view{number}") for number in range(40)),
    path("ops/<status>", answer),
    re_path(r"^admin/(?P<status>\d+)/(?P<rest>.*)$", answer),
    path("play/<status>/", answer),
    path("<status>", answer),
]


@pytest.fixture
def stranger(settings: Settings) -> Iterator[Client]:
    """이름을 대지 않은 사람. 미들웨어는 지표의 것 둘뿐이다."""
    before, after = (name for name in settings.MIDDLEWARE if "rometheus" in name or "metrics" in name)
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = [before, after]
    return Client(raise_request_exception=False)


def series() -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Django의 것인 줄마다의 값."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in REGISTRY.collect()
        for sample in family.samples
        if family.name.startswith("django_")
    }


def answers(group: str, status: str) -> float:
    labels = {"view_group": group, "status_class": status}
    return REGISTRY.get_sample_value("django_http_responses_total", labels) or 0.0


def test_a_thousand_odd_requests_of_a_stranger_add_no_series(stranger: Client) -> None:
    for method in METHODS:
        stranger.generic(method, "/200")
    before = series()
    for number in range(1000):
        method = METHODS[number % len(METHODS)] if number % 2 else f"M{number}"
        where = (
            f"/api/v1/view{number % 40}/{STATUSES[number % len(STATUSES)]}?as=text/x{number}",
            f"/nowhere/{number}/{'y' * (number % 300)}",
            f"/admin/{STATUSES[number % len(STATUSES)]}/{number}",
            f"/ops/{666 if number % 9 else 418}",
        )[number % 4]
        headers = {"x-requested-with": "XMLHttpRequest", "content-type": f"text/{number}"}
        stranger.generic(method, where, headers=headers)
    assert series().keys() == before.keys()
    assert len(before) <= MAX_SERIES
    made = expose(REGISTRY)
    assert made.withheld == ()
    assert len(made.body) < 200_000
    assert sum(series().values()) > sum(before.values())


@pytest.mark.parametrize(
    ("where", "group", "status"),
    [
        ("/api/v1/view3/201", "api", "2xx"),
        ("/ops/302", "ops", "3xx"),
        ("/admin/403/x/y", "admin", "4xx"),
        ("/play/503/", "play", "5xx"),
        ("/ops/666", "ops", "5xx"),
        ("/200", "front", "2xx"),
        ("/no/where", "none", "4xx"),
    ],
)
def test_an_answer_is_counted_by_the_group_of_its_view_and_of_its_status(
    stranger: Client, where: str, group: str, status: str
) -> None:
    before = answers(group, status)
    stranger.get(where)
    assert answers(group, status) == before + 1


def test_every_status_has_its_class() -> None:
    assert {status_class(status) for status in range(100, 600)} == set(STATUS_CLASSES)
    assert [status_class(status) for status in (200, 299, 300, 404, 599)] == [
        "2xx", "2xx", "3xx", "4xx", "5xx",
    ]  # fmt: skip


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route
        else:
            yield from routes(pattern, route)


def test_every_address_of_ours_falls_in_a_group_and_no_group_is_empty() -> None:
    request = RequestFactory().get("/")
    groups: dict[str, set[str]] = {}
    for route in routes(get_resolver("config.urls")):
        request.resolver_match = ResolverMatch(answer, (), {}, route=route)
        groups.setdefault(view_group(request), set()).add(route.partition("/")[0])
    front = groups.pop("front")
    assert groups == {group: {group} for group in set(VIEW_GROUPS) - {"front", "none"}}
    assert front.isdisjoint(VIEW_GROUPS)
