"""등록부와 임대의 Lua를 파이썬 모형과 나란히 몬다.

한 걸음마다 답과 부하가 같고, 한 판을 굳힌 서버는 처음부터 끝까지 많아야 하나다.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from kernel.ids import new_id
from redisstore import keys
from redisstore.gate import RedisGate
from redisstore.servers.registry import Forgetting, LeaseEnd, ServerPick, ServerRegistry, ServerReport
from tests.it.redisstore.redis_machine import RedisMachine

REGION = "model"
SERVERS = ["session1", "session2", "session3"]
MATCHES = [new_id() for _ in range(3)]
CONFIRMED = "confirmed:"
SERVER, MATCH = st.sampled_from(SERVERS), st.sampled_from(MATCHES)


@dataclass
class Row:
    """하트비트가 살아 있는 서버. 굳지 않은 임대를 쥔다."""

    state: str
    capacity: int
    running: int
    leases: set[str] = field(default_factory=set)
    lapsed: set[str] = field(default_factory=set)


class FleetMachine(RedisMachine):
    """서버 셋과 판 셋, 어떤 순서로든."""

    def __init__(self) -> None:
        super().__init__()
        self.registries = [ServerRegistry(RedisGate(client), REGION) for client in self.clients]
        self.real = self.registries[0]
        self.rows: dict[str, Row] = {}
        self.loads: dict[str, int] = {}
        self.leases: dict[str, str] = {}
        self.draining: dict[str, int | None] = {}
        self.confirmed_by: dict[str, str] = {}

    # ---- 서버가 하는 일

    @initialize()
    def every_server_is_ready(self) -> None:
        for server in SERVERS:
            self.heartbeat(server, "ready", 2, 0, set())

    @rule(
        server=SERVER, state=st.sampled_from(["ready", "ready", "starting"]), capacity=st.integers(2, 4),
        running=st.integers(0, 2), opening=st.sets(MATCH, max_size=2),
    )  # fmt: skip
    def heartbeat(self, server: str, state: str, capacity: int, running: int, opening: set[str]) -> None:
        report = ServerReport(
            server_id=server, address=f"{server}:7000", state=state, capacity=capacity, running=running,
            version="1", opening=opening,
        )  # fmt: skip
        before = self.rows.get(server)
        leases = before.leases - before.lapsed if before else set()
        self.rows[server] = Row(state, capacity, running, leases)
        self.loads[server] = running + len(leases | opening)
        reply = self.run(self.real.heartbeat(report))
        assert (reply.drain_intended, reply.grace_ms) == (server in self.draining, self.draining.get(server))
        assert reply.is_new == (before is None)

    @rule(server=SERVER, match=MATCH, other=st.integers(0, 1))
    def confirm(self, server: str, match: str, other: int) -> None:
        lease = self.leases.get(match)
        expected = lease in (server, CONFIRMED + server)
        if lease == server:
            self.leases[match] = CONFIRMED + server
            row = self.rows.get(server)
            if row and match in row.leases:
                row.leases.discard(match)
                row.lapsed.discard(match)
                row.running += 1
        assert self.run(self.registries[other].confirm(match, server)) == expected
        if expected:
            assert self.confirmed_by.setdefault(match, server) == server

    @rule(match=MATCH, other=st.integers(0, 1))
    def confirm_what_is_leased(self, match: str, other: int) -> None:
        if match in self.leases:
            self.confirm(self.leases[match].removeprefix(CONFIRMED), match, other)

    @rule(server=SERVER)
    def a_server_goes_silent(self, server: str) -> None:
        """하트비트의 수명이 다했다."""
        self.run(self.client.delete(keys.server(REGION, server)))
        self.rows.pop(server, None)

    @rule(match=MATCH)
    def the_server_of_a_match_goes_silent_and_another_is_sought(self, match: str) -> None:
        if match in self.leases:
            self.a_server_goes_silent(self.leases[match].removeprefix(CONFIRMED))
            self.allocate(match, set(), False, 1)

    @rule(server=SERVER)
    def unregister(self, server: str) -> None:
        self.run(self.real.unregister(server))
        self.rows.pop(server, None)
        self.loads.pop(server, None)

    @rule(server=SERVER)
    def forget(self, server: str) -> None:
        holds = self.run(self.client.scard(keys.held_matches(REGION, server)))
        if server in self.rows:
            expected = Forgetting.ALIVE
        elif holds:
            expected = Forgetting.HOLDS
        else:
            expected = Forgetting.FORGOTTEN
            self.loads.pop(server, None)
        assert self.run(self.real.forget(server)) is expected

    @rule(server=SERVER, intended=st.booleans(), grace_ms=st.sampled_from([None, None, 0, 5_000]))
    def drain(self, server: str, intended: bool, grace_ms: int | None) -> None:
        self.run(self.real.set_draining(server, intended=intended, grace_ms=grace_ms))
        self.draining.pop(server, None)
        if intended:
            self.draining[server] = grace_ms

    # ---- matchmaking이 하는 일

    @rule(
        match=MATCH, exclude=st.sampled_from([set(), set(), {SERVERS[0]}, {SERVERS[1]}]),
        too_late=st.sampled_from([False, False, False, True]),
        other=st.integers(0, 1),
    )  # fmt: skip
    def allocate(self, match: str, exclude: set[str], too_late: bool, other: int) -> None:
        expected = self._allocate(match, exclude, too_late)
        pick = self.run(self.registries[other].allocate(match, exclude, not_after_ms=1 if too_late else 0))
        assert pick == (ServerPick(expected, f"{expected}:7000") if expected else None)

    def _allocate(self, match: str, exclude: set[str], too_late: bool) -> str | None:
        lease = self.leases.get(match)
        if lease is not None:
            server = lease.removeprefix(CONFIRMED)
            if server in self.rows:
                return server
            if lease.startswith(CONFIRMED):
                return None
        if too_late:
            return None
        for server in sorted(self.loads, key=lambda each: (self.loads[each], each)):
            row = self.rows.get(server)
            if row is None or server in exclude or server in self.draining or row.state != "ready":
                continue
            if self.loads[server] < row.capacity:
                self.leases[match] = server
                row.leases.add(match)
                row.lapsed.discard(match)
                self.loads[server] += 1
                return server
        return None

    @rule(match=MATCH)
    def release(self, match: str) -> None:
        lease = self.leases.get(match)
        expected = LeaseEnd.GONE
        if lease is not None and lease.startswith(CONFIRMED):
            expected = LeaseEnd.CONFIRMED
        elif lease is not None:
            expected = LeaseEnd.RELEASED
            del self.leases[match]
            row = self.rows.get(lease)
            if row and match in row.leases:
                row.leases.discard(match)
                row.lapsed.discard(match)
                self.loads[lease] -= 1
        assert self.run(self.real.release_lease(match)) is expected

    @rule(match=MATCH, is_heard=st.booleans())
    def a_lease_lapses(self, match: str, is_heard: bool) -> None:
        """굳지 않은 임대의 수명이 다했다. 서버의 칸은 다음 하트비트(`is_heard`면 곧바로)가 걷는다."""
        server = self.leases.get(match)
        if server is None or server.startswith(CONFIRMED):
            return
        self.run(self.client.delete(keys.lease(REGION, match)))
        del self.leases[match]
        row = self.rows.get(server)
        if row and match in row.leases:
            row.lapsed.add(match)
            self.run(self.client.hset(keys.server(REGION, server), f"lease:{match}", 1))
            if is_heard:
                self.heartbeat(server, "ready", 3, 0, set())

    # ---- 늘 참인 것

    @invariant()
    def both_tell_the_same_story(self) -> None:
        loads, leases, *rest = self.read(
            ("ZRANGE", keys.servers(REGION), 0, -1, "WITHSCORES"),
            ("MGET", *(keys.lease(REGION, match) for match in MATCHES)),
            *(("HGET", keys.server(REGION, server), "running") for server in SERVERS),
            *(("SMEMBERS", keys.held_matches(REGION, server)) for server in SERVERS),
        )
        assert {server: int(load) for server, load in loads} == self.loads
        assert leases == [self.leases.get(match) for match in MATCHES]
        running, held = rest[: len(SERVERS)], rest[len(SERVERS) :]
        assert running == [
            str(self.rows[server].running) if server in self.rows else None for server in SERVERS
        ]
        assert [set(matches) for matches in held] == [
            {match for match, owner in self.confirmed_by.items() if owner == server} for server in SERVERS
        ]
