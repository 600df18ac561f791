"""플릿의 쪽들: 누구에게 무엇이 보이고, 폼이 시킨 일이 어디에 남는가."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.permissions import StaffPermission
from accounts.roles import Role
from audit.models import AuditRecord
from fleet.models import DrainIntent, Roll
from ops.views.server import RECORDS_SHOWN
from redisstore import keys
from redisstore.client import SyncRedis
from tests.it.database.query_plans import assert_reads_in_order, plan_of
from tests.it.fleet.conftest import Register
from tests.it.ops.conftest import SignIn

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/ops/servers/session1/"


def text_of(client: Client, path: str = PAGE) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_an_operator_sees_what_a_drain_would_do_and_orders_it(
    sign_in: SignIn, register: Register, redis: SyncRedis
) -> None:
    register("session1", running=3, left=41_000)
    register("session2")
    operator = sign_in(Role.OPERATOR)
    text = text_of(operator)
    assert "판 3개, 길어야 41.0초" in text
    assert "다른 서버 1대, 빈자리 50" in text
    answer = operator.post(f"{PAGE}drain", {"reason": "커널 갱신", "grace_s": "60"}, follow=True)
    assert "드레인을 시작했습니다." in answer.content.decode()
    intent = DrainIntent.objects.get()
    assert (intent.intended, intent.grace_ms, intent.reason) == (True, 60_000, "커널 갱신")
    assert redis.sismember(keys.draining("local"), "session1")
    text = text_of(operator)
    assert 'id="progress" aria-labelledby="progress-title">' in text
    assert "fleet.server:drain" in text
    answer = operator.post(f"{PAGE}undrain", {"reason": "됐다"}, follow=True)
    assert "드레인을 거두었습니다." in answer.content.decode()
    assert not redis.sismember(keys.draining("local"), "session1")


def test_a_viewer_sees_the_server_without_buttons_and_cannot_order(
    viewer: Client, register: Register
) -> None:
    register("session1", running=3, left=41_000)
    text = text_of(viewer)
    assert "<form class" not in text
    assert "시킨 일" not in text
    answer = viewer.post(f"{PAGE}drain", {"reason": "나도"})
    assert answer.status_code == 403
    assert not DrainIntent.objects.exists()
    (row,) = AuditRecord.objects.all()
    assert (row.action, row.result, row.code, row.roles) == (
        "fleet.server:drain", "denied", "PERMISSION_DENIED", "viewer",
    )  # fmt: skip


def test_a_denial_is_audited_even_without_the_right_to_look(sign_in: SignIn, register: Register) -> None:
    register("session1")
    someone = sign_in(StaffPermission.MATCH_VIEW)
    assert someone.get(PAGE).status_code == 403
    assert someone.post(f"{PAGE}drain", {"reason": "x"}).status_code == 403
    assert AuditRecord.objects.get().result == "denied"


def test_a_stranger_is_led_to_the_login_and_leaves_no_trace(register: Register) -> None:
    register("session1")
    stranger = Client(headers={"host": "localhost:8080"})
    assert stranger.post(f"{PAGE}drain", {"reason": "x"}).headers["Location"].startswith("/admin/login/")
    assert not AuditRecord.objects.exists()


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"reason": ""}, "까닭을"),
        ({"reason": "x", "grace_s": "-1"}, "정수"),
        ({"reason": "x", "grace_s": "121"}, "유예는 0"),
    ],
)
def test_a_wrong_field_is_told_on_the_page_and_changes_nothing(
    sign_in: SignIn, register: Register, fields: dict[str, str], told: str
) -> None:
    register("session1")
    answer = sign_in(Role.OPERATOR).post(f"{PAGE}drain", fields, follow=True)
    assert told in answer.content.decode()
    assert not DrainIntent.objects.exists()


def test_the_last_server_warns_that_players_will_wait(sign_in: SignIn, register: Register) -> None:
    register("session1")
    assert "선수들이 대기열에서 기다립니다" in text_of(sign_in(Role.OPERATOR))


def test_a_server_that_is_not_there_is_not_found(viewer: Client) -> None:
    assert viewer.get("/ops/servers/nowhere/").status_code == 404


def test_a_drained_server_between_two_processes_still_has_its_page_and_its_undrain(
    sign_in: SignIn, register: Register, redis: SyncRedis
) -> None:
    register("session1")
    operator = sign_in(Role.OPERATOR)
    operator.post(f"{PAGE}drain", {"reason": "커널 갱신"})
    redis.delete(keys.server("local", "session1"), keys.servers("local"))
    text = text_of(operator)
    assert "하트비트 없음" in text
    assert "드레인 거두기" in text
    answer = operator.post(f"{PAGE}undrain", {"reason": "다시 쓴다"}, follow=True)
    assert answer.status_code == 200
    assert "드레인을 거두었습니다." in answer.content.decode()
    assert not DrainIntent.objects.get().intended


@pytest.mark.usefixtures("stopped_redis")
def test_without_redis_the_server_page_says_so(viewer: Client) -> None:
    assert viewer.get(PAGE).status_code == 503


def test_an_operator_rolls_and_aborts_from_the_fleet_page(sign_in: SignIn, register: Register) -> None:
    register("session1")
    register("session2")
    operator = sign_in(Role.OPERATOR)
    assert "2대를 하나씩" in text_of(operator, "/ops/servers/")
    answer = operator.post("/ops/roll/start", {"reason": "1.4.1", "all": "on"}, follow=True)
    text = answer.content.decode()
    assert "2대를 차례로 갈아 끼웁니다." in text
    assert 'id="roll" data-open' in text
    answer = operator.post("/ops/roll/abort", {"reason": "그만"}, follow=True)
    assert "그만두었습니다" in answer.content.decode()
    assert Roll.objects.get().phase == "aborted"


@pytest.mark.parametrize("chosen", [{}, {"servers": ""}, {"servers": ["", " "]}])
def test_a_form_that_chose_no_server_rolls_none(
    sign_in: SignIn, register: Register, chosen: dict[str, str | list[str]]
) -> None:
    register("session1")
    register("session2")
    answer = sign_in(Role.OPERATOR).post("/ops/roll/start", {"reason": "x", **chosen}, follow=True)
    assert "서버를 하나는 골라야" in answer.content.decode()
    assert not Roll.objects.exists()


def test_a_form_may_choose_some_servers(sign_in: SignIn, register: Register) -> None:
    register("session1")
    register("session2")
    sign_in(Role.OPERATOR).post("/ops/roll/start", {"reason": "x", "servers": ["session2"], "all": "on"})
    assert Roll.objects.get().servers == ["session2"]


def test_a_viewer_sees_the_roll_without_its_buttons(
    viewer: Client, sign_in: SignIn, register: Register
) -> None:
    register("session1")
    register("session2")
    sign_in(Role.OPERATOR).post("/ops/roll/start", {"reason": "1.4.1", "all": "on"})
    text = text_of(viewer, "/ops/servers/")
    assert 'id="roll" data-open' in text
    assert '<form class="order"' not in text
    assert viewer.post("/ops/roll/abort", {"reason": "x"}).status_code == 403
    assert Roll.objects.get().phase == "pending"


@pytest.mark.parametrize("model", ["liveserver", "drainintent", "roll", "serverscope"])
def test_the_admin_shows_the_fleet_and_lets_nobody_change_it(
    sign_in: SignIn, register: Register, model: str
) -> None:
    register("session1", running=3, left=41_000)
    admin = sign_in(Role.ADMIN)
    assert admin.get(f"/admin/fleet/{model}/").status_code == 200
    assert admin.get(f"/admin/fleet/{model}/add/").status_code == 403
    if model == "liveserver":
        assert "session1" in text_of(admin, f"/admin/fleet/{model}/")
    assert sign_in(StaffPermission.MATCH_VIEW).get(f"/admin/fleet/{model}/").status_code == 403


def test_the_admin_shows_the_audit_to_operators_only(
    sign_in: SignIn, viewer: Client, register: Register
) -> None:
    register("session1")
    operator = sign_in(Role.OPERATOR)
    operator.post(f"{PAGE}drain", {"reason": "커널 갱신"})
    assert "커널 갱신" in text_of(operator, "/admin/audit/auditrecord/")
    record = AuditRecord.objects.get()
    for path in ("add/", f"{record.pk}/delete/"):
        assert operator.get(f"/admin/audit/auditrecord/{path}").status_code == 403
    assert viewer.get("/admin/audit/auditrecord/").status_code == 403


def test_an_audit_row_leads_to_its_trace(sign_in: SignIn, settings: Settings) -> None:
    settings.TRACE_URL = "https://traces.example/{trace_id}"
    record = AuditRecord.objects.create(
        deed_id="d1", actor_kind="staff", actor="kim", action="fleet.server:drain",
        target="server:local/session1", result="allowed", trace_id="ab" * 16,
    )  # fmt: skip
    operator = sign_in(Role.OPERATOR)
    for path in ("", f"{record.pk}/change/"):
        assert f'href="https://traces.example/{"ab" * 16}"' in text_of(
            operator, f"/admin/audit/auditrecord/{path}"
        )


def test_the_orders_given_to_a_server_are_read_from_an_index_without_sorting() -> None:
    AuditRecord.objects.bulk_create(
        AuditRecord(
            deed_id=f"d{number}", actor_kind="staff", actor="kim", action="fleet.server:drain",
            target=f"server:local/session{number % 40}", result="allowed",
        )
        for number in range(2_000)
    )  # fmt: skip
    rows = AuditRecord.objects.filter(target="server:local/session7").order_by("-pk")[:RECORDS_SHOWN]
    assert_reads_in_order(plan_of(rows), "audit_record_target_idx")


def test_a_server_that_has_not_heard_of_the_undrain_is_shown_as_reopening_and_not_as_drained(
    sign_in: SignIn, register: Register, redis: SyncRedis
) -> None:
    operator = sign_in(Role.OPERATOR)
    register("session1", state="drained")
    redis.sadd(keys.draining("local"), "session1")
    assert 'data-field="state">드레인 끝남<' in text_of(operator)
    text = text_of(operator)
    assert text.count('type="checkbox" required') == 1, "거두기도 확인을 받는다"
    operator.post(f"{PAGE}undrain", {"reason": "다시 쓴다"})
    assert 'data-field="state">다시 여는 중<' in text_of(operator)
    register("session1", state="ready")
    assert 'data-field="state">준비됨<' in text_of(operator)


def test_a_server_that_leaves_on_its_own_is_not_called_reopening(viewer: Client, register: Register) -> None:
    register("session1", state="draining")
    assert 'data-field="state">드레인 중<' in text_of(viewer)
