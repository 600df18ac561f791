"""두 소켓, 한 선수: LB를 지나 서로 다른 gateway에서도 기다림과 판과 결과는 선수의 것이다."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import cycle

import pytest

from hanpan_client import Account, MatchFound, MatchResult, QueueCancelled, QueueJoined
from tests.e2e.players import Lobby, RawSocket, ended, found_together, meet

NOTICED_WITHIN_S = 7.0  # 5초와 망의 여유


async def waiting_socket(lobby: Lobby, account: Account) -> tuple[RawSocket, str, str]:
    """줄에 선 소켓과 그 gateway와 표."""
    socket = await lobby.raw()
    welcome = await socket.ask("hello", "welcome", token=account.access_token)
    joined = await socket.ask("queue.join", "queue.joined", mode="duel")
    return socket, welcome["gateway"], joined["ticket_id"]


@pytest.mark.parametrize("old_tcp", ["alive", "half open", "closed"])
async def test_the_newest_socket_owns_the_waiting_and_gets_the_match(old_tcp: str) -> None:
    """같은 gateway에서도 다른 gateway에서도."""
    async with Lobby() as lobby:
        seen: set[bool] = set()
        for parked in cycle(range(3)):
            account = await lobby.guest()
            old, gateway, ticket_id = await waiting_socket(lobby, account)
            # LB는 빈 쪽부터 고른다: 세워 둔 소켓의 수로 새 소켓이 갈 곳을 흔든다.
            await lobby.crowd(parked)
            if old_tcp == "half open":
                old.socket.transport.pause_reading()
            if old_tcp == "closed":
                await old.socket.close()  # 줄을 떠나겠다는 말 없이
            new = await lobby.client(account)
            seen.add(new.gateway == gateway)
            taken = await new.wait_for(QueueJoined)
            assert (taken.ticket_id, taken.mode) == (ticket_id, "duel")
            if old_tcp == "alive":
                assert (await old.next("bye"))["code"] == "SUPERSEDED"
                assert await old.close_code() == 4409
            rival = await lobby.client()
            await rival.join("duel")
            match_id = (await found_together(new, rival))[0].match_id
            await new.wait_state(lambda world: world.tick > 0)
            await new.leave(match_id)
            if len(seen) == 2:
                return


async def test_a_cancel_from_another_socket_leaves_no_ghost() -> None:
    async with Lobby() as lobby:
        account = await lobby.guest()
        owner, other = await lobby.apart(account, account)
        # 둘째의 hello는 기다림이 없을 때였다. 이제 첫째가 선다.
        joined = await owner.join("duel")
        assert (await other.cancel()).ticket_id == joined.ticket_id
        assert (await owner.wait_for(QueueCancelled)).ticket_id == joined.ticket_id
        for client in (owner, other):
            await client.join("duel")
            await client.cancel()


async def test_a_half_open_socket_does_not_wait_for_long() -> None:
    """대기표가 거두어져, 먼저 붙어 있던 다른 소켓이 새로 줄을 설 수 있다."""
    async with Lobby() as lobby:
        account = await lobby.guest()
        other = await lobby.greeted(account)
        half_open, _, ticket_id = await waiting_socket(lobby, account)
        half_open.socket.transport.pause_reading()
        async with asyncio.timeout(NOTICED_WITHIN_S):
            while (answer := await other.ask("queue.join", "queue.joined", mode="duel"))["t"] == "error":
                assert answer["code"] == "ALREADY_QUEUED"
                await asyncio.sleep(0.2)
        assert answer["ticket_id"] != ticket_id


async def test_a_closed_socket_gives_its_place_up_after_a_while() -> None:
    async with Lobby() as lobby:
        account = await lobby.guest()
        other = await lobby.greeted(account)
        gone, _, ticket_id = await waiting_socket(lobby, account)
        await gone.socket.close()
        refusals = 0
        async with asyncio.timeout(NOTICED_WITHIN_S):
            while (answer := await other.ask("queue.join", "queue.joined", mode="duel"))["t"] == "error":
                assert answer["code"] == "ALREADY_QUEUED"
                refusals += 1
                await asyncio.sleep(0.2)
        assert answer["ticket_id"] != ticket_id
        assert refusals > 0, "돌아올 틈에는 그대로 기다린다"


async def test_a_closed_client_leaves_the_line_at_once() -> None:
    """SDK의 닫기는 줄을 떠나겠다는 말이다."""
    async with Lobby() as lobby:
        account = await lobby.guest()
        other = await lobby.greeted(account)
        leaver = await lobby.client(account)
        await leaver.join("duel")
        await leaver.close()
        started_s = asyncio.get_running_loop().time()
        while (answer := await other.ask("queue.join", "queue.joined", mode="duel"))["t"] == "error":
            assert answer["code"] == "ALREADY_QUEUED"
            assert asyncio.get_running_loop().time() - started_s < 2.0, "돌아올 틈을 기다렸다"
            await asyncio.sleep(0.02)


async def test_hello_after_the_end_gives_the_result_once() -> None:
    async with Lobby() as lobby:
        account = await lobby.guest()
        gone, rival = await lobby.client(account), await lobby.client()
        match_id = (await meet(gone, rival))[0].match_id
        await gone.close()
        result = await ended(rival, match_id)
        back = await lobby.client(account)
        missed = await back.wait_for(MatchResult)
        assert (missed.match_id, missed.results) == (match_id, result.results)
        await back.ping()
        await back.close()
        again = await lobby.greeted(account)
        await again.send({"t": "queue.join", "mode": "duel"})
        assert (await again.next("queue.joined", "match.result", "match.aborted"))["t"] == "queue.joined"


async def test_the_name_survives_a_resume_of_an_ended_match() -> None:
    async with Lobby() as lobby:
        account = await lobby.guest("Mina")
        gone, rival = await lobby.client(account), await lobby.client()
        match_id = (await meet(gone, rival))[0].match_id
        await gone.wait_state(lambda world: world.tick > 0)
        token = gone.resume_token
        gone.sever()
        await gone.close()
        await ended(rival, match_id)
        back = await lobby.raw()
        await back.ask("resume", "match.result", resume_token=token, last_tick=0, token="expired")
        await back.ask("queue.join", "queue.joined", mode="duel")
        await rival.join("duel")
        found = await rival.wait_for(MatchFound, where=lambda each: each.match_id != match_id)
        assert "Mina" in {player.name for player in found.players}
        await ended(rival, found.match_id)


async def test_inputs_written_as_floats_move_the_player() -> None:
    async with Lobby() as lobby:
        one, rival = await lobby.greeted(), await lobby.client()
        await one.ask("queue.join", "queue.joined", mode="duel")
        await rival.join("duel")
        await one.next("match.start")
        await one.send('{"t":"input","seq":1.0,"dx":1.0,"dy":0.0}')
        await one.send('{"t":"input","id":7.0,"seq":2.0,"dx":1.5,"dy":0.0}')
        refused = await one.next("error")
        assert (refused["code"], refused["re"]) == ("INVALID_ARGUMENT", 7)


async def test_one_player_keeps_five_sockets_on_a_gateway_and_the_newest_still_plays() -> None:
    """LB를 지나 여러 gateway에 흩어져도, gateway마다 다섯을 넘지 않는다."""
    async with Lobby() as lobby:
        account, per_gateway = await lobby.guest(), Counter[str]()
        sockets = []
        for _ in range(30):
            socket = await lobby.raw()
            welcome = await socket.ask("hello", "welcome", token=account.access_token)
            per_gateway[welcome["gateway"]] += 1
            sockets.append(socket)
        gone = sum(max(0, count - 5) for count in per_gateway.values())
        async with asyncio.timeout(NOTICED_WITHIN_S):
            while sum(each.socket.close_code == 4409 for each in sockets) != gone:  # noqa: ASYNC110 - 알려 줄 이가 없다
                await asyncio.sleep(0.05)
        assert {each.socket.close_code for each in sockets} == {None, 4409}
        player, rival = await lobby.client(account), await lobby.client()
        match_id = (await meet(player, rival))[0].match_id
        await ended(player, match_id)
