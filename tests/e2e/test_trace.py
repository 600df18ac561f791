"""한 추적 번호: 클라이언트의 traceparent가 gateway, matchmaking, session의 로그와 저장된 결과까지 간다."""

from __future__ import annotations

import asyncio
import json

from stack.runtime import Runtime
from tests.e2e.players import WAIT_S, Lobby, ended, meet, new_trace

PROCESSES = ("gateway1", "gateway2", "matchmaking", "session1", "session2", "platform")
JOIN_FLOW = {
    ("gateway", "match.found"), ("matchmaking", "match.made"), ("session", "match.created"),
    ("session", "seat.attach"), ("session", "match.ended"), ("session", "match.finalized"),
}  # fmt: skip
FEW_TICKS, MANY_TICKS, INPUTS = 5, 45, 40
LINES_MEANWHILE = 10  # 다른 시험이 남긴 뒷일과 배경의 일이 적을 수 있다
RESUME_FLOW = {("gateway", "match.resumed"), ("session", "seat.attach")}


def lines_of(stack: Runtime, trace_id: str) -> list[dict[str, str]]:
    """모든 프로세스의 로그에서 그 추적의 줄들."""
    return [
        json.loads(line)
        for name in PROCESSES
        for line in stack.logs(name).splitlines()
        if trace_id in line and line.startswith("{")
    ]


async def until_logged(stack: Runtime, trace_id: str, flow: set[tuple[str, str]]) -> list[dict[str, str]]:
    """그 추적의 흐름이 모두 적힐 때까지 기다린다."""
    missing = flow
    async with asyncio.timeout(WAIT_S):
        while True:
            lines = await asyncio.to_thread(lines_of, stack, trace_id)
            missing = flow - {(line["service"], line["event"]) for line in lines}
            if not missing:
                return lines
            await asyncio.sleep(0.2)


async def test_one_trace_runs_from_the_click_through_three_processes_to_the_commit(stack: Runtime) -> None:
    async with Lobby() as lobby:
        one, two = await lobby.apart()
        trace_id, traceparent = new_trace()
        await one.join("duel", trace=traceparent)
        await two.join("duel")
        await one.wait_state(lambda world: world.tick > 0, timeout_s=WAIT_S)
        assert one.match_id is not None
        match_id, resume_token = one.match_id, one.resume_token

        resumed_id, resumed_parent = new_trace()
        back = await lobby.raw()
        answer = await back.ask(
            "resume", "resumed", resume_token=resume_token, last_tick=0, trace=resumed_parent
        )
        assert answer["t"] == "resumed"
        await ended(two, match_id)
        lines = await until_logged(stack, trace_id, JOIN_FLOW)
        assert {line["match_id"] for line in lines if "match_id" in line} == {match_id}
        resumed = await until_logged(stack, resumed_id, RESUME_FLOW)
        assert {line["match_id"] for line in resumed} == {match_id}
        assert answer["gateway"] in {line["instance"] for line in resumed}


async def test_an_error_tells_the_trace_of_the_request(stack: Runtime) -> None:
    async with Lobby() as lobby:
        socket = await lobby.greeted()
        trace_id, traceparent = new_trace()
        error = await socket.ask("queue.cancel", "queue.cancelled", trace=traceparent)
        assert (error["code"], error["trace_id"]) == ("NOT_QUEUED", trace_id)


async def test_a_match_leaves_the_same_few_lines_however_many_ticks_and_inputs_it_has(stack: Runtime) -> None:
    def lines() -> int:
        return sum(len(stack.logs(name).splitlines()) for name in PROCESSES)

    async with Lobby() as lobby:
        one, two = await lobby.client(), await lobby.client()
        match_id = (await meet(one, two))[0].match_id
        await one.wait_state(lambda world: world.tick > FEW_TICKS, timeout_s=WAIT_S)
        before = await asyncio.to_thread(lines)
        for step in range(INPUTS):
            await one.send_input(dx=step % 3 - 1, dy=0)
        world = await one.wait_state(lambda world: world.tick > MANY_TICKS, timeout_s=WAIT_S)
        assert await asyncio.to_thread(lines) - before < LINES_MEANWHILE, f"{world.tick}틱 동안"
        await ended(two, match_id)
