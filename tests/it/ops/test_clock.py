"""한 시계: 모든 쪽의 시각은 `<time>`이거나(운영) 시간대를 적은 UTC이고(관리), 시간대의 이름이 쪽에 있다."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse

from accounts.models import Staff
from accounts.roles import Role
from audit.models import AuditRecord
from fleet.models import DrainIntent, Roll
from ops.urls import urlpatterns
from ops.views.fleet_actions import FleetAction
from tests.it.fleet.conftest import Register
from tests.it.matches.histories import store_matches
from tests.it.matches.outcomes import make_players
from tests.it.ops.conftest import SignIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis")]

AT = datetime(2026, 1, 2, 15, 4, 5, tzinfo=UTC)
# 사람이 읽는 시각: 15:04, 3:04 p.m., 오후 3:04. 주소의 포트는 아니다.
CLOCK = re.compile(r"(?<![\d.:])\d{1,2}:\d{2}(?!\d)|\d{4}-\d{2}-\d{2}|\b[ap]\.m\.|오[전후] \d|\d년 \d{1,2}월")
WRITTEN = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2} UTC")
NO_TEXT = {"script", "style", "time", "title"}


class Spoken(HTMLParser):
    """쪽에 보이는 글. `<time>`은 따로 모은다."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text, self.moments, self._inside = "", list[str](), list[str]()
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in NO_TEXT:
            self._inside.append(tag)
        if tag == "time":
            self.moments.append(dict(attributes).get("datetime") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in NO_TEXT and self._inside:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.text += f" {data}"


@pytest.fixture(name="boss")
def _boss(sign_in: SignIn) -> Client:
    """모든 것을 볼 수 있는 사람."""
    client = sign_in(Role.ADMIN)
    Staff.objects.update(is_superuser=True, last_login=AT)
    return client


def ops_pages(match_id: str, player_id: str) -> list[str]:
    """운영 화면의 모든 쪽(urls.py의 것 전부. POST만 받는 것은 뺀다)."""
    found = []
    for pattern in urlpatterns:
        view = pattern.callback.view_class  # type: ignore[union-attr]
        # 시키는 일의 주소는 열면 그 대상의 쪽으로 보낼 뿐이다.
        if not issubclass(view, FleetAction):
            values = {"server_id": "session1", "match_id": match_id, "player_id": player_id}
            wanted = pattern.pattern.converters
            found.append(reverse(f"ops:{pattern.name}", kwargs={name: values[name] for name in wanted}))
    assert len(found) >= 10
    return found


@pytest.mark.parametrize("language", ["ko", "en"])
def test_no_page_of_ops_tells_a_bare_time(boss: Client, register: Register, language: str) -> None:
    register("session1")
    players = make_players(2)
    match_id = store_matches(3, players)[-1]
    DrainIntent.objects.create(
        region="local", server_id="session1", intended=True, actor="op", reason="까닭", ordered_at=AT
    )
    bare = {}
    moments: list[str] = []
    for path in ops_pages(match_id, players[0]):
        response = boss.get(path, headers={"accept-language": language})
        assert response.status_code == 200, path
        spoken = Spoken(response.content.decode())
        moments += spoken.moments
        if found := CLOCK.findall(spoken.text):
            bare[path] = found
        assert 'id="zone"' in response.content.decode(), path
    assert bare == {}
    assert len(moments) >= 10
    assert [at for at in moments if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", at)] == []


@pytest.mark.parametrize("language", ["ko", "en"])
def test_no_page_of_the_admin_tells_a_time_without_its_zone(boss: Client, language: str) -> None:
    players = make_players(2)
    store_matches(1, players)
    store_matches(1, players, aborted=True)
    DrainIntent.objects.create(
        region="local", server_id="s", intended=True, actor="a", reason="r", ordered_at=AT
    )
    Roll.objects.create(
        region="local", phase="done", servers=["s"], pools=[], actor="a", reason="r",
        phase_since=AT, return_timeout_ms=1, finished_at=AT,
    )  # fmt: skip
    AuditRecord.objects.create(at=AT, actor="a", action="fleet.server:drain", target="s", result="allowed")
    staff = Staff.objects.get()
    LogEntry.objects.create(
        user=staff, content_type=ContentType.objects.get_for_model(Staff), object_id=str(staff.pk),
        object_repr="직원", action_flag=CHANGE, change_message="[]",
    )  # fmt: skip
    paths = ["/admin/", f"/admin/accounts/staff/{staff.pk}/history/"]
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        paths.append(reverse(f"{name}_changelist"))
        row = None if model._meta.model_name == "liveserver" else model._default_manager.first()
        if row is not None:
            paths.append(reverse(f"{name}_change", args=[row.pk]))
    bare = {}
    written = 0
    for path in paths:
        response = boss.get(path, headers={"accept-language": language})
        assert response.status_code == 200, path
        page = response.content.decode()
        text = Spoken(page).text
        written += len(WRITTEN.findall(text))
        if found := CLOCK.findall(WRITTEN.sub("", text)):
            bare[path] = found
        assert "ops/clock.js" in page, path
        assert 'id="zone"' in page, path
    assert bare == {}
    assert written >= 12
