"""판: 찾음, 시작, 상태, 입력, 포기, 결과, 무효, 그리고 hello로 돌아옴."""

from __future__ import annotations

import asyncio

import pytest

from hanpan.v1 import common_pb2
from hanpan.v1 import session_pb2 as pb
from kernel.errors import MatchNotOver, NotFound, NotInMatch, PermissionDenied, SessionLost
from kernel.ids import new_id
from tests.fakes.gateway_stage import Stage
from tests.fakes.session_server import DELTA, SCHEMA_FIELDS, SETUP_FIELDS, SNAPSHOT


def stored_result(match_id: str, player_ids: list[str]) -> pb.MatchResult:
    """끝난 판의 결과."""
    rows = [
        common_pb2.PlayerResult(
            player_id=player_id, place=place, score=9 - place, rating_before=1500.0, rating_after=1510.5
        )
        for place, player_id in enumerate(player_ids, start=1)
    ]
    return pb.MatchResult(
        match_id=match_id, status=common_pb2.MATCH_STATUS_FINALIZED, already_finalized=True, results=rows
    )


async def test_two_players_are_found_and_see_the_match_start(stage: Stage) -> None:
    one, two = new_id(), new_id()
    async with stage.gateway.player(one) as a, stage.gateway.player(two) as b:
        tickets = {}
        for player_id, client in ((one, a), (two, b)):
            await client.ask("queue.join", mode="duel")
            ticket_id, request = stage.matchmaking.ticket_of(player_id)
            tickets[player_id] = (player_id, ticket_id, request.conn_id)
        match_id = new_id()
        stage.matchmaking.notify("gateway1", stage.found_event(match_id, list(tickets.values())))
        for player_id, client in ((one, a), (two, b)):
            found = await client.until("match.found")
            assert found["match_id"] == match_id
            assert (found["mode"], found["session"], found["tick_rate_hz"]) == ("duel", "session1", 20)
            assert found["players"] == [
                {"player_id": one, "name": "선수0", "rating": 1500.0, "is_bot": False},
                {"player_id": two, "name": "선수1", "rating": 1500.0, "is_bot": True},
            ]
            assert found["resume_token"].startswith(f"rs1.{match_id}.{player_id}.")
            start = await client.until("match.start")
            assert start == {
                "t": "match.start",
                "match_id": match_id,
                "tick": 7,
                "schema": SCHEMA_FIELDS,
                "entities": {"0": one, "1": two},
                "setup": SETUP_FIELDS,
                "starts_in_ms": 0,
            }
            assert await client.until_state() == SNAPSHOT
        assert {attach.epoch for attach in stage.session.items("attach")} == {1}


async def test_a_match_found_told_twice_is_pushed_once(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as client:
        match_id = await stage.play({player_id: client})
        (_, conn_id) = stage.session.matches[match_id].seats[player_id]
        stage.matchmaking.notify("gateway1", stage.found_event(match_id, [(player_id, "t", conn_id)]))
        await client.ask("ping", ts=1)
        assert not [frame for frame in client.kept if isinstance(frame, dict)]
        assert len(stage.session.items("attach")) == 1


async def test_state_frames_pass_through_untouched_and_in_order(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as client:
        match_id = await stage.play({player_id: client})
        frames = [DELTA + bytes([number]) for number in range(10)]
        stage.session.push(match_id, *frames)
        assert [await client.until_state() for _ in frames] == frames


async def test_an_input_goes_to_the_session_server_in_the_order_of_the_mode(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as client:
        await stage.play({player_id: client})
        await client.send("input", seq=1, dy=-1, dx=1)
        await client.send("input", seq=2, dx=0, dy=0)
        await stage.session.wait_for(lambda: len(stage.session.items("input")) == 2)
        first, second = stage.session.items("input")
        assert (first.seq, list(first.values)) == (1, [1, -1])
        assert (second.seq, list(second.values)) == (2, [0, 0])


@pytest.mark.parametrize("bad", [{"dx": 2, "dy": 0}, {"dx": 0}, {"dx": "1", "dy": 0}, {"dx": 0.5, "dy": 0}])
async def test_an_input_against_the_mode_never_leaves_the_gateway(
    stage: Stage, bad: dict[str, object]
) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as client:
        await stage.play({player_id: client})
        assert (await client.ask("input", seq=1, **bad))["code"] == "INVALID_ARGUMENT"
        await client.send("input", seq=2, dx=0, dy=0)
        await stage.session.wait_for(lambda: bool(stage.session.items("input")))
        assert [item.seq for item in stage.session.items("input")] == [2]


async def test_a_quick_frame_never_overtakes_a_slow_request_before_it(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as client:
        match_id = await stage.play({player_id: client})
        for number in range(20):
            await client.send("finalize", id=f"slow-{number}", match_id=match_id)
            await client.send("ping", id=f"quick-{number}", ts=number)
        answers = [
            frame["re"] for frame in [await client.recv() for _ in range(40)] if isinstance(frame, dict)
        ]
        assert answers == [f"{kind}-{number}" for number in range(20) for kind in ("slow", "quick")]


async def test_inputs_of_one_turn_travel_together(stage: Stage) -> None:
    players = {new_id(): None for _ in range(4)}
    contexts = {player_id: stage.gateway.player(player_id) for player_id in players}
    clients = {player_id: await context.__aenter__() for player_id, context in contexts.items()}
    try:
        await stage.play(clients)
        stage.session.batches.clear()
        for seq in range(1, 26):
            await asyncio.gather(*(client.send("input", seq=seq, dx=0, dy=0) for client in clients.values()))
        await stage.session.wait_for(lambda: len(stage.session.items("input")) == 100)
        assert max(stage.session.batches) > 1
    finally:
        for context in contexts.values():
            await context.__aexit__(None, None, None)


async def test_one_who_leaves_is_told_so_and_his_socket_is_idle(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as client:
        match_id = await stage.play({player_id: client})
        assert (await client.ask("leave", match_id=new_id()))["code"] == "NOT_IN_MATCH"
        left = await client.ask("leave", match_id=match_id.upper())
        assert (left["t"], left["match_id"]) == ("match.left", match_id)
        (leave,) = stage.session.items("leave")
        assert (leave.match_id, leave.player_id) == (match_id, player_id)
        assert (await client.ask("input", seq=9, dx=0, dy=0))["code"] == "NOT_IN_MATCH"
        assert (await client.ask("leave", match_id=match_id))["code"] == "NOT_IN_MATCH"
        assert (await client.ask("queue.join", mode="duel"))["t"] == "queue.joined"


async def test_one_who_leaves_and_joins_in_one_breath_is_in_the_queue(stage: Stage) -> None:
    """답을 기다리지 않고 잇달아 보낸다: 줄에 서는 것은 놓여난 다음이다."""
    player_id = new_id()
    async with stage.gateway.player(player_id) as client:
        match_id = await stage.play({player_id: client})
        await client.send("leave", match_id=match_id)
        await client.send("queue.join", mode="duel")
        assert (await client.until("match.left"))["match_id"] == match_id
        assert (await client.until("queue.joined"))["mode"] == "duel"


async def test_one_who_leaves_a_duel_hears_its_result(stage: Stage) -> None:
    one, two = new_id(), new_id()
    async with stage.gateway.player(one) as a, stage.gateway.player(two) as b:
        match_id = await stage.play({one: a, two: b})
        conn_id = stage.session.matches[match_id].seats[one][1]
        down = stage.session.matches[match_id].seats[one][0]
        assert (await a.ask("leave", match_id=match_id))["t"] == "match.left"
        result = stored_result(match_id, [two, one])
        down.put_nowait(pb.LinkDown(controls=[pb.Control(conn_ids=[conn_id], match_result=result)]))
        assert (await a.until("match.result"))["match_id"] == match_id


async def test_a_leave_that_is_not_answered_in_time_is_answered_late_and_holds_nobody(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as client:
        match_id = await stage.play({player_id: client})
        stage.session.answers_leave = False
        down, conn_id = stage.session.matches[match_id].seats[player_id]
        await client.send("leave", match_id=match_id)
        assert (await client.ask("ping", ts=1))["t"] == "pong"
        left = pb.Left(match_id=match_id)
        down.put_nowait(pb.LinkDown(controls=[pb.Control(conn_ids=[conn_id], left=left)]))
        assert (await client.until("match.left"))["match_id"] == match_id


async def test_what_the_session_server_refuses_is_told_and_the_seat_stays(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as client:
        match_id = await stage.play({player_id: client})
        stage.session.tell(match_id, refused=pb.Refused(match_id=match_id, code=NotInMatch.code))
        assert (await client.until("error"))["code"] == "NOT_IN_MATCH"
        stage.session.push(match_id, DELTA)
        assert await client.until_state() == DELTA


async def test_a_result_ends_the_seat(stage: Stage) -> None:
    one, two = new_id(), new_id()
    async with stage.gateway.player(one) as a, stage.gateway.player(two) as b:
        match_id = await stage.play({one: a, two: b})
        result = stored_result(match_id, [two, one])
        result.already_finalized = False
        stage.session.tell(match_id, match_result=result)
        for client in (a, b):
            shown = await client.until("match.result")
            assert shown["match_id"] == match_id
            assert (shown["status"], shown["already_finalized"]) == ("finalized", False)
            assert shown["results"][0] == {
                "player_id": two,
                "place": 1,
                "score": 8,
                "rating_before": 1500.0,
                "rating_after": 1510.5,
                "conceded": False,
            }
        assert (await a.ask("input", seq=9, dx=0, dy=0))["code"] == "NOT_IN_MATCH"
        assert (await a.ask("queue.join", mode="duel"))["t"] == "queue.joined"


async def test_an_aborted_match_ends_the_seat(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as client:
        match_id = await stage.play({player_id: client})
        stage.session.tell(
            match_id, match_aborted=pb.MatchAborted(match_id=match_id, code="SESSION_DRAINING")
        )
        aborted = await client.until("match.aborted")
        assert (aborted["match_id"], aborted["code"]) == (match_id, "SESSION_DRAINING")
        assert (await client.ask("queue.join", mode="duel"))["t"] == "queue.joined"


async def test_a_join_while_seated_is_refused(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as client:
        await stage.play({player_id: client})
        assert (await client.ask("queue.join", mode="duel"))["code"] == "ALREADY_IN_MATCH"


async def test_a_second_match_plays_on_the_same_socket(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as client:
        first = await stage.play({player_id: client})
        stage.session.tell(first, match_result=stored_result(first, [player_id]))
        await client.until("match.result")
        second = await stage.play({player_id: client})
        stage.session.push(second, DELTA)
        assert await client.until_state() == DELTA
        assert second != first


async def test_a_closed_socket_leaves_its_seat_empty(stage: Stage) -> None:
    player_id = new_id()
    async with stage.gateway.player(player_id) as client:
        match_id = await stage.play({player_id: client})
        _, conn_id = stage.session.matches[match_id].seats[player_id]
    await stage.session.wait_for(lambda: bool(stage.session.items("detach")))
    assert stage.session.items("detach")[0].conn_id == conn_id


# ---- finalize


async def test_finalize_of_a_match_that_is_over_gives_its_result(stage: Stage) -> None:
    player_id, match_id = new_id(), new_id()
    stage.session.results[match_id] = stored_result(match_id, [player_id])
    async with stage.gateway.player(player_id) as client:
        for _ in range(2):
            result = await client.ask("finalize", match_id=match_id.upper())
            assert (result["t"], result["already_finalized"]) == ("match.result", True)
            assert result["match_id"] == match_id


@pytest.mark.parametrize("error", [MatchNotOver(), NotFound(), PermissionDenied()])
async def test_finalize_passes_on_why_there_is_no_result(
    stage: Stage, error: MatchNotOver | NotFound | PermissionDenied
) -> None:
    match_id = new_id()
    stage.session.results[match_id] = error
    async with stage.gateway.player(new_id()) as client:
        assert (await client.ask("finalize", match_id=match_id))["code"] == error.code


async def test_finalize_without_a_session_server_is_unavailable(stage: Stage) -> None:
    await stage.process.kill()
    async with stage.gateway.player(new_id()) as client:
        assert (await client.ask("finalize", match_id=new_id()))["code"] == "UNAVAILABLE"


async def test_an_attach_refused_after_match_found_is_settled(stage: Stage) -> None:
    player_id = new_id()
    stage.session.attach_refusal = SessionLost()
    async with stage.gateway.player(player_id) as client:
        await client.ask("queue.join", mode="duel")
        ticket_id, request = stage.matchmaking.ticket_of(player_id)
        match_id = new_id()
        event = stage.found_event(match_id, [(player_id, ticket_id, request.conn_id)])
        stage.matchmaking.notify("gateway1", event)
        await client.until("match.found")
        assert (await client.until("match.aborted"))["code"] == "SESSION_LOST"


async def test_the_trace_of_the_join_reaches_the_session_server(stage: Stage) -> None:
    trace_id, player_id = "4bf92f3577b34da6a3ce929d0e0e4736", new_id()
    async with stage.gateway.player(player_id) as client:
        await client.ask("queue.join", mode="duel", trace=f"00-{trace_id}-00f067aa0ba902b7-01")
        ticket_id, request = stage.matchmaking.ticket_of(player_id)
        event = stage.found_event(new_id(), [(player_id, ticket_id, request.conn_id)])
        stage.matchmaking.notify("gateway1", event)
        await client.until("match.start")
        assert stage.session.items("attach")[0].traceparent.split("-")[1] == trace_id
