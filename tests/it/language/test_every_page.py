"""모든 주소를 두 언어로 묻는다: 영어 답에 한글이 없고, 한국어 답에 영어가 없고, 머리글이 그 언어를 말한다.

URLconf를 걸으므로 새 주소는 저절로 든다. 실패하면 어느 주소의 어느 글인지 말한다: 화면의 글이면 gettext로
감싸고 platform/ops/locale/en/LC_MESSAGES/django.po에, 오류의 글이면 platform/kernel/locale/en.po에 더한다.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import Staff
from audit.models import ActorKind, AuditRecord, AuditVerdict
from fleet.models import DrainIntent, ServerScope
from kernel.ids import new_id
from matches.models import Rating
from players.models import Player
from tests.it.fleet.conftest import Register
from tests.it.language.reading import HANGUL, foreign, texts_of
from tests.it.matches.histories import store_matches
from tests.it.matches.outcomes import make_players

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis")]

LANGUAGES = ("en", "ko")
NAMES = ("Gildong", "Somin")
DATA = frozenset({*NAMES, "someone", "Someone", "kim", "Kim", "allowed", "default"})
# 사람이 읽지 않는 것: 파일과 스크립트.
NOT_FOR_READING = re.compile(r"^/(static|admin/jsi18n)")


def routes(resolver: URLResolver | None = None, prefix: str = "/") -> Iterator[str]:
    """URLconf의 모든 길."""
    for pattern in (resolver or get_resolver()).url_patterns:
        path = prefix + str(pattern.pattern).lstrip("^").replace("\\Z", "").rstrip("$")
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, path)
        elif isinstance(pattern, URLPattern) and not NOT_FOR_READING.match(path):
            yield path


@pytest.fixture
def things(register: Register) -> dict[str, str]:
    """길의 칸 → 그 자리에 넣을 것. 모델마다 하나씩 있다."""
    register("session1")
    register("session2", state="draining")
    players = [str(player) for player in make_players(2)]
    for player, name in zip(players, NAMES, strict=True):
        Player.objects.filter(pk=player).update(name=name)
    (match_id,) = store_matches(1, players)
    rating = Rating.objects.create(player_id=players[0], mode="duel", mu=1510, sigma=290, games=1)
    intent = DrainIntent.objects.create(
        region="local", server_id="session2", intended=True, grace_ms=1000, actor="kim", reason="x1"
    )
    record = AuditRecord.objects.create(
        deed_id=new_id(), actor_kind=ActorKind.STAFF, actor="kim", action="fleet.server:drain",
        target="session2", result=AuditVerdict.ALLOWED, reason="x1",
    )  # fmt: skip
    scope = ServerScope.objects.create(region="local", pool="default")
    staff = Staff.objects.create_user("kim", is_staff=True)
    group = Group.objects.get(name="viewer")
    objects: dict[str, Any] = {
        "/admin/players/player/": players[0], "/admin/matches/rating/": rating.pk,
        "/admin/fleet/drainintent/": intent.pk, "/admin/audit/auditrecord/": record.pk,
        "/admin/fleet/serverscope/": scope.pk, "/admin/accounts/staff/": staff.pk,
        "/admin/auth/group/": group.pk,
    }  # fmt: skip
    return {
        "server_id": "session1", "match_id": match_id, "player_id": players[0], "mode": "duel",
        **{f"object_id {place}": str(key) for place, key in objects.items()},
    }  # fmt: skip


def filled(route: str, things: dict[str, str]) -> str:
    """길의 칸을 채운다. 채울 것을 모르는 칸에는 없는 것의 이름을 넣는다: 그 답도 사람이 읽는다."""

    def value(found: re.Match[str]) -> str:
        name = found[1].partition(":")[2] or found[1]
        place = route[: found.start()]
        return things.get(f"{name} {place}", things.get(name, "1"))

    path = re.sub(r"<([^>]+)>", value, route)
    return re.sub(r"\(\?P?<?\w*>?[^)]*\)\??", "players", path).replace("\\", "")


@pytest.fixture
def stranger() -> Client:
    """들어오지 않은 사람. 처리되지 않은 오류는 시험이 아니라 답이 된다: 그 쪽도 사람이 읽는다."""
    return Client(raise_request_exception=False)


@pytest.fixture
def boss(stranger: Client) -> Client:
    """모든 것을 보는 직원."""
    staff = Staff.objects.create_superuser("someone")
    stranger.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    return stranger


def wrong_texts(client: Client, method: str, path: str, language: str, **sent: Any) -> list[str]:
    """남의 언어로 쓰인 글들. 머리글이 다른 언어를 말해도 잘못이다."""
    response = client.generic(
        method, path, headers={"accept-language": language, "host": "localhost:8080"}, **sent
    )
    if response.status_code in {301, 302, 304} or response.get("Content-Type", "").startswith("text/csv"):
        return []
    named = response.headers.get("Content-Language")
    if language == "ko" and path in {"/api/schema/", "/ops/api/schema/"}:
        return []  # 설명의 원문이라 칸의 이름이 섞인다
    body = b"".join(response) if response.streaming else response.content
    wrong = [] if named == language else [f"Content-Language: {named}"]
    wrong += filter(
        None,
        (foreign(text, language, DATA) for text in texts_of(response.get("Content-Type", ""), body.decode())),
    )
    return [f"{language} {method} {path} ({response.status_code}): {text}" for text in wrong]


def assert_one_language(wrong: list[str]) -> None:
    """잘못된 글마다 처음 나온 자리 하나를 말한다."""
    first: dict[str, str] = {}
    for line in wrong:
        first.setdefault(line.partition("): ")[2], line)
    assert not wrong, "다른 언어의 글이 있습니다:\n" + "\n".join(first.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_speaks_one_language(boss: Client, things: dict[str, str], language: str) -> None:
    wrong = [text for route in routes() for text in wrong_texts(boss, "GET", filled(route, things), language)]
    assert_one_language(wrong)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_speaks_one_language_to_a_stranger(
    stranger: Client, things: dict[str, str], language: str
) -> None:
    wrong = [
        text
        for route in (*routes(), "/admin/login/", "/nosuch", "/api/v1/nosuch", "/ops/nosuch")
        for text in wrong_texts(stranger, "GET", filled(route, things), language)
    ]
    assert_one_language(wrong)


BODIES = (
    "",
    "{",
    "[]",
    "null",
    "1",
    "{}",
    '{"name": 1, "username": "a", "password": 2, "reason": "", "mode": 3, "results": [{}]}',
    '{"name": "\\u200b", "reason": "x", "servers": "a", "grace_ms": -1, "match_id": "x", "player_ids": [1]}',
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_of_the_api_speaks_one_language(
    boss: Client, things: dict[str, str], language: str
) -> None:
    wrong = [
        text
        for route in routes()
        if "/api/" in route
        for method in ("POST", "PUT", "DELETE")
        for body in BODIES
        for text in wrong_texts(
            boss, method, filled(route, things), language, data=body, content_type="application/json"
        )
    ]
    assert_one_language(wrong)


ORDERS = (
    ("/ops/servers/session1/drain", {"reason": ""}),
    ("/ops/servers/session1/drain", {"reason": "x", "grace_s": "999"}),
    ("/ops/servers/session1/drain", {"reason": "x", "grace_s": "soon"}),
    ("/ops/servers/nosuch/drain", {"reason": "x"}),
    ("/ops/servers/session1/drain", {"reason": "x", "grace_s": "1"}),
    ("/ops/servers/session1/undrain", {"reason": "x"}),
    ("/ops/servers/session1/undrain", {"reason": "x"}),
    ("/ops/roll/start", {"reason": ""}),
    ("/ops/roll/start", {"reason": "x"}),
    ("/ops/roll/start", {"reason": "x"}),
    ("/ops/roll/abort", {"reason": "x"}),
    ("/ops/roll/abort", {"reason": "x"}),
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_notice_after_an_order_speaks_one_language(
    boss: Client, things: dict[str, str], language: str
) -> None:
    headers = {"accept-language": language, "host": "localhost:8080"}
    wrong = []
    for path, sent in ORDERS:
        page = boss.post(path, sent, headers=headers, follow=True)
        assert page.status_code == 404 or list(page.context["messages"]), path
        wrong += [
            f"{language} POST {path} ({page.status_code}): {text}"
            for text in texts_of("text/html", page.content.decode())
            if foreign(text, language, DATA)
        ]
    assert_one_language(wrong)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_wrong_form_of_the_admin_speaks_one_language(
    boss: Client, things: dict[str, str], language: str
) -> None:
    staff = things["object_id /admin/accounts/staff/"]
    forms = {
        "/admin/login/": {"username": "x", "password": "x"},
        "/admin/accounts/staff/add/": {"username": "a b", "password1": "x", "password2": "y"},
        f"/admin/accounts/staff/{staff}/change/": {"username": "someone"},
        f"/admin/accounts/staff/{staff}/password/": {"password1": "1", "password2": "1"},
        "/admin/password_change/": {"old_password": "x", "new_password1": "1", "new_password2": "2"},
    }
    wrong = [
        text
        for path, form in forms.items()
        for text in wrong_texts(
            boss,
            "POST",
            path,
            language,
            data=urlencode(form),
            content_type="application/x-www-form-urlencoded",
        )
    ]
    assert_one_language(wrong)


def test_the_login_page_has_the_switch_and_the_choice_is_kept(stranger: Client) -> None:
    headers = {"accept-language": "ko", "host": "localhost:8080"}
    page = stranger.get("/admin/login/?next=/ops/", headers=headers).content.decode()
    assert 'id="language-form"' in page
    assert 'name="next" value="/admin/login/?next=/ops/"' in page
    chosen = stranger.post(
        "/i18n/setlang/", {"language": "en", "next": "/admin/login/?next=/ops/"}, headers=headers
    )
    assert chosen.headers["Location"] == "/admin/login/?next=/ops/"
    assert wrong_texts(stranger, "GET", "/admin/login/?next=/ops/", "en") == []
    again = stranger.get("/admin/login/?next=/ops/", headers=headers)
    assert again.headers["Content-Language"] == "en"
    assert "Cookie" in again.headers["Vary"]


@pytest.mark.parametrize(
    ("asked", "told"),
    [({}, "ko"), ({"accept-language": "fr"}, "en"), ({"accept-language": "fr, ko;q=0.3"}, "ko")],
)
def test_without_a_wish_it_is_korean_and_for_a_language_we_lack_english(
    stranger: Client, asked: dict[str, str], told: str
) -> None:
    answer = stranger.get("/api/v1/me", headers={"host": "localhost:8080", **asked})
    assert answer.headers["Content-Language"] == told
    assert bool(HANGUL.search(answer.json()["detail"])) == (told == "ko")
