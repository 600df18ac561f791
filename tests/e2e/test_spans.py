"""스팬의 나무: 모든 프로세스가 OTLP로 보낸 것을 받아 클릭부터 COMMIT까지를 본다(design/tracing.md)."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from urllib.request import Request, urlopen

from hanpan_client import HanpanApiError, HanpanClient
from stack.runtime import Runtime
from tests.e2e.players import BASE_URL, WAIT_S, Lobby, ended, meet, new_trace
from tests.fakes.otlp_receiver import OtlpReceiver, SeenSpan

Paths = dict[tuple[str, ...], SeenSpan]

CLICK = ("gateway ws queue.join",)
JOIN_CALL = (*CLICK, "gateway /hanpan.v1.MatchmakingService/Join")
ENQUEUE = (*CLICK, "matchmaking ticket.enqueue")
WAIT = (*ENQUEUE, "matchmaking queue.wait")
CLAIM = (*WAIT, "matchmaking match.claim")
MAKE = (*CLAIM, "matchmaking match.make")
ALLOCATE = (*MAKE, "matchmaking match.allocate")
CREATE = (*MAKE, "matchmaking match.create")
CREATE_CALL = (*CREATE, "matchmaking /hanpan.v1.SessionService/CreateMatches")
OPEN = (*MAKE, "session match.open")
MATCH = (*OPEN, "session match")
FINALIZE = (*MATCH, "session match.finalize")
FOUND = (*CLICK, "gateway match.found")
ATTACH = (*FOUND, "session seat.attach")
PLAYED = (*ATTACH, "session seat.played")

# 가장 오래 기다린 선수의 추적. 이 길들이 하나도 빠지지 않아야 한다.
LEADER_TREE = {
    CLICK, JOIN_CALL, (*JOIN_CALL, "matchmaking /hanpan.v1.MatchmakingService/Join"),
    ENQUEUE, (*ENQUEUE, "matchmaking redis ticket_join"), (*ENQUEUE, "matchmaking SELECT"),
    WAIT, CLAIM, MAKE, ALLOCATE, (*ALLOCATE, "matchmaking redis server_allocate"),
    CREATE, CREATE_CALL, (*CREATE_CALL, "session /hanpan.v1.SessionService/CreateMatches"),
    OPEN, (*OPEN, "session redis server_confirm"), (*OPEN, "session redis match_open"),
    (*MAKE, "matchmaking redis match_settle"),
    MATCH, FINALIZE, (*FINALIZE, "session INSERT"), (*FINALIZE, "session COMMIT"),
    FOUND, ATTACH, PLAYED,
}  # fmt: skip
# 함께 앉은 선수의 추적. 판은 link로 이어진다.
FOLLOWER_TREE = {CLICK, JOIN_CALL, ENQUEUE, WAIT, FOUND, ATTACH, PLAYED}
RETURN_WAIT_S = 30.0
SECRET = re.compile(r"eyJ[\w-]{8,}|rs1\.|Bearer ")


async def until(spans: OtlpReceiver, trace_id: str, is_whole: Callable[[Paths], bool]) -> Paths:
    """그 추적이 다 올 때까지 기다린다."""
    paths: Paths = {}
    try:
        async with asyncio.timeout(WAIT_S):
            while not is_whole(paths := spans.paths(trace_id)):  # noqa: ASYNC110 - 알려 줄 이가 없다
                await asyncio.sleep(0.1)
    except TimeoutError:
        tree = "\n".join(" > ".join(path) for path in sorted(paths))
        raise AssertionError(f"추적이 다 오지 않았다:\n{tree}") from None
    return paths


async def test_the_tree_of_one_whole_match_runs_parent_by_parent_from_the_click_to_the_commit(
    spans: OtlpReceiver,
) -> None:
    async with Lobby() as lobby:
        one, two = await lobby.apart()
        trace_id, traceparent = new_trace()
        other_id, other_parent = new_trace()
        await one.join("duel", trace=traceparent)
        await two.join("duel", trace=other_parent)
        await one.wait_state(lambda world: world.tick > 0, timeout_s=WAIT_S)
        assert one.match_id is not None
        match_id = one.match_id
        await ended(two, match_id)
        leader = await until(spans, trace_id, lambda paths: paths.keys() >= LEADER_TREE)
        follower = await until(spans, other_id, lambda paths: paths.keys() >= FOLLOWER_TREE)

    click = leader[CLICK]
    assert click.parent_id == traceparent.split("-")[2], "뿌리의 부모는 클라이언트가 말한 스팬이다"
    assert not any(span.failed for span in (*leader.values(), *follower.values()))
    assert {leader[path].attributes["hanpan.match_id"] for path in (WAIT, CLAIM, MATCH)} == {match_id}

    match = leader[MATCH]
    assert follower[WAIT].span_id in leader[CLAIM].links, "함께 잡힌 선수의 기다림"
    assert match.span_id in leader[PLAYED].links
    assert match.span_id in follower[PLAYED].links
    assert leader[OPEN].span_id in follower[ATTACH].links
    assert 3.5 < (match.end_ns - match.start_ns) / 1e9 < 6, "판의 스팬은 판만큼 길다"

    order = [click, leader[ENQUEUE], leader[MAKE], leader[CREATE], leader[OPEN], leader[FINALIZE]]
    starts = [span.start_ns for span in order]
    assert starts == sorted(starts)
    assert not [span for span in spans.spans() if SECRET.search(str(span.attributes))], "스팬에 비밀이 없다"


async def test_a_web_request_is_traced_into_its_sql(spans: OtlpReceiver) -> None:
    trace_id, traceparent = new_trace()

    def become_a_guest() -> str:
        request = Request(  # noqa: S310 - 우리 LB의 주소다
            f"{BASE_URL}/api/v1/auth/guest",
            data=b"{}",
            method="POST",
            headers={"Content-Type": "application/json", "traceparent": traceparent},
        )
        with urlopen(request, timeout=WAIT_S) as answer:  # noqa: S310
            return str(json.load(answer)["player_id"])

    player_id = await asyncio.to_thread(become_a_guest)
    paths = await until(
        spans, trace_id, lambda paths: any(path[-1] == "platform INSERT" and len(path) == 2 for path in paths)
    )
    [root] = [path[0] for path in paths if len(path) == 1]
    assert root.startswith("platform POST")
    assert not any(player_id in str(span.attributes) for span in paths.values()), "값은 적지 않는다"


async def test_a_resume_is_traced_to_the_new_seat(spans: OtlpReceiver) -> None:
    async with Lobby() as lobby:
        one, two = await lobby.apart()
        match_id = (await meet(one, two))[0].match_id
        await one.wait_state(lambda world: world.tick > 0, timeout_s=WAIT_S)
        trace_id, traceparent = new_trace()
        back = await lobby.raw()
        await back.ask("resume", "resumed", resume_token=one.resume_token, last_tick=0, trace=traceparent)
        await ended(two, match_id)
        resume = ("gateway ws resume",)
        tree = {resume, (*resume, "gateway redis resume_rotate"), (*resume, "session seat.attach")}
        await until(spans, trace_id, lambda paths: paths.keys() >= tree)


async def test_only_failed_traces_are_kept_of_those_not_sampled(faults: Runtime, spans: OtlpReceiver) -> None:
    async with Lobby() as lobby:
        socket = await lobby.greeted()
        refused_id, refused_parent = new_trace(sampled=False)
        refusal = await socket.ask("queue.join", "queue.joined", mode="chess", trace=refused_parent)
        assert refusal["code"] == "INVALID_ARGUMENT"
        await asyncio.to_thread(faults.kill, "matchmaking")
        failed_id, failed_parent = new_trace(sampled=False)
        failure = await socket.ask("queue.join", "queue.joined", mode="duel", trace=failed_parent)
        assert (failure["code"], failure["trace_id"]) == ("UNAVAILABLE", failed_id)
        paths = await until(spans, failed_id, lambda paths: CLICK in paths)
        assert paths[CLICK].failed
        assert paths[CLICK].attributes["hanpan.code"] == "UNAVAILABLE"
        assert spans.spans(refused_id) == [], "선수의 잘못은 남기지 않는다"

        await asyncio.to_thread(faults.start, "matchmaking")
        async with asyncio.timeout(RETURN_WAIT_S):  # 두 gateway가 모두 줄을 다시 이을 때까지
            for client in await lobby.apart():
                await stand_in_line(client)


async def stand_in_line(client: HanpanClient) -> None:
    """이 선수의 gateway가 matchmaking에 줄을 이어 join을 받을 때까지 청하고, 받으면 나온다."""
    while True:
        try:
            await client.join("duel")
        except HanpanApiError as error:
            if error.code != "UNAVAILABLE":
                raise
            await asyncio.sleep(error.retry_after_s or 0.2)
        else:
            await client.cancel()
            return
