"""누가 무엇을 여는가: 낯선 사람은 로그인으로, 권한 없는 직원은 403으로, 역할은 제 쪽으로."""

from __future__ import annotations

import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from accounts.permissions import StaffPermission
from accounts.roles import Role
from kernel.ids import new_id
from ops.navigation import ENTRIES
from tests.it.matches.histories import store_matches
from tests.it.matches.outcomes import make_players
from tests.it.ops.conftest import SignIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis")]

PAGES = {
    "/ops/": StaffPermission.DASHBOARD_VIEW,
    "/ops/servers/": StaffPermission.SERVER_VIEW,
    "/ops/queue/": StaffPermission.QUEUE_VIEW,
    "/ops/matches/": StaffPermission.MATCH_VIEW,
    "/ops/results/": StaffPermission.MATCH_VIEW,
    "/ops/slo/": StaffPermission.DASHBOARD_VIEW,
    "/ops/players/": StaffPermission.PLAYER_VIEW,
}


def test_the_list_holds_every_page_of_the_menu() -> None:
    assert {reverse(entry.url_name) for entry in ENTRIES} == PAGES.keys()


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_is_led_to_the_login_page_and_back(client: Client, page: str) -> None:
    response = client.get(page, follow=True)
    assert response.status_code == 200
    assert response.redirect_chain == [(f"/admin/login/?next={page}", 302)]
    assert b"id_password" in response.content


def test_someone_who_is_not_staff_gets_the_login_page(sign_in: SignIn) -> None:
    client = sign_in(Role.ADMIN, is_staff=False)
    assert client.get("/ops/").headers["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", Role)
def test_every_role_opens_every_page(sign_in: SignIn, page: str, role: Role) -> None:
    assert sign_in(role).get(page).status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_staff_without_the_permission_gets_a_clear_403(sign_in: SignIn, page: str) -> None:
    others = set(PAGES.values()) - {PAGES[page]}
    response = sign_in(*others).get(page)
    assert response.status_code == 403
    assert "볼 권한이 없습니다" in response.content.decode()
    assert response["Content-Type"].startswith("text/html")


def test_the_menu_shows_only_what_may_be_opened(sign_in: SignIn) -> None:
    text = sign_in(StaffPermission.MATCH_VIEW).get("/ops/matches/").content.decode()
    assert 'href="/ops/matches/"' in text
    assert 'href="/ops/servers/"' not in text
    assert 'href="/ops/players/"' not in text


def test_a_page_about_a_match_or_a_player_asks_for_its_own_permission(sign_in: SignIn) -> None:
    players = make_players(2)
    (match_id,) = store_matches(1, players)
    client = sign_in(StaffPermission.PLAYER_VIEW)
    assert client.get(f"/ops/matches/{match_id}/").status_code == 403
    page = client.get(f"/ops/players/{players[0]}/")
    assert page.status_code == 200
    assert match_id not in page.content.decode()
    assert "판을 볼 권한이 없습니다" in page.content.decode()


def every_page(client: Client) -> dict[str, str]:
    """모든 페이지의 글."""
    players = make_players(2)
    match_id, *_ = store_matches(3, players)
    paths = [*PAGES, f"/ops/matches/{match_id}/", f"/ops/players/{players[0]}/", f"/ops/matches/{new_id()}/"]
    return {path: client.get(path).content.decode() for path in paths}


def test_the_pages_hold_no_inline_code_and_forbid_it(viewer: Client) -> None:
    for path, text in every_page(viewer).items():
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", text), path
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text)), path
        headers = viewer.get(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"


def test_every_file_the_pages_name_exists(viewer: Client) -> None:
    names = {
        name
        for text in every_page(viewer).values()
        for name in re.findall(r'(?:src|href)="/static/([^"]+)"', text)
    }
    assert len(names) >= 8
    assert [name for name in names if finders.find(name) is None] == []


def test_no_explanation_is_only_for_a_mouse(viewer: Client) -> None:
    """title로만 말하는 글이 없다. 시각의 title은 초점을 주면 보인다(clock.css)."""
    for path, text in every_page(viewer).items():
        titled = [tag for tag in re.findall(r"<[^>]*\stitle=[^>]*>", text) if not tag.startswith("<time ")]
        assert titled == [], path
        assert all("aria-label" in tag for tag in re.findall(r"<summary[^>]*>", text)), path


def test_every_copy_button_says_what_it_copies(viewer: Client) -> None:
    buttons = [
        tag
        for text in every_page(viewer).values()
        for tag in re.findall(r"<button[^>]*data-copy[^>]*>", text)
    ]
    assert len(buttons) >= 5
    for button in buttons:
        assert re.search(r'data-copy="[0-9a-f-]{32,36}"', button), button
        assert re.search(r'aria-label="번호 복사: [0-9a-f]{8}…[0-9a-f]{4}"', button), button


def test_the_pages_speak_the_language_of_the_browser_and_then_the_chosen_one(sign_in: SignIn) -> None:
    client = sign_in(Role.VIEWER, language="en-US,en;q=0.9")
    for path, text in every_page(client).items():
        spoken = re.sub(r"<[^>]*lang=\"ko\"[^>]*>[^<]*<", "<", text).replace("선수", "")
        assert not re.search("[가-힣]", spoken), path
    client.post("/i18n/setlang/", {"language": "ko", "next": "/ops/"})
    assert '<html lang="ko">' in client.get("/ops/").content.decode()


def test_the_pages_only_answer_reads(viewer: Client) -> None:
    for page in PAGES:
        assert viewer.post(page).status_code == 405


def test_the_admin_links_to_the_pages_and_the_pages_to_the_admin(viewer: Client) -> None:
    admin = viewer.get("/admin/").content.decode()
    assert all(f'href="{page}"' in admin for page in PAGES)
    assert 'href="/admin/"' in viewer.get("/ops/").content.decode()


def test_an_unknown_id_is_a_404_page(viewer: Client) -> None:
    for path in (
        f"/ops/matches/{new_id()}/",
        f"/ops/players/{new_id()}/",
        "/ops/matches/x/",
        "/ops/players/%00/",
    ):
        response = viewer.get(path)
        assert response.status_code == 404, path
        assert "그런 것이 없습니다" in response.content.decode()


@pytest.mark.parametrize(
    "query",
    ["matches/?after=x", "matches/?after=1.2", "matches/?mode=No%20Mode", "matches/?status=won",
     "matches/?player=me", "players/?after=x", "matches/?after=99999999999999999999"],
)  # fmt: skip
def test_an_address_written_by_hand_is_refused_politely(viewer: Client, query: str) -> None:
    response = viewer.get(f"/ops/{query}")
    assert response.status_code == 422
    assert "주소가 올바르지 않습니다" in response.content.decode()
