"""밖의 게임 서버: 운영자가 만든 토큰으로 LB를 지나 판을 열고 결과를 낸다."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from hanpan_client import HanpanHttp
from stack.runtime import Runtime
from tests.e2e.players import BASE_URL, Lobby, ended, meet

WINDOW_CAP = 1000  # POLICIES.md의 레이팅 창


class GameServer:
    """서비스 토큰을 든 밖의 게임 서버."""

    def __init__(self, http: HanpanHttp, token: str) -> None:
        self._http = http
        self._token = token

    async def call(self, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
        """부르고 상태와 본문을 준다."""
        answer = await self._http.send("POST", path, body=json.dumps(body).encode(), token=self._token)
        return answer.status, json.loads(answer.body)


@pytest.fixture(scope="module")
def token(stack: Runtime) -> str:
    """운영자가 명령으로 만든 토큰."""
    command = ["python", "manage.py", "issue_service_token", "--name", "e2e", "--ttl-s", "600"]
    return stack.execute("platform", command).strip().splitlines()[-1]


def places(player_ids: list[str]) -> list[dict[str, Any]]:
    return [
        {"player_id": player, "place": place, "score": 10 - place}
        for place, player in enumerate(player_ids, start=1)
    ]


@pytest.mark.smoke
async def test_a_match_of_an_outside_server_counts_once(token: str) -> None:
    async with Lobby() as lobby, HanpanHttp(BASE_URL) as http:
        players = [(await lobby.guest()).player_id for _ in range(2)]
        server = GameServer(http, token)
        match_id = str(uuid.uuid4())
        wish = {"mode": "outside", "player_ids": players, "match_id": match_id}
        for _ in range(2):
            assert await server.call("/api/v1/matches", **wish) == (201, {"match_id": match_id})
        assert (await lobby.http.match(match_id)).status == "created"

        finalize = f"/api/v1/matches/{match_id}/finalize"
        status, first = await server.call(finalize, mode="outside", results=places(players))
        assert (status, first["already_finalized"]) == (200, False)
        again = await server.call(finalize, mode="outside", results=places(players))
        assert again == (200, {**first, "already_finalized": True})
        status, refused = await server.call(finalize, mode="outside", results=places(players[::-1]))
        assert (status, refused["code"]) == (409, "FINALIZE_CONFLICT")
        assert len((await lobby.http.match(match_id)).rating_changes) == 2


async def test_a_match_on_our_own_servers_is_not_ended_from_outside(token: str) -> None:
    async with Lobby() as lobby, HanpanHttp(BASE_URL) as http:
        one, two = await lobby.client(), await lobby.client()
        found = (await meet(one, two))[0]
        results = places([player.player_id for player in found.players])
        path = f"/api/v1/matches/{found.match_id}/finalize"
        status, refused = await GameServer(http, token).call(path, mode="duel", results=results)
        assert (status, refused["code"]) == (409, "MATCH_NOT_OVER")


async def test_without_a_token_the_door_stays_shut() -> None:
    async with HanpanHttp(BASE_URL) as http:
        status, refused = await GameServer(http, "x").call("/api/v1/matches", mode="duel", player_ids=[])
        assert (status, refused["code"]) == (401, "UNAUTHENTICATED")


async def test_the_last_two_of_the_queue_meet_however_far_apart_their_ratings_are(token: str) -> None:
    async with Lobby() as lobby, HanpanHttp(BASE_URL) as http:
        champion, beginner = [await lobby.guest() for _ in range(2)]
        server = GameServer(http, token)
        gap = 0.0
        while gap <= WINDOW_CAP:
            others = [(await lobby.guest()).player_id for _ in range(2)]
            for pair in ([champion.player_id, others[0]], [others[1], beginner.player_id]):
                status, opened = await server.call("/api/v1/matches", mode="duel", player_ids=pair)
                assert status == 201
                path = f"/api/v1/matches/{opened['match_id']}/finalize"
                assert (await server.call(path, mode="duel", results=places(pair)))[0] == 200
            ratings = [
                (await lobby.http.me(each.access_token)).rating("duel") for each in (champion, beginner)
            ]
            gap = ratings[0].rating - ratings[1].rating if ratings[0] and ratings[1] else 0.0
        one, two = await lobby.apart(champion, beginner)
        found = await meet(one, two)
        assert abs(found[0].players[0].rating - found[0].players[1].rating) > WINDOW_CAP
        await two.leave(found[0].match_id)
        await ended(one, found[0].match_id)
