"""밖의 주소가 https인 platform: 모든 쿠키가 Secure이고, 위조 검사는 LB가 말한 방식을 따른다."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import urlencode

import pytest
from django.db import connection

from accounts.models import Staff
from stack.runtime import Runtime
from tests.fakes.platform_process import HOST, PlatformProcess, platform_process

PASSWORD = "correct horse battery staple"
PLAIN, SAFE = "http://localhost", "https://localhost"


@pytest.fixture
def staff_name(transactional_db: None) -> str:
    """들어올 수 있는 직원."""
    name: str = Staff.objects.create_user("secure-staff", password=PASSWORD, is_staff=True).username
    return name


def started(stack: Runtime, public_url: str) -> dict[str, str]:
    redis_host, redis_port = stack.endpoint("redis", 6379)
    database = connection.settings_dict
    return {
        "HANPAN_DB_HOST": database["HOST"], "HANPAN_DB_PORT": str(database["PORT"]),
        "HANPAN_DB_NAME": database["NAME"], "HANPAN_REDIS_HOST": redis_host,
        "HANPAN_REDIS_PORT": str(redis_port), "HANPAN_INSTANCE": "platform",
        "HANPAN_PUBLIC_URL": public_url, "HANPAN_ALLOWED_ORIGINS": public_url,
    }  # fmt: skip


@pytest.fixture(scope="module", params=[PLAIN, SAFE])
def running(
    request: pytest.FixtureRequest,
    stack: Runtime,
    django_db_setup: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, PlatformProcess]]:
    """밖의 주소와, 그것을 아는 platform."""
    log = tmp_path_factory.mktemp("platform") / "log"
    with platform_process(started(stack, request.param), log) as platform:
        yield request.param, platform


@dataclass(frozen=True)
class Answered:
    """답의 상태, 본문, 심은 쿠키(이름에서 값과 Secure로)."""

    status: int
    body: str
    cookies: Mapping[str, tuple[str, bool]]


def call(platform: PlatformProcess, method: str, path: str, form: Mapping[str, str] | None = None,
         **headers: str) -> Answered:  # fmt: skip
    """브라우저처럼 폼을 보낸다. 머리글의 밑줄은 빼기다."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    opened = http.client.HTTPConnection(HOST, platform.port, timeout=30)
    with closing(opened):
        opened.request(
            method, path, urlencode(form) if form else None,
            {"Host": "localhost", "Content-Type": "application/x-www-form-urlencoded", **sent},
        )  # fmt: skip
        response = opened.getresponse()
        body = response.read().decode()
    jar: SimpleCookie = SimpleCookie()
    for planted in response.headers.get_all("Set-Cookie") or ():
        jar.load(planted)
    cookies = {name: (morsel.value, bool(morsel["secure"])) for name, morsel in jar.items()}
    return Answered(response.status, body, cookies)


def send_form(platform: PlatformProcess, path: str, origin: str, scheme: str, **form: str) -> Answered:
    """로그인의 쪽이 준 토큰으로, 그 Origin에서 온 폼을 보낸다."""
    page = call(platform, "GET", "/admin/login/", X_Forwarded_Proto=scheme)
    token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', page.body)
    assert token is not None
    return call(
        platform, "POST", path, {**form, "csrfmiddlewaretoken": token[1]}, Origin=origin,
        Cookie=f"csrftoken={page.cookies['csrftoken'][0]}", X_Forwarded_Proto=scheme,
    )  # fmt: skip


def test_every_cookie_is_secure_when_the_public_address_is_https_and_none_otherwise(
    running: tuple[str, PlatformProcess], staff_name: str
) -> None:
    public_url, platform = running
    scheme = public_url.partition(":")[0]
    page = call(platform, "GET", "/admin/login/", X_Forwarded_Proto=scheme)
    signed_in = send_form(
        platform, "/admin/login/", public_url, scheme, username=staff_name, password=PASSWORD
    )
    spoken = send_form(platform, "/i18n/setlang/", public_url, scheme, language="en")
    assert (page.status, signed_in.status, spoken.status) == (200, 302, 302)
    planted = {**page.cookies, **signed_in.cookies, **spoken.cookies}
    assert {"csrftoken", "sessionid", "django_language"} <= set(planted)
    assert {is_secure for _value, is_secure in planted.values()} == {scheme == "https"}


def test_a_form_of_another_scheme_is_refused(running: tuple[str, PlatformProcess], staff_name: str) -> None:
    public_url, platform = running
    other = PLAIN if public_url == SAFE else SAFE
    refused = send_form(
        platform, "/admin/login/", other, public_url.partition(":")[0], username=staff_name, password=PASSWORD
    )
    assert refused.status == 403
    assert "sessionid" not in refused.cookies
