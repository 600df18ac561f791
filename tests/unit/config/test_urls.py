"""주소 표의 모든 줄(라이브러리의 것까지): 누가 어떤 메서드로 닿는지 여기 적히지 않은 줄은 없다."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from django.views.i18n import set_language

from ops.views.fleet_actions import FleetAction
from ops.views.page import OpsPage

PUBLIC = "public"
SIGNED = "SignedAuthentication"
PLAYER = "PlayerAuthentication"
SERVICE = "ServiceAuthentication"
OPERATOR = "ServiceAuthentication|StaffSession"
FLEET_DECIDES = "fleet decides"

READ = "get"
WRITE = "post"
PAGE = "get options"
ACTION = "get options post"

DECLARED = {
    "api/v1/auth/guest": (WRITE, PUBLIC),
    "api/v1/auth/register": (WRITE, PUBLIC),
    "api/v1/auth/login": (WRITE, PUBLIC),
    "api/v1/auth/refresh": (WRITE, PUBLIC),
    "api/v1/auth/logout": (WRITE, SIGNED),
    "api/v1/me": (READ, PLAYER),
    "api/v1/me/matches": (READ, PLAYER),
    "api/v1/me/bot-opponent": (WRITE, PLAYER),
    "api/v1/queues/<str:mode>": (READ, PUBLIC),
    "api/v1/leaderboards/<str:mode>": (READ, PUBLIC),
    "api/v1/leaderboards/<str:mode>/around-me": (READ, PLAYER),
    "api/v1/matches": (WRITE, SERVICE),
    "api/v1/matches/<str:match_id>": (READ, PUBLIC),
    "api/v1/matches/<str:match_id>/finalize": (WRITE, SERVICE),
    "api/schema/": (READ, PUBLIC),
    "ops/api/v1/servers": (READ, OPERATOR),
    "ops/api/v1/servers/<str:server_id>/drain": (WRITE, OPERATOR),
    "ops/api/v1/servers/<str:server_id>/drain/preview": (READ, OPERATOR),
    "ops/api/v1/servers/<str:server_id>/undrain": (WRITE, OPERATOR),
    "ops/api/v1/roll": ("get post", OPERATOR),
    "ops/api/v1/roll/abort": (WRITE, OPERATOR),
    "ops/": (PAGE, "ops.dashboard:view"),
    "ops/servers/": (PAGE, "fleet.server:view"),
    "ops/servers/<str:server_id>/": (PAGE, "fleet.server:view"),
    "ops/servers/<str:server_id>/drain": (ACTION, FLEET_DECIDES),
    "ops/servers/<str:server_id>/undrain": (ACTION, FLEET_DECIDES),
    "ops/roll/start": (ACTION, FLEET_DECIDES),
    "ops/roll/abort": (ACTION, FLEET_DECIDES),
    "ops/slo/": (PAGE, "ops.dashboard:view"),
    "ops/queue/": (PAGE, "matchmaking.queue:view"),
    "ops/matches/": (PAGE, "matches.match:view"),
    "ops/matches/<str:match_id>/": (PAGE, "matches.match:view"),
    "ops/results/": (PAGE, "matches.match:view"),
    "ops/players/": (PAGE, "players.player:view"),
    "ops/players/<str:player_id>/": (PAGE, "players.player:view"),
    "play/": (PAGE, PUBLIC),
    "": (PAGE, PUBLIC),
    "status/": (PAGE, PUBLIC),
    "docs/": (PAGE, PUBLIC),
}
LIBRARY_FUNCTIONS = {"i18n/setlang/": set_language}
ADMIN = "admin/"
ADMIN_OPEN = {"admin/login/"}


def _walk(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    for each in resolver.url_patterns:
        shape = prefix + str(each.pattern)
        if isinstance(each, URLPattern):
            yield shape, each.callback
        else:
            yield from _walk(each, shape)


def _methods(callback: Any, view: Any) -> str:
    given = {**getattr(callback, "view_initkwargs", {}), **getattr(callback, "initkwargs", {})}
    names = given.get("http_method_names", view.http_method_names)
    return " ".join(sorted(name for name in names if name != "head" and hasattr(view, name)))


def _who(view: Any) -> str:
    if issubclass(view, OpsPage):
        return FLEET_DECIDES if issubclass(view, FleetAction) else str(view.permission)
    return "|".join(each.__name__ for each in getattr(view, "authentication_classes", ())) or PUBLIC


def test_every_address_has_the_methods_and_the_permission_that_are_declared() -> None:
    found = {}
    for shape, callback in _walk(get_resolver()):
        if shape.startswith(ADMIN) or shape in LIBRARY_FUNCTIONS:
            continue
        view: Any = getattr(callback, "cls", None) or getattr(callback, "view_class", None)
        assert view is not None, f"{shape}: 적히지 않은 함수 뷰입니다"
        assert shape not in found, f"{shape}: 같은 주소가 두 번 있습니다"
        found[shape] = (_methods(callback, view), _who(view))
    assert found == DECLARED


def test_a_library_function_is_the_one_that_is_declared() -> None:
    found = dict(_walk(get_resolver()))
    assert {shape: found[shape] for shape in LIBRARY_FUNCTIONS} == LIBRARY_FUNCTIONS


def test_every_admin_address_but_the_login_sends_a_stranger_away() -> None:
    request = RequestFactory().get("/admin/anything/")
    request.user = AnonymousUser()
    open_to_all = set()
    for shape, callback in _walk(get_resolver()):
        if not shape.startswith(ADMIN) or shape in ADMIN_OPEN:
            continue
        answer = callback(request)
        if answer.status_code != 302 or not answer["Location"].startswith("/admin/login/"):
            open_to_all.add(shape)
    assert open_to_all == set()
