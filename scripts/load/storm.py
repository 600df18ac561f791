"""gateway 하나를 죽이고, 거기 있던 모두가 남은 gateway에서 판을 잇기까지를 잰다.

로컬 런타임의 구성에만 쓴다. 어떻게 끝나든 죽인 것을 되살린다.
"""

from __future__ import annotations

import asyncio
import time

from hanpan_client import Account, Backoff, Disconnected, HanpanClient, MatchStart, Reconnected
from load.crowd import connected, make_client, make_guests
from load.figures import Report, Spread
from load.processes import UseMeter
from load.scenarios import SETTLE_S, Target
from stack.selection import open_stack
from stack.session import restore_services

DYING, REMAINING = "gateway1", "gateway2"
START_LIMIT_S = 120.0
BACK_LIMIT_S = 60.0


async def resume_storm(target: Target, *, project: str, players: int) -> Report:
    """`players`명이 모두 gateway1에서 판을 하는 중에 gateway1을 죽인다."""
    stack = open_stack("e2e", project, default="local")
    watched = {name: pid for name, pid in target.pids.items() if name not in {DYING, REMAINING}}
    accounts = await make_guests(target.base_url, players + 1, target.seed)
    try:
        stack.stop(REMAINING)
        async with connected(target.ws_url, accounts[:-1], target.seed, reconnect=Backoff()) as clients:
            stack.start(REMAINING)
            await _until_served_by(REMAINING, target, accounts[-1])
            remaining_pid = stack.status()[REMAINING].pid or 0
            await asyncio.gather(*(client.join("duel") for client in clients))
            await asyncio.gather(
                *(client.wait_for(MatchStart, timeout_s=START_LIMIT_S) for client in clients)
            )
            await asyncio.sleep(SETTLE_S)
            meter = UseMeter({**watched, REMAINING: remaining_pid})
            began_s = time.perf_counter()
            stack.kill(DYING)
            returns = await asyncio.gather(*(_return(client, began_s) for client in clients))
            elapsed_s = time.perf_counter() - began_s
            uses = meter.uses()
    finally:
        restore_services(stack)
    report = Report(title=f"{DYING}의 {players}명이 한꺼번에 resume", elapsed_s=elapsed_s, uses=uses)
    first_cut_s = min(cut_s for cut_s, _, _ in returns)
    last_back_s = max(back_s for _, back_s, _ in returns)
    report.facts["끊긴 때부터 모두 돌아올 때까지"] = f"{last_back_s - first_cut_s:.2f} s"
    report.facts["resume의 속도"] = f"{players / (last_back_s - first_cut_s):,.0f}/s"
    report.facts["resume이 아닌 hello로 돌아옴"] = str(sum(not resumed for _, _, resumed in returns))
    report.facts["다시 이은 횟수의 최대"] = str(max(client.reconnects for client in clients))
    report.spreads_ms["끊긴 때부터 resumed까지"] = Spread.of(
        (back_s - cut_s) * 1000 for cut_s, back_s, _ in returns
    )
    return report


async def _return(client: HanpanClient, began_s: float) -> tuple[float, float, bool]:
    """끊긴 때와 돌아온 때(초, `began_s`부터), resume으로 돌아왔는가."""
    await client.wait_for(Disconnected, timeout_s=BACK_LIMIT_S)
    cut_s = time.perf_counter() - began_s
    back = await client.wait_for(Reconnected, timeout_s=BACK_LIMIT_S)
    return cut_s, time.perf_counter() - began_s, back.resumed


async def _until_served_by(name: str, target: Target, scout: Account) -> None:
    """LB가 그 gateway로 보낼 때까지 붙어 본다."""
    async with asyncio.timeout(START_LIMIT_S):
        served_by = ""
        while served_by != name:
            client = make_client(target.ws_url, scout, target.seed)
            await client.connect()
            served_by = client.gateway
            await client.close()
