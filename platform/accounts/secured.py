"""주소를 올리는 한 길: 누가 어떤 메서드로 닿는지 말하지 않은 뷰는 올릴 수 없다.

`secured("servers/", ServersPage, {GET: StaffMay(...)})`. 라이브러리의 뷰와 관리 화면도 이 길로 온다.
다른 길로 올린 주소는 webserver.declared_views가 거절한다.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import wraps
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, path
from django.views import View
from rest_framework.views import APIView

from accounts.access import ADMIN_SITE_DECIDES, ANYONE, GET, POST, Access, Requirement

Handler = Callable[..., HttpResponseBase]


def secured(
    route: str,
    view: type[View[Any]] | Handler,
    methods: Mapping[str, Requirement],
    *,
    name: str | None = None,
) -> URLPattern:
    """주소 하나. `methods`에 없는 메서드는 405이고, HEAD는 GET과 함께 열린다.

    Raises:
        ImproperlyConfigured: 뷰에 없는 메서드를 말했거나, 스스로 묻지 못하는 뷰에 조건을 걸었다.
    """
    access = Access(dict(methods))
    if isinstance(view, type):
        return path(route, _class_view(view, access), name=name)
    return path(route, _function_view(view, access), name=name)


def secured_site(
    patterns: Sequence[URLPattern | URLResolver], *, opened: Collection[str]
) -> list[URLPattern | URLResolver]:
    """관리 화면의 주소들. `opened`의 이름(로그인)만 누구나 열고, 나머지는 관리 화면이 정한다."""
    return [_site_entry(each, opened) for each in patterns]


def _class_view(view: type[View[Any]], access: Access) -> Handler:
    if missing := [method for method in access.by_method if not hasattr(view, method.lower())]:
        raise ImproperlyConfigured(f"{view.__name__} has no method {missing}")
    given: dict[str, Any] = {"http_method_names": _names(view, access)}
    if hasattr(view, "access"):
        given["access"] = access
    elif any(requirement != ANYONE for requirement in access.by_method.values()):
        raise ImproperlyConfigured(
            f"{view.__name__} cannot ask who calls it: it is neither an ApiView nor an OpsPage"
        )
    return _declared(view.as_view(**given), access)


def _names(view: type[View[Any]], access: Access) -> list[str]:
    """Django가 읽는 이름들. 쪽은 OPTIONS에 제 메서드를 말하고, API는 OPTIONS를 받지 않는다."""
    names = [method.lower() for method in access.by_method]
    if GET in access.by_method:
        names.insert(names.index("get") + 1, "head")
    return names if issubclass(view, APIView) else [*names, "options"]


def _function_view(view: Handler, access: Access) -> Handler:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        requirement = access.of(request.method)
        if requirement is None:
            return HttpResponseNotAllowed([*access.by_method])
        requirement.check(getattr(request, "user", None))
        return view(request, *args, **kwargs)

    return _declared(guarded, access)


def _declared(callback: Any, access: Access) -> Handler:
    callback.access = access
    return callback  # type: ignore[no-any-return]


def _site_entry(entry: URLPattern | URLResolver, opened: Collection[str]) -> URLPattern | URLResolver:
    if isinstance(entry, URLResolver):
        return URLResolver(
            entry.pattern,
            secured_site(entry.url_patterns, opened=opened),
            entry.default_kwargs,
            entry.app_name,
            entry.namespace,
        )
    requirement = ANYONE if entry.name in opened else ADMIN_SITE_DECIDES
    access = Access({GET: requirement, POST: requirement})
    return URLPattern(entry.pattern, _function_view(entry.callback, access), entry.default_args, entry.name)
