"""resume: 끊긴 자리를 토큰으로 잇는다. 거절마다 정해진 코드와 닫힘이 있다."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from hanpan.v1 import common_pb2
from hanpan.v1 import session_pb2 as pb
from kernel.errors import Unavailable
from kernel.ids import new_id
from players.names import guest_name
from tests.contract.ws.test_match import stored_result
from tests.fakes.gateway_ports import token_of
from tests.fakes.gateway_process import Client
from tests.fakes.gateway_stage import Stage
from tests.fakes.session_server import DELTA, SNAPSHOT, FakeMatch

UNKNOWN_ID = new_id(0, bytes(10))


class Seat:
    """끊긴 선수가 든 것."""

    def __init__(self, stage: Stage) -> None:
        self.player_id = new_id()
        self.match: FakeMatch = stage.session.open_match(new_id(), [self.player_id, new_id()])
        grants = stage.redis.open_match(self.match.match_id, [self.player_id], stage.session.address)
        self.token = grants[self.player_id].resume_token


async def refusal(client: Client, resume_token: str, **fields: object) -> tuple[str, int]:
    """거절의 코드와 닫힘 코드."""
    answer = await client.ask("resume", resume_token=resume_token, last_tick=3, **fields)
    assert answer["t"] == "error"
    return answer["code"], await client.close_code()


async def farewell(client: Client) -> tuple[str, bool, int]:
    """떠나보내는 인사의 코드, 다시 붙어도 되는지, 닫힘 코드."""
    bye = await client.until("bye")
    return bye["code"], bye["reconnect"], await client.close_code()


async def test_a_token_resumes_the_seat_with_a_snapshot(stage: Stage) -> None:
    seat = Seat(stage)
    async with stage.gateway.client() as client:
        resumed = await client.ask("resume", resume_token=seat.token, last_tick=3)
        assert resumed["t"] == "resumed"
        assert (resumed["match_id"], resumed["tick"]) == (seat.match.match_id, 7)
        assert resumed["gateway"] == "gateway1"
        assert resumed["resume_token"] != seat.token
        assert (await client.until("match.start"))["match_id"] == seat.match.match_id
        assert await client.until_state() == SNAPSHOT
        assert seat.match.epochs[seat.player_id] == 2


async def test_the_first_frame_after_a_resume_confirms_it(stage: Stage) -> None:
    seat = Seat(stage)
    async with stage.gateway.client() as client:
        await client.ask("resume", resume_token=seat.token, last_tick=3)
        assert stage.redis.confirmed == []
        await client.send("input", seq=1, dx=0, dy=0)
        await client.send("input", seq=2, dx=0, dy=0)
        await stage.session.wait_for(lambda: len(stage.session.items("input")) == 2)
        assert stage.redis.confirmed == [(seat.match.match_id, seat.player_id, 2)]


async def test_a_resumed_socket_belongs_to_the_player(stage: Stage) -> None:
    seat = Seat(stage)
    async with stage.gateway.client() as client:
        await client.ask("resume", resume_token=seat.token, last_tick=3)
        stage.session.tell(
            seat.match.match_id, match_result=stored_result(seat.match.match_id, [seat.player_id])
        )
        await client.until("match.result")
        assert (await client.ask("queue.join", mode="duel"))["t"] == "queue.joined"
        _, request = stage.matchmaking.ticket_of(seat.player_id)
        assert request.name == "선수0"


async def test_a_resume_with_the_access_token_of_the_player_is_fine(stage: Stage) -> None:
    seat = Seat(stage)
    async with stage.gateway.client() as client:
        token = token_of(seat.player_id)
        assert (await client.ask("resume", resume_token=seat.token, last_tick=3, token=token))[
            "t"
        ] == "resumed"


async def test_a_resume_with_the_access_token_of_another_is_denied_and_harms_nobody(stage: Stage) -> None:
    seat = Seat(stage)
    async with stage.gateway.client() as thief:
        answer = await refusal(thief, seat.token, token=token_of(new_id()))
        assert answer == ("PERMISSION_DENIED", 4410)
    async with stage.gateway.client() as owner:
        assert (await owner.ask("resume", resume_token=seat.token, last_tick=3))["t"] == "resumed"


async def test_a_dead_access_token_does_not_spoil_a_resume(stage: Stage) -> None:
    seat = Seat(stage)
    async with stage.gateway.client() as client:
        answer = await client.ask("resume", resume_token=seat.token, last_tick=3, token="expired or forged")
        assert (answer["t"], answer["match_id"]) == ("resumed", seat.match.match_id)


async def test_a_dead_access_token_does_not_help_a_dead_resume_token(stage: Stage) -> None:
    async with stage.gateway.client() as client:
        assert await refusal(client, "rs1.a.b.c", token="forged") == ("RESUME_INVALID", 4410)


@pytest.mark.parametrize(
    "token", ["", "x", "rs1.a.b.c", f"rs1.{UNKNOWN_ID}.{UNKNOWN_ID}.secret", "rs1." + "z" * 400]
)
async def test_an_unknown_token_is_invalid(stage: Stage, token: str) -> None:
    async with stage.gateway.client() as client:
        assert await refusal(client, token) == ("RESUME_INVALID", 4410)


async def test_a_token_used_before_is_invalid(stage: Stage) -> None:
    seat = Seat(stage)
    async with stage.gateway.client() as first:
        await first.ask("resume", resume_token=seat.token, last_tick=3)
        async with stage.gateway.client() as second:
            assert await refusal(second, seat.token) == ("RESUME_INVALID", 4410)


async def test_an_expired_token_is_told_apart_from_an_unknown_one(stage: Stage) -> None:
    seat = Seat(stage)
    stage.redis.expire(seat.match.match_id, seat.player_id)
    async with stage.gateway.client() as client:
        assert await refusal(client, seat.token) == ("RESUME_EXPIRED", 4410)


async def test_a_resume_closes_the_old_socket_of_the_seat(stage: Stage) -> None:
    seat = Seat(stage)
    async with stage.gateway.player(seat.player_id) as old, stage.gateway.client() as new:
        token = (await old.until("match.found"))["resume_token"]
        await old.until_state()
        assert (await new.ask("resume", resume_token=token, last_tick=3))["t"] == "resumed"
        assert await farewell(old) == ("SUPERSEDED", False, 4409)
        stage.session.push(seat.match.match_id, DELTA)
        assert await new.until_state() == SNAPSHOT
        assert await new.until_state() == DELTA


async def test_of_two_resumes_racing_exactly_one_wins(stage: Stage) -> None:
    seat = Seat(stage)
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(stage.gateway.client()) for _ in range(2)]
        answers = await asyncio.gather(
            *(client.ask("resume", resume_token=seat.token, last_tick=3) for client in clients)
        )
        assert sorted(answer["t"] for answer in answers) == ["error", "resumed"]


async def test_a_resume_after_the_end_gives_the_result_and_keeps_the_socket(stage: Stage) -> None:
    seat = Seat(stage)
    del stage.redis.routes[seat.match.match_id]
    stage.session.results[seat.match.match_id] = stored_result(seat.match.match_id, [seat.player_id])
    async with stage.gateway.client() as client:
        answer = await client.ask("resume", resume_token=seat.token, last_tick=3)
        assert (answer["t"], answer["match_id"]) == ("match.result", seat.match.match_id)
        assert (await client.ask("ping", ts=1))["t"] == "pong"


@pytest.mark.parametrize(
    ("shown_name", "stored_name", "next_name"),
    [("가람", "Mina", "가람"), ("", "Mina", "Mina"), ("dead", "Mina", "Mina"), ("", "", "")],
    ids=["the token's", "the stored one", "the stored one beside a dead token", "a guest's"],
)
async def test_the_next_join_after_a_resume_into_a_finished_match_has_a_name(
    stage: Stage, shown_name: str, stored_name: str, next_name: str
) -> None:
    seat = Seat(stage)
    del stage.redis.routes[seat.match.match_id]
    result = stored_result(seat.match.match_id, [seat.player_id])
    result.player_name = stored_name
    stage.session.results[seat.match.match_id] = result
    shown = {"token": token_of(seat.player_id, shown_name)} if shown_name else {}
    if shown_name == "dead":
        shown = {"token": "dead"}
    async with stage.gateway.client() as client:
        await client.ask("resume", resume_token=seat.token, last_tick=3, **shown)
        assert (await client.ask("queue.join", mode="duel"))["t"] == "queue.joined"
        _, wish = stage.matchmaking.ticket_of(seat.player_id)
    assert wish.name == (next_name or guest_name(seat.player_id))


async def test_a_resume_without_an_id_into_an_aborted_match_gives_its_result(stage: Stage) -> None:
    seat = Seat(stage)
    del stage.redis.routes[seat.match.match_id]
    stage.session.results[seat.match.match_id] = pb.MatchResult(
        match_id=seat.match.match_id, status=common_pb2.MATCH_STATUS_ABORTED, abort_code="SESSION_DRAINING"
    )
    async with stage.gateway.client() as client:
        await client.send("resume", resume_token=seat.token, last_tick=3)
        answer = await client.recv()
        assert isinstance(answer, dict)
        assert (answer["t"], answer["status"]) == ("match.result", "aborted")


async def test_a_resume_is_unavailable_while_nobody_can_tell_whether_the_match_is_over(stage: Stage) -> None:
    seat = Seat(stage)
    stage.session.matches.clear()
    stage.session.results[seat.match.match_id] = Unavailable()
    async with stage.gateway.client() as client:
        assert await refusal(client, seat.token) == ("UNAVAILABLE", 4503)


async def test_a_resume_to_a_server_without_the_match_is_lost(stage: Stage) -> None:
    seat = Seat(stage)
    stage.session.matches.clear()
    async with stage.gateway.client() as client:
        assert await refusal(client, seat.token) == ("SESSION_LOST", 4410)


async def test_a_resume_to_a_dead_server_is_decided_within_two_seconds(stage: Stage) -> None:
    seat = Seat(stage)
    await stage.process.kill()
    loop = asyncio.get_running_loop()
    asked_at_s = loop.time()
    async with stage.gateway.client() as client:
        assert await refusal(client, seat.token) == ("SESSION_LOST", 4410)
    assert loop.time() - asked_at_s < 3.0


async def test_a_resume_while_redis_is_down_is_unavailable(stage: Stage) -> None:
    seat = Seat(stage)
    stage.redis.is_down = True
    async with stage.gateway.client() as client:
        assert await refusal(client, seat.token) == ("UNAVAILABLE", 4503)
