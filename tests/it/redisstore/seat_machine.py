"""자리의 Lua(resume)를 파이썬 모형과 나란히 몬다.

한 걸음마다 답과 저장된 모습이 같다: 받아들여진 토큰마다 epoch가 1 자라고, 산 토큰은 마지막 것과 유예 중인
직전 것뿐이다.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, initialize, invariant, multiple, rule

from kernel.errors import ResumeExpired, ResumeInvalid
from kernel.ids import new_id
from redisstore import keys
from redisstore.gate import RedisGate
from redisstore.seats import Route, SeatRecord, SeatRefresh, SeatStore, parse_resume_token
from tests.it.redisstore.match_making import opening
from tests.it.redisstore.redis_machine import RedisMachine

PLAYERS = [new_id() for _ in range(2)]
WHO = st.sampled_from(PLAYERS)
SERVER, ADDRESS = "session1", "10.0.0.1:7000"


@dataclass(frozen=True)
class Seat:
    """자리 하나. 비밀은 토큰의 sha256이고, 빈 글은 없음이다."""

    current: str
    previous: str = ""
    is_grace_over: bool = False
    epoch: int = 1
    is_expired: bool = False


def digest(token: str) -> str:
    """토큰의 비밀이 저장되는 모습."""
    return hashlib.sha256(parse_resume_token(token).secret.encode()).hexdigest()


class SeatMachine(RedisMachine):
    """선수 둘의 판 하나, 어떤 순서로든."""

    tokens: Bundle[str] = Bundle("tokens")
    memories: Bundle[tuple[dict[str, SeatRecord], dict[str, Seat]]] = Bundle("memories")

    def __init__(self) -> None:
        super().__init__()
        self.stores = [SeatStore(RedisGate(client)) for client in self.clients]
        self.real = self.stores[0]
        self.match_id = new_id()
        self.seats: dict[str, Seat] = {}
        self.route: Route | None = None

    @initialize(target=tokens)
    def open_match(self) -> Any:
        self.route = Route(SERVER, ADDRESS)
        grants = self.run(self.real.open_match(opening(self.match_id, PLAYERS, address=ADDRESS)))
        self.seats = {player: Seat(digest(grant.resume_token)) for player, grant in grants.items()}
        return multiple(*(grant.resume_token for grant in grants.values()))

    # ---- gateway가 하는 일

    @rule(target=tokens, token=tokens, other=st.integers(0, 1))
    def rotate(self, token: str, other: int) -> Any:
        player = parse_resume_token(token).player_id
        seat, presented = self.seats.get(player), digest(token)
        is_current = seat is not None and seat.current == presented
        is_previous = seat is not None and seat.previous == presented and not seat.is_grace_over
        try:
            rotated = self.run(self.stores[other].rotate(token))
        except ResumeInvalid:
            assert not is_current
            assert not is_previous
            return multiple()
        except ResumeExpired:
            assert seat is not None
            assert (is_current or is_previous) and seat.is_expired
            return multiple()
        assert seat is not None
        assert (is_current or is_previous) and not seat.is_expired
        new = replace(seat, current=digest(rotated.resume_token), epoch=seat.epoch + 1)
        self.seats[player] = replace(new, previous=seat.current, is_grace_over=False) if is_current else new
        assert (rotated.player_id, rotated.epoch) == (player, seat.epoch + 1)
        assert rotated.route == self.route
        return rotated.resume_token

    @rule(player=WHO, behind=st.integers(-1, 1))
    def confirm(self, player: str, behind: int) -> None:
        seat = self.seats.get(player)
        epoch = (seat.epoch if seat else 1) - behind
        is_latest = seat is not None and behind == 0
        assert self.run(self.real.confirm(self.match_id, player, epoch)) == is_latest
        if seat is not None and is_latest:
            self.seats[player] = replace(seat, previous="", is_grace_over=False)

    @rule(target=tokens, player=WHO, other=st.integers(0, 1))
    def reissue(self, player: str, other: int) -> Any:
        seat = self.seats.get(player)
        grant = self.run(self.stores[other].reissue(self.match_id, player))
        if seat is None:
            assert grant is None
            return multiple()
        assert grant.epoch == seat.epoch + 1
        self.seats[player] = Seat(digest(grant.resume_token), epoch=grant.epoch)
        return grant.resume_token

    # ---- session이 하는 일

    @rule(target=memories, attached=st.sets(WHO))
    def refresh(self, attached: set[str]) -> Any:
        [records] = self.run(
            self.real.refresh(SERVER, ADDRESS, [SeatRefresh(self.match_id, PLAYERS, attached)])
        )
        self.route = Route(SERVER, ADDRESS)
        self.seats = {
            player: replace(seat, is_expired=seat.is_expired and player not in attached)
            for player, seat in self.seats.items()
        }
        stored = {player: record for player, record in records.items() if record is not None}
        assert stored.keys() == self.seats.keys()
        return stored, dict(self.seats)

    @rule(memory=memories)
    def restore(self, memory: tuple[dict[str, SeatRecord], dict[str, Seat]]) -> None:
        records, seats = memory
        missing = {player: seat for player, seat in seats.items() if player not in self.seats}
        if records:
            assert self.run(self.real.restore(self.match_id, records)) == len(missing)
        self.seats |= missing

    # ---- 시간과 고장이 하는 일

    @rule(player=WHO)
    def a_seat_expires(self, player: str) -> None:
        if player in self.seats:
            self.run(self.client.hset(keys.resume(self.match_id, player), "expires_at_ms", 1))
            self.seats[player] = replace(self.seats[player], is_expired=True)

    @rule(player=WHO)
    def the_grace_is_over(self, player: str) -> None:
        if player in self.seats and self.seats[player].previous:
            self.run(self.client.hset(keys.resume(self.match_id, player), "previous_until_ms", 1))
            self.seats[player] = replace(self.seats[player], is_grace_over=True)

    @rule(player=WHO)
    def redis_forgets_a_seat(self, player: str) -> None:
        self.run(self.client.delete(keys.resume(self.match_id, player)))
        self.seats.pop(player, None)

    @rule()
    def the_route_runs_out(self) -> None:
        self.run(self.client.delete(keys.route(self.match_id)))
        self.route = None

    # ---- 늘 참인 것

    @invariant()
    def both_tell_the_same_story(self) -> None:
        names = [keys.resume(self.match_id, player) for player in PLAYERS]
        replies = self.read(
            *(("HMGET", name, "current", "previous", "epoch") for name in names),
            *(("PTTL", name) for name in names),
        )
        for player, row, ttl_ms in zip(PLAYERS, replies, replies[len(PLAYERS) :], strict=False):
            seat = self.seats.get(player)
            if seat is None:
                assert row == [None, None, None]
            else:
                assert [row[0], row[1] or "", row[2]] == [seat.current, seat.previous, str(seat.epoch)]
                assert ttl_ms > 0
