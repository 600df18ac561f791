"""로그인이 풀린 뒤에 온 일(POST): 하지 않았음을 말하고, 로그인한 뒤 그 일의 대상이 있는 쪽으로 보낸다.

로그인으로 보내는 일은 화면마다 스스로 한다(운영 화면, 관리 화면, 라이브러리의 화면). 여기서는 그 답을 보고
돌아올 주소에 표를 달아 두고, 그 표를 단 채 들어온 사람에게 알림을 하나 준 뒤 표를 뗀다.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.permissions import is_working_staff

MARK: Final = "late-order"
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
# 관리 화면의 지우기는 그것의 쪽으로 돌아간다: 지우기를 다시 묻는 쪽에서 시작하지 않는다.
_ADMIN_DELETE: Final = re.compile(r"(?P<object>/admin/\w+/\w+/.+/)delete/")


class LateOrderMiddleware:
    """알림을 쓰므로 MessageMiddleware의 안쪽에 있다."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method == "GET" and MARK in request.GET and is_working_staff(request.user):
            _tell_nothing_was_done(request)
            return redirect(_without_mark(request.get_full_path()))
        response = self._get_response(request)
        if request.path == settings.LOGIN_URL:
            return _landed(request, response)
        if request.path == reverse("set_language"):
            return response  # 로그인 쪽의 언어 단추: 시킨 일이 아니다
        if request.method in SAFE_METHODS or (back_to := _login_for(response)) is None:
            return response
        messages.warning(
            request, _("로그인이 풀려 시킨 일을 하지 않았습니다. 로그인하면 보던 쪽으로 돌아갑니다.")
        )
        return redirect_to_login(_with_mark(back_to), settings.LOGIN_URL)


def _tell_nothing_was_done(request: HttpRequest) -> None:
    messages.warning(
        request, _("로그인이 풀려 있어 시킨 일은 하지 않았습니다. 그대로 필요하면 다시 시키십시오.")
    )


def _landed(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """로그인한 사람이 표가 달린 곳으로 가면, 표를 떼고 알림을 준다."""
    address = response.headers.get("Location", "")
    if MARK in dict(parse_qsl(urlsplit(address).query)):
        _tell_nothing_was_done(request)
        response.headers["Location"] = _without_mark(address)
    return response


def _login_for(response: HttpResponseBase) -> str | None:
    """로그인으로 보내는 답이면 로그인한 뒤 갈 곳."""
    if response.status_code != 302:
        return None
    parts = urlsplit(response.headers["Location"])
    if parts.path != settings.LOGIN_URL:
        return None
    return dict(parse_qsl(parts.query)).get("next")


def _with_mark(address: str) -> str:
    parts = urlsplit(address)
    deleting = _ADMIN_DELETE.fullmatch(parts.path)
    path = f"{deleting['object']}change/" if deleting else parts.path
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), (MARK, "1")])
    return urlunsplit(("", "", path, query, ""))


def _without_mark(address: str) -> str:
    parts = urlsplit(address)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != MARK]
    # 앞의 //는 다른 사이트의 주소가 된다.
    return urlunsplit(("", "", "/" + parts.path.lstrip("/"), urlencode(query), ""))
