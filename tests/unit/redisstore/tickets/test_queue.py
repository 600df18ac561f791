"""줄의 저장소가 묻는 것과 답을 옮기는 법. 스크립트의 뜻은 진짜 Redis의 시험(tests/it/redisstore)이 본다."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from kernel.errors import Unavailable
from redisstore.client import AsyncRedis
from redisstore.gate import RedisGate
from redisstore.tickets.queue import QueueStore
from redisstore.tickets.rows import Cancelled, Held, Joined, NewTicket, TicketCancelRequest

NOW_MS = 10_000


class ToldRedis:
    """묶음마다 미리 적어 둔 답을 차례로 주고, 물은 것을 적는다."""

    def __init__(self, *batches: list[Any]) -> None:
        self._batches = list(batches)
        self.asked: list[tuple[Any, ...]] = []

    def pipeline(self, *, transaction: bool) -> ToldRedis:
        """명령을 모으는 것도 이것이 한다."""
        assert not transaction
        return self

    def evalsha(self, _sha: str, key_count: int, *rest: Any) -> None:
        """스크립트의 부름 하나."""
        self.asked.append((*rest[:key_count], *rest[key_count:]))

    def hget(self, *command: str) -> None:
        """칸 하나의 읽기."""
        self.asked.append(command)

    async def mget(self, names: list[str]) -> Any:
        """가드들의 읽기."""
        self.asked.append(tuple(names))
        return self._batches.pop(0)

    async def execute(self, *, raise_on_error: bool = True) -> list[Any]:
        """다음 묶음의 답."""
        return self._batches.pop(0)


def queue_on(redis: ToldRedis) -> QueueStore:
    return QueueStore(RedisGate(cast(AsyncRedis, redis)), "kr", ticket_timeout_ms=60_000)


def ticket(ticket_id: str, **more: Any) -> NewTicket:
    return NewTicket(
        ticket_id=ticket_id, player_id=f"p-{ticket_id}", name="별", mode="duel", gateway_id="gw",
        conn_id=7, request_key="k", **more,
    )  # fmt: skip


async def test_each_join_has_its_own_answer_and_one_failure_stays_in_its_place() -> None:
    redis = ToldRedis([
        ["JOINED", "t1", NOW_MS, NOW_MS + 500],
        RedisConnectionError("gone"),
        ["HELD", "match:m1"],
        ["HELD", "ticket:t0"],
    ])  # fmt: skip
    one, two, three, four = await queue_on(redis).join([ticket(f"t{n}") for n in range(1, 5)])
    assert one == Joined("t1", NOW_MS, 59_500)
    assert isinstance(two, Unavailable)
    assert three == Held("m1")
    assert four == Held("")


async def test_a_join_says_all_of_its_ticket_by_name() -> None:
    redis = ToldRedis([["JOINED", "t1", NOW_MS, NOW_MS]])
    await queue_on(redis).join([ticket("t1", rating=1500.5, traceparent="00-a", is_bot=True)])
    [(*_, args)] = redis.asked
    assert json.loads(args) == {
        "ticket_id": "t1", "player_id": "p-t1", "name": "별", "mode": "duel", "rating": "1500.5",
        "gateway_id": "gw", "conn_id": "7", "traceparent": "00-a", "keep_ms": "120000",
        "reply_ttl_ms": "60000", "lease_ms": "6000", "bot": "1",
    }  # fmt: skip


async def test_a_fault_of_ours_in_one_join_is_raised() -> None:
    redis = ToldRedis([ResponseError("WRONGTYPE Operation against a key")])
    with pytest.raises(ResponseError):
        await queue_on(redis).join([ticket("t1")])


async def test_a_cancel_that_knows_its_ticket_and_mode_asks_once() -> None:
    redis = ToldRedis([["CANCELLED", "gw", "7"]])
    [gone] = await queue_on(redis).cancel([TicketCancelRequest("p1", "t1", "duel", owner_conn_id=7)])
    assert gone == Cancelled("t1", "gw", 7)
    assert redis.asked == [("{mm:kr}:player:p1", "{mm:kr}:ticket:t1", "{mm:kr}:queue:duel", "t1", "p1", 7)]


async def test_a_cancel_of_any_ticket_looks_up_its_name_and_mode_first() -> None:
    redis = ToldRedis(["ticket:t9", None], ["duel"], [["CANCELLED", "gw", "7"], ["NOT_QUEUED"]])
    gone = await queue_on(redis).cancel([TicketCancelRequest("p1"), TicketCancelRequest("p2")])
    assert gone == [Cancelled("t9", "gw", 7), None]
    assert redis.asked[:2] == [
        ("{mm:kr}:player:p1", "{mm:kr}:player:p2"),
        ("{mm:kr}:ticket:t9", "mode"),
    ]


async def test_dropping_no_names_asks_nothing() -> None:
    redis = ToldRedis()
    await queue_on(redis).drop_ghosts("duel", [])
    assert redis.asked == []
