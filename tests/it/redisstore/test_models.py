"""Lua와 모형이 어떤 순서에서도 같은지, 그리고 Lua의 지키는 줄을 하나라도 지우면 들키는지 본다.

걸음의 수는 `HANPAN_MODEL_EXAMPLES`(기본 100) x 50이다.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import pytest
from redis.exceptions import RedisError

from redisstore import results, seats
from redisstore.scripts import Script
from redisstore.servers import registry
from redisstore.tickets import claims, queue
from tests.fakes.redis_process import RedisProcess
from tests.it.redisstore.fleet_machine import FleetMachine
from tests.it.redisstore.redis_machine import RedisMachine, drive
from tests.it.redisstore.seat_machine import SeatMachine
from tests.it.redisstore.ticket_machine import TicketMachine

MUTANT_EXAMPLES = 1_000  # 대개 백 번 안에 들킨다


@pytest.mark.timeout(300)
@pytest.mark.parametrize("machine", [TicketMachine, FleetMachine, SeatMachine])
def test_the_scripts_and_their_model_agree_in_any_order(
    private_redis: RedisProcess, machine: type[RedisMachine]
) -> None:
    drive(machine, private_redis)


@dataclass(frozen=True)
class Mutation:
    """스크립트의 한 자리를 바꾼 것. `loses`는 그때 깨지는 것이다."""

    machine: type[RedisMachine]
    script: Script
    loses: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.script.name}: {self.loses}"


MUTATIONS = [
    *(
        Mutation(TicketMachine, script, loses, old, new)
        for script, loses, old, new in [
            (queue.TICKET_JOIN, "the stored answer", "if stored then", "if false then"),
            (queue.TICKET_JOIN, "the double-join guard", "if held then", "if false then"),
            (
                queue.TICKET_JOIN, "whose ticket the stored answer is",
                "if not conn or conn == arg.conn_id then", "if true then",
            ),
            (queue.TICKET_ADOPT, "whose guard it is", "~= 'ticket:' .. ARGV[1] then", "== 'x' then"),
            (queue.TICKET_ADOPT, "the new owner", "'conn', ARGV[3])", "'conn', row[5])"),
            (queue.TICKET_ADOPT, "the owner before", "row[4], row[5] }", "row[4], ARGV[3] }"),
            (queue.TICKET_CANCEL, "whose guard it is", "== 'ticket:' .. ARGV[1] then", "then"),
            (queue.TICKET_CANCEL, "whose socket it is", "ARGV[3] ~= '' and row[4] ~= ARGV[3]", "false"),
            (
                queue.TICKET_EXPIRE, "the owner that changed",
                "redis.call('HGET', KEYS[base], 'conn') ~= ARGV[i + 1]", "false",
            ),
            (queue.TICKET_EXPIRE, "to leave what moved", " and verdict ~= 'MOVED'", ""),
            (
                claims.MATCH_CLAIM, "the owner that changed",
                "elseif row[2] ~= arg.conn_ids[i] then", "elseif false then",
            ),
            (queue.TICKET_CANCEL, "whose ticket it is", "and row[2] == ARGV[2] then", "then"),
            (queue.TICKET_CANCEL, "that it is unwanted", "'wants', '0'", "'wants', '1'"),
            (queue.TICKET_EXPIRE, "that it still waits", "if joined_ms >= 0 then", "if true then"),
            (queue.TICKET_EXPIRE, "the ghost", "redis.call('EXISTS', KEYS[base]) == 0", "false"),
            (queue.TICKET_EXPIRE, "the timeout", "now_ms - joined_ms >= timeout_ms", "false"),
            (queue.TICKET_EXPIRE, "the lease", "redis.call('EXISTS', KEYS[base + 2]) == 0", "true"),
            (queue.TICKET_EXPIRE, "the wish to reap", "ARGV[2] == '1'", "true"),
            (
                queue.TICKET_EXPIRE, "whose guard it is",
                "redis.call('GET', KEYS[base + 1]) == 'ticket:' .. ticket_id", "true",
            ),
            (claims.MATCH_CLAIM, "the first answer", "if claimed then", "if false then"),
            (claims.MATCH_CLAIM, "every check", "if #gone + #moved > 0 then", "if false then"),
            (claims.MATCH_CLAIM, "all or nothing", "if #gone + #moved > 0 then",
                "if #gone + #moved == #arg.ticket_ids then"),
            (
                claims.MATCH_CLAIM, "the ticket behind the name",
                "redis.call('GET', KEYS[base + 1]) ~= 'ticket:' .. ticket_id\n"
                "    or row[1] ~= 'queued'", "false",
            ),
            (
                claims.MATCH_CLAIM, "that it left the queue",
                "'ZADD', KEYS[1], -now_ms", "'ZADD', KEYS[1], now_ms",
            ),
            (claims.MATCH_SETTLE, "the state", "row[1] == 'claimed' and", ""),
            (claims.MATCH_SETTLE, "which match it is", "and row[2] == ARGV[1] then", "then"),
            (claims.MATCH_SETTLE, "the ghost", "elseif not row[1] then", "elseif false then"),
            (claims.MATCH_REQUEUE, "the state", "row[1] == 'claimed' and", ""),
            (claims.MATCH_REQUEUE, "which match it is", "row[2] == ARGV[1] and", ""),
            (claims.MATCH_REQUEUE, "whose guard it is", "(not held or held == 'match:' .. ARGV[1])", "true"),
            (claims.MATCH_REQUEUE, "a guard that lapsed", "not held or", ""),
            (claims.MATCH_REQUEUE, "that it is unwanted", "and row[4] ~= '0' then", "then"),
            (claims.MATCH_REQUEUE, "the ghost", "if not row[1] then", "if false then"),
            (
                claims.MATCH_REQUEUE, "the ghost's guard",
                "if held == 'match:' .. ARGV[1] then", "if held then",
            ),
            (claims.PLAYER_RELEASE, "which match it is", "== 'match:' .. ARGV[1] then", "then"),
            (claims.PLAYER_RELEASE, "that it has ended", "ARGV[2] ~= '0' and", ""),
            (claims.PLAYER_RELEASE, "that it was told", "~= 'told:' .. ARGV[1] then", "~= nil then"),
            (
                results.RESULT_TOLD, "another result that is owed",
                "string.sub(held, 1, 5) == 'owed:'", "false",
            ),
            (results.RESULT_TOLD, "the result itself", "held ~= 'owed:' .. ARGV[1] and ", ""),
        ]
    ),
    *(
        Mutation(FleetMachine, script, loses, old, new)
        for script, loses, old, new in [
            (registry.SERVER_ALLOCATE, "the first lease", "if held then", "if false then"),
            (registry.SERVER_ALLOCATE, "a confirmed lease", "elseif confirmed then", "elseif false then"),
            (registry.SERVER_ALLOCATE, "the time", "and now_ms > not_after_ms then", "and false then"),
            (registry.SERVER_ALLOCATE, "the excluded", "not excluded[server_id] and", ""),
            (
                registry.SERVER_ALLOCATE, "the drain",
                "redis.call('SISMEMBER', KEYS[2], server_id) == 0", "true",
            ),
            (registry.SERVER_ALLOCATE, "the state", "and row[2] == 'ready'", ""),
            (registry.SERVER_ALLOCATE, "the capacity", "load < tonumber(row[3])", "true"),
            (registry.SERVER_ALLOCATE, "the load", "redis.call('ZINCRBY', KEYS[1], 1, server_id)", ""),
            (
                registry.SERVER_CONFIRM, "whose lease it is",
                "elseif held ~= ARGV[2] then", "elseif false then",
            ),
            (
                registry.SERVER_CONFIRM, "that it is confirmed",
                "if held == 'confirmed:' .. ARGV[2] then", "if false then",
            ),
            (
                registry.SERVER_CONFIRM, "the lease on the server",
                "redis.call('HDEL', KEYS[2], 'lease:' .. ARGV[1]) == 1", "true",
            ),
            (registry.SERVER_RELEASE, "that it is confirmed", "== 'confirmed:' then", "== '' then"),
            (
                registry.SERVER_RELEASE, "the lease on the server",
                "redis.call('HDEL', ARGV[2] .. held, 'lease:' .. ARGV[1]) == 1", "true",
            ),
            (registry.SERVER_HEARTBEAT, "the lapsed", "tonumber(row[i + 1]) <= now_ms", "false"),
            (registry.SERVER_HEARTBEAT, "the opening", "+ #arg.opening", ""),
            (registry.SERVER_HEARTBEAT, "the opening's leases", "elseif not opening[row[i]] then", "else"),
            (registry.SERVER_HEARTBEAT, "the leases", "#arg.opening + leases", "#arg.opening"),
            (
                registry.SERVER_HEARTBEAT, "the wish to drain",
                "redis.call('SISMEMBER', KEYS[3], arg.server_id)", "0",
            ),
            (registry.SERVER_HEARTBEAT, "the ordered grace", "tonumber(grace_ms or '-1')", "-1"),
            (registry.SERVER_HEARTBEAT, "that it was unknown", "#row == 0 and 1 or 0", "0"),
            (registry.SERVER_FORGET, "the living", "redis.call('EXISTS', KEYS[1]) == 1", "false"),
            (registry.SERVER_FORGET, "the matches held", "redis.call('SCARD', KEYS[3]) > 0", "false"),
            (registry.SERVER_INTEND, "the withdrawal", "redis.call('SREM', KEYS[1], ARGV[1])", ""),
            (registry.SERVER_INTEND, "the old grace", "redis.call('HDEL', KEYS[2], ARGV[1])", ""),
        ]
    ),
    *(
        Mutation(SeatMachine, script, loses, old, new)
        for script, loses, old, new in [
            (seats.ROTATE, "the secret", "if not is_current and not is_previous then", "if false then"),
            (seats.ROTATE, "the grace", "local is_previous = row[2]", "local is_previous = false and row[2]"),
            (seats.ROTATE, "the end of the grace", "and now_ms <= tonumber(row[3])", ""),
            (seats.ROTATE, "the expiry", "if now_ms > tonumber(row[4]) then", "if false then"),
            (seats.ROTATE, "that the grace does not grow", "if is_current then", "if true then"),
            (seats.ROTATE, "the fence", "'HINCRBY', KEYS[1], 'epoch', 1", "'HINCRBY', KEYS[1], 'epoch', 0"),
            (seats.ROTATE, "the route", "'HMGET', KEYS[2]", "'HMGET', KEYS[1]"),
            (seats.CONFIRM, "the newer socket", "~= ARGV[1] then", "== nil then"),
            (seats.CONFIRM, "the old secret's end", "redis.call('HDEL'", "redis.call('HMGET'"),
            (seats.REISSUE, "the missing seat", "redis.call('EXISTS', KEYS[1]) == 0", "false"),
            (seats.REISSUE, "the old secret's end", "redis.call('HDEL'", "redis.call('HMGET'"),
            (seats.REFRESH, "who is attached", "if ARGV[4 + i] == '1' then", "if true then"),
            (seats.REFRESH, "the missing seat", "redis.call('EXISTS', KEYS[i]) == 0", "false"),
            (seats.RESTORE, "the seat that is there", "redis.call('EXISTS', KEYS[i]) == 0", "true"),
        ]
    ),
]  # fmt: skip


@pytest.mark.timeout(300)
@pytest.mark.parametrize("mutation", MUTATIONS, ids=str)
def test_a_script_that_forgets_a_guard_is_found_out(
    private_redis: RedisProcess, monkeypatch: pytest.MonkeyPatch, mutation: Mutation
) -> None:
    script = mutation.script
    assert script.text.count(mutation.old) == 1
    mutant = script.text.replace(mutation.old, mutation.new)
    monkeypatch.setattr(script, "text", mutant)
    monkeypatch.setattr(script, "sha", hashlib.sha1(mutant.encode(), usedforsecurity=False).hexdigest())
    with pytest.raises((AssertionError, RedisError, TypeError)):
        drive(mutation.machine, private_redis, examples=MUTANT_EXAMPLES, shrink=False)
