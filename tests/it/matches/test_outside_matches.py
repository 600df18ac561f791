"""밖의 게임 서버의 판: 열기, 결과, 거절, 함께 부르기. 진짜 데이터베이스에서 본다."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import Client
from pytest_django import Settings

from accounts.credentials.service_tokens import load_service_issuer
from accounts.credentials.signing import TokenSigner, ensure_keys, load_private_key
from kernel.ids import new_id
from matches.models import MatchResult, OutsideMatch, Rating, RatingChange
from matches.results.finalize import finalize_match
from players.wiring import token_issuer
from redisstore.client import RedisSettings, SyncRedis, make_async_client
from redisstore.gate import RedisGate
from redisstore.live_matches import RUNNING, LiveMatch, LiveMatchStore
from tests.it.matches.outcomes import aborted, finished, make_players

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis")]

CALLERS = 16


class GameServer:
    """서비스 토큰을 든 밖의 게임 서버."""

    def __init__(self, token: str) -> None:
        self.headers = {"Authorization": f"Bearer {token}"}
        self.client = Client()

    def open(self, **body: Any) -> Any:
        """판을 연다."""
        return self._post("/api/v1/matches", body)

    def finalize(self, match_id: str, results: list[dict[str, Any]], mode: str = "duel") -> Any:
        """결과를 낸다."""
        return self._post(f"/api/v1/matches/{match_id}/finalize", {"mode": mode, "results": results})

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        return self.client.post(path, body, content_type="application/json", headers=self.headers)


@pytest.fixture
def service_token(settings: Settings) -> str:
    out = StringIO()
    call_command("issue_service_token", "--name", "arena-eu", "--ttl-s", "600", stdout=out)
    return out.getvalue().strip()


@pytest.fixture
def game_server(service_token: str) -> GameServer:
    return GameServer(service_token)


def places(player_ids: list[str]) -> list[dict[str, Any]]:
    return [
        {"player_id": player, "place": place, "score": 100 - place}
        for place, player in enumerate(player_ids, start=1)
    ]


def together(work: Callable[[int], Any]) -> list[Any]:
    """스레드들이 한꺼번에 부른다."""

    def run(number: int) -> Any:
        try:
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(CALLERS) as pool:
        return list(pool.map(run, range(CALLERS)))


def run_live(redis: RedisSettings, match: LiveMatch) -> None:
    async def put() -> None:
        async with make_async_client(redis) as client:
            await LiveMatchStore(RedisGate(client)).put(match, ttl_ms=60_000)

    asyncio.run(put())


def test_a_match_is_opened_finalized_and_rated_like_our_own(game_server: GameServer, client: Client) -> None:
    players = make_players(3)
    opened = game_server.open(mode="race", player_ids=players)
    assert opened.status_code == 201
    match_id = opened.json()["match_id"]
    created = client.get(f"/api/v1/matches/{match_id}").json()
    assert (created["status"], created["player_ids"], created["server_id"]) == (
        "created",
        players,
        "arena-eu",
    )
    answer = game_server.finalize(match_id, places(players), mode="race")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["match_id"], body["status"], body["already_finalized"]) == (match_id, "finalized", False)
    assert [row["player_id"] for row in body["results"]] == players
    assert body["results"][0]["rating_after"] > 1500 > body["results"][2]["rating_after"]
    shown = client.get(f"/api/v1/matches/{match_id}").json()
    assert (shown["status"], shown["results"]) == ("finalized", body["results"])
    assert shown["ended_at_ms"] >= shown["created_at_ms"] == created["created_at_ms"]
    assert client.get("/api/v1/leaderboards/race").json()["entries"][0]["player_id"] == players[0]


def test_the_same_result_again_changes_nothing_and_gets_the_stored_figures(game_server: GameServer) -> None:
    players = make_players(2)
    match_id = game_server.open(mode="duel", player_ids=players).json()["match_id"]
    first = game_server.finalize(match_id, places(players)).json()
    again = game_server.finalize(match_id, list(reversed(places(players)))).json()
    assert again == {**first, "already_finalized": True}
    assert RatingChange.objects.count() == 2


def test_another_result_is_a_conflict_and_writes_nothing(game_server: GameServer) -> None:
    players = make_players(2)
    match_id = game_server.open(mode="duel", player_ids=players).json()["match_id"]
    game_server.finalize(match_id, places(players))
    before = list(Rating.objects.order_by("player_id").values())
    answer = game_server.finalize(match_id, places(players[::-1]))
    assert (answer.status_code, answer.json()["code"]) == (409, "FINALIZE_CONFLICT")
    assert list(Rating.objects.order_by("player_id").values()) == before
    assert RatingChange.objects.count() == 2


def test_the_same_match_opened_again_is_the_same_and_another_is_refused(game_server: GameServer) -> None:
    players, match_id = make_players(3), new_id()
    wish = {"mode": "duel", "player_ids": players[:2], "match_id": match_id}
    assert game_server.open(**wish).json() == {"match_id": match_id}
    again = game_server.open(**{**wish, "player_ids": players[1::-1]})
    assert (again.status_code, again.json()) == (201, {"match_id": match_id})
    for other in ({"mode": "race"}, {"player_ids": players[1:]}):
        refused = game_server.open(**{**wish, **other})
        assert (refused.status_code, refused.json()["code"]) == (422, "INVALID_ARGUMENT")
    assert OutsideMatch.objects.count() == 1


def test_callers_at_the_same_time_open_one_match_and_finalize_it_once(service_token: str) -> None:
    players, match_id = make_players(2), new_id()
    opened = together(
        lambda _: GameServer(service_token).open(mode="duel", player_ids=players, match_id=match_id)
    )
    assert {(answer.status_code, answer.json()["match_id"]) for answer in opened} == {(201, match_id)}
    answers = together(lambda _: GameServer(service_token).finalize(match_id, places(players)))
    assert [answer.status_code for answer in answers] == [200] * CALLERS
    assert sum(not answer.json()["already_finalized"] for answer in answers) == 1
    assert len({str(answer.json()["results"]) for answer in answers}) == 1
    assert (MatchResult.objects.count(), RatingChange.objects.count()) == (1, 2)
    assert set(Rating.objects.values_list("games", flat=True)) == {1}


def test_a_match_that_nobody_knows_is_not_found(game_server: GameServer) -> None:
    answer = game_server.finalize(new_id(), places(make_players(2)))
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    assert not MatchResult.objects.exists()


def test_results_that_do_not_fit_the_match_are_refused(game_server: GameServer) -> None:
    players, (stranger,) = make_players(2), make_players(1)
    match_id = game_server.open(mode="duel", player_ids=players).json()["match_id"]
    wrong = [
        game_server.finalize(match_id, places([players[0], stranger])),
        game_server.finalize(match_id, places(players[:1])),
        game_server.finalize(match_id, places(players), mode="race"),
        game_server.finalize(match_id, [{**row, "place": 2} for row in places(players)]),
        game_server.finalize(match_id, places(players) + places(players)),
        game_server.finalize(match_id, []),
        game_server.finalize("not-a-uuid", places(players)),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in wrong] == [
        (422, "INVALID_ARGUMENT")
    ] * len(wrong)
    assert not MatchResult.objects.exists()


def test_a_wish_that_makes_no_match_is_refused(game_server: GameServer) -> None:
    players = make_players(2)
    wrong: list[dict[str, Any]] = [
        {"mode": "Bad Mode", "player_ids": players},
        {"mode": "duel", "player_ids": players[:1]},
        {"mode": "duel", "player_ids": [players[0], players[0]]},
        {"mode": "duel", "player_ids": [players[0], new_id()]},
        {"mode": "duel", "player_ids": [new_id() for _ in range(501)]},
        {"mode": "duel", "player_ids": players, "match_id": "x"},
        {"player_ids": players},
        {"mode": "duel"},
    ]
    answers = [game_server.open(**wish) for wish in wrong]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(422, "INVALID_ARGUMENT")}
    assert not OutsideMatch.objects.exists()


def test_a_match_running_on_our_own_server_is_not_over(
    game_server: GameServer, redis_settings: RedisSettings
) -> None:
    players = make_players(2)
    match = LiveMatch(
        match_id=new_id(), status=RUNNING, mode="duel", region="local", server_id="session1",
        player_ids=tuple(players), queued_at_ms=1, created_at_ms=2,
    )  # fmt: skip
    run_live(redis_settings, match)
    answer = game_server.finalize(match.match_id, places(players))
    assert (answer.status_code, answer.json()["code"]) == (409, "MATCH_NOT_OVER")
    taken = game_server.open(mode="duel", player_ids=players, match_id=match.match_id)
    assert (taken.status_code, taken.json()["code"]) == (422, "INVALID_ARGUMENT")
    assert not MatchResult.objects.exists()


def test_a_finished_match_of_our_own_answers_its_stored_result(game_server: GameServer) -> None:
    players = make_players(2)
    outcome = finished(players)
    finalize_match(outcome)
    same = [{"player_id": row.player_id, "place": row.place, "score": row.score} for row in outcome.players]
    assert game_server.finalize(outcome.match_id, same).json()["already_finalized"]
    other = game_server.finalize(outcome.match_id, places(players[::-1]))
    assert other.json()["code"] == "FINALIZE_CONFLICT"
    taken = game_server.open(mode="duel", player_ids=players, match_id=outcome.match_id)
    assert taken.status_code == 422


def test_an_aborted_match_takes_no_result(game_server: GameServer) -> None:
    players = make_players(2)
    outcome = aborted(players)
    finalize_match(outcome)
    answer = game_server.finalize(outcome.match_id, places(players))
    assert (answer.status_code, answer.json()["code"]) == (409, "FINALIZE_CONFLICT")


@pytest.mark.usefixtures("stopped_redis")
def test_without_redis_only_what_needs_no_redis_is_answered(game_server: GameServer) -> None:
    players = make_players(2)
    match_id = game_server.open(mode="duel", player_ids=players).json()["match_id"]
    assert game_server.finalize(match_id, places(players)).status_code == 200
    unknown = game_server.finalize(new_id(), places(players))
    assert (unknown.status_code, unknown.json()["code"]) == (503, "UNAVAILABLE")
    named = game_server.open(mode="duel", player_ids=players, match_id=new_id())
    assert named.status_code == 503


def test_only_a_service_token_with_the_scope_opens_the_door(settings: Settings, redis: SyncRedis) -> None:
    del redis
    players = make_players(2)
    folder = settings.KEYS_DIR / "service"
    ensure_keys(settings.KEYS_DIR / "other")
    other_key = load_private_key(settings.KEYS_DIR / "other")
    signer = TokenSigner(load_private_key(folder), audience="hanpan.service")
    forged = TokenSigner(other_key, audience="hanpan.service")
    claims = {"sub": "s", "scope": "match:finalize"}
    expired = TokenSigner(load_private_key(folder), audience="hanpan.service", now_s=lambda: 1_000)
    for token in (
        "",
        "x",
        token_issuer().issue(players[0], "선수"),
        forged.sign(claims, ttl_s=60),
        expired.sign(claims, ttl_s=60),
    ):
        answer = GameServer(token).open(mode="duel", player_ids=players)
        assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED")
    narrow = GameServer(signer.sign({**claims, "scope": "other:thing"}, ttl_s=60))
    for answer in (
        narrow.open(mode="duel", player_ids=players),
        narrow.finalize(new_id(), places(players)),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "PERMISSION_DENIED")
    assert not OutsideMatch.objects.exists()


def test_a_service_token_is_no_player(service_token: str, client: Client) -> None:
    answer = client.get("/api/v1/me", headers={"Authorization": f"Bearer {service_token}"})
    assert answer.status_code == 401


def test_the_command_names_what_is_wrong(settings: Settings) -> None:
    assert load_service_issuer(settings.KEYS_DIR)
    with pytest.raises(CommandError, match="이름"):
        call_command("issue_service_token", "--name", "Not A Name")
    with pytest.raises(CommandError, match="수명"):
        call_command("issue_service_token", "--name", "s", "--ttl-s", "0")
