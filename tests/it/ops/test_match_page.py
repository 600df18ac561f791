"""판 하나의 페이지: 한살이, 성적, 레이팅, 그리고 아직 MariaDB가 모르는 판."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.db.models import Count
from django.test import Client
from msgspec import structs

from accounts.roles import Role
from kernel.ids import new_id
from matches import lookup
from matches.models import AbortedSeat, MatchResult
from matches.results.finalize import finalize_match
from ops.queries.match import MatchSeat, read_match
from redisstore import keys
from redisstore.client import SyncRedis
from redisstore.gate import SyncRedisGate
from redisstore.live_matches import LiveMatch
from telemetry.metrics import finalize_total
from tests.it.matches.outcomes import aborted, finished, make_players
from tests.it.ops.conftest import SignIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis")]

QueryBudget = Callable[[int], AbstractContextManager[None]]
QUEUED_MS, CREATED_MS = 1_699_999_997_500, 1_700_000_000_000


def put_live(redis: SyncRedis, match_id: str, players: list[str], status: str, **times: int) -> None:
    row = {
        "status": status, "mode": "duel", "region": "local", "server_id": "session2",
        "players": json.dumps(players),
        "queued_at_ms": QUEUED_MS, "created_at_ms": CREATED_MS, "started_at_ms": 0, "ended_at_ms": 0, **times,
    }  # fmt: skip
    redis.hset(keys.match(match_id), mapping=row)  # type: ignore[arg-type]


def steps_of(text: str) -> list[str]:
    """보이는 걸음의 이름들."""
    return [
        name.split("<")[0].strip() for name in re.findall(r'class="step-name">(.*?)</span>', text, re.DOTALL)
    ]


def test_the_rating_is_worked_out_step_by_step(viewer: Client) -> None:
    outcome = finished(make_players(2))
    finalize_match(outcome)
    text = viewer.get(f"/ops/matches/{outcome.match_id}/").content.decode()
    work = text.split('id="work-title"')[1]
    assert [f">{value}</td>" in work for value in ("0.500", "1.500", "1.000")] == [True] * 3
    assert work.count("1500.0 ± 500.0") == 2


def test_a_finished_match_shows_its_whole_way_and_the_rating_mathematics(viewer: Client) -> None:
    players = make_players(2)
    report = finalize_match(finished(players, queued_at_ms=QUEUED_MS))
    text = viewer.get(f"/ops/matches/{report.match_id}/").content.decode()
    assert steps_of(text) == [
        "대기열에 섬", "판이 만들어짐", "session에서 시작", "판이 끝남", "MariaDB에 반영", "레이팅이 바뀜",
    ]  # fmt: skip
    assert "+2.5초" in text  # 줄에서 만들어지기까지
    assert "+20.0초" in text  # 시작에서 끝까지
    for result in report.results:
        assert result.rating_after is not None
        assert f"<b>{result.rating_after:.0f}</b>" in text
    assert "0af7651916cd43dd8448eb211c80319c" in text
    assert all(f'href="/ops/players/{player}/"' in text for player in players)


def test_the_time_of_queueing_is_stored_with_the_result() -> None:
    report = finalize_match(finished(make_players(2), queued_at_ms=QUEUED_MS))
    row = MatchResult.objects.get(match_id=report.match_id)
    assert row.queued_at == datetime.fromtimestamp(QUEUED_MS / 1000, UTC)
    assert read_match(report.match_id).times.queued_ms == QUEUED_MS


def test_an_aborted_match_says_why_and_that_no_rating_changed(viewer: Client) -> None:
    players = make_players(3)
    report = finalize_match(aborted(players, code="SESSION_DRAINING"))
    text = viewer.get(f"/ops/matches/{report.match_id}/").content.decode()
    assert "SESSION_DRAINING" in text
    assert "레이팅은 바뀌지 않았습니다" in text
    assert 'class="place' not in text
    assert "레이팅이 바뀜" not in steps_of(text)


def test_a_match_that_everybody_left_says_so_and_is_counted_apart(viewer: Client) -> None:
    before = {name: counted(name) for name in ("abandoned", "aborted")}
    report = finalize_match(aborted(make_players(2), code="ABANDONED"))
    assert "모두가 떠나 무산된 판입니다" in viewer.get(f"/ops/matches/{report.match_id}/").content.decode()
    assert counted("abandoned") == before["abandoned"] + 1
    assert counted("aborted") == before["aborted"]


def counted(result: str) -> float:
    """그 결과로 센 finalize의 수."""
    return finalize_total.labels(result)._value.get()


def test_who_conceded_is_named_in_the_match(viewer: Client) -> None:
    outcome = finished(make_players(2))
    loser = structs.replace(outcome.players[1], conceded=True)
    finalize_match(structs.replace(outcome, players=(outcome.players[0], loser)))
    text = viewer.get(f"/ops/matches/{outcome.match_id}/").content.decode()
    assert "판을 포기함:" in text
    assert text.count("포기함</span>") == 1
    (csv_row,) = [
        line
        for line in b"".join(viewer.get("/ops/matches/?format=csv").streaming_content).decode().splitlines()  # type: ignore[attr-defined]
        if loser.player_id in line
    ]
    assert csv_row.endswith(",1")


def test_an_outside_match_is_not_told_as_one_of_our_session_servers(viewer: Client) -> None:
    outcome = finished(make_players(2), region="outside", server_id="dedicated-eu")
    finalize_match(outcome)
    text = viewer.get(f"/ops/matches/{outcome.match_id}/").content.decode()
    assert "밖의 서버에서 시작" in steps_of(text)
    assert "session에서 시작" not in text
    assert "알린 서비스" in text
    assert "맡은 서버" not in text
    for ours in ("틱", "씨앗", "리전"):
        assert f"<dt>{ours}</dt>" not in text, "우리 서버의 것이라 밖의 판에는 없다"


def test_the_seats_of_an_aborted_match_are_kept_once_and_those_of_a_finished_one_are_not() -> None:
    players = make_players(3)
    outcome = aborted(players)
    finalize_match(outcome)
    finalize_match(outcome)
    finalize_match(finished(players))
    seats = AbortedSeat.objects.values_list("match_id", "mode").annotate(seats=Count("pk"))
    assert [(str(match_id), mode, count) for match_id, mode, count in seats] == [
        (outcome.match_id, "duel", 3)
    ]


def test_an_abort_with_a_player_nobody_knows_is_stored_all_the_same(viewer: Client) -> None:
    stranger = new_id()
    report = finalize_match(aborted([stranger]))
    text = viewer.get(f"/ops/matches/{report.match_id}/").content.decode()
    assert stranger in text


@pytest.mark.parametrize(
    ("status", "times", "shown", "open_phase"),
    [
        ("created", {}, "준비 중", "starting"),
        ("running", {"started_at_ms": CREATED_MS + 300}, "진행 중", "playing"),
        (
            "ended",
            {"started_at_ms": CREATED_MS + 300, "ended_at_ms": CREATED_MS + 9000},
            "반영 중",
            "finalizing",
        ),
    ],
)
def test_a_match_that_mariadb_does_not_know_yet_is_read_from_redis(
    viewer: Client, redis: SyncRedis, status: str, times: dict[str, int], shown: str, open_phase: str
) -> None:
    match_id, players = new_id(), make_players(2)
    put_live(redis, match_id, players, status, **times)
    text = viewer.get(f"/ops/matches/{match_id}/").content.decode()
    assert f">{shown}</span>" in text
    assert f'class="phase {open_phase} open"' in text
    assert "도는 판입니다" in text
    assert 'id="match" class="stack" data-live' in text
    assert "session2" in text
    assert all(f'href="/ops/players/{player}/"' in text for player in players)


def test_a_match_that_ends_between_the_two_reads_is_still_found(
    viewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = finished(make_players(2))

    def ends_just_now(_gate: SyncRedisGate, _match_id: str) -> LiveMatch | None:
        finalize_match(outcome)
        return None

    monkeypatch.setattr(lookup, "get_sync", ends_just_now)
    assert viewer.get(f"/ops/matches/{outcome.match_id}/").status_code == 200


@pytest.mark.usefixtures("stopped_redis")
def test_without_redis_finished_matches_are_shown_and_others_cannot_be_read(viewer: Client) -> None:
    report = finalize_match(finished(make_players(2)))
    assert viewer.get(f"/ops/matches/{report.match_id}/").status_code == 200
    response = viewer.get(f"/ops/matches/{new_id()}/")
    assert response.status_code == 503
    assert "지금은 읽을 수 없습니다" in response.content.decode()


def test_the_admin_row_is_linked_for_those_who_may_open_it(sign_in: SignIn) -> None:
    report = finalize_match(finished(make_players(2)))
    text = sign_in(Role.VIEWER).get(f"/ops/matches/{report.match_id}/").content.decode()
    (link,) = re.findall(r'href="(/admin/matches/matchresult/\d+/change/)"', text)
    assert sign_in(Role.VIEWER).get(link).status_code == 200


@pytest.mark.parametrize("count", [2, 100])
def test_a_match_costs_the_same_few_queries_for_a_duel_and_a_full_arena(
    viewer: Client, count: int, django_assert_max_num_queries: QueryBudget
) -> None:
    report = finalize_match(finished(make_players(count), mode="arena"))
    with django_assert_max_num_queries(8):  # 세션, 직원, 권한 둘, 역할, 판, 변화, 이름
        assert viewer.get(f"/ops/matches/{report.match_id}/").status_code == 200


def test_the_record_of_a_live_match_knows_no_results(redis: SyncRedis) -> None:
    match_id, players = new_id(), make_players(2)
    put_live(redis, match_id, players, "running", started_at_ms=CREATED_MS)
    record = read_match(match_id)
    assert record.is_live
    assert {replace(seat, name="") for seat in record.seats} == {
        MatchSeat(player_id=player, name="") for player in players
    }
