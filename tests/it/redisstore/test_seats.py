"""자리와 경로의 스크립트: 모르는 것, 지난 것, 쓰인 것, 함께 달려드는 것."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from kernel.errors import ResumeExpired, ResumeInvalid, Unavailable
from kernel.ids import new_id
from redisstore import keys
from redisstore.client import AsyncRedis
from redisstore.gate import RedisGate
from redisstore.live_matches import LiveMatchStore
from redisstore.seats import RotatedSeat, Route, SeatGrant, SeatRefresh, SeatStore, parse_resume_token
from tests.fakes.redis_process import RedisProcess
from tests.it.redisstore.match_making import RECORD_TTL_MS, opening

MATCH = new_id()
ONE, TWO = sorted((new_id(), new_id()))


@pytest.fixture
def seats(redis_client: AsyncRedis) -> SeatStore:
    return SeatStore(RedisGate(redis_client))


@pytest.fixture
async def grants(seats: SeatStore) -> dict[str, SeatGrant]:
    return await seats.open_match(opening(MATCH, [ONE, TWO], address="10.0.0.1:7000"))


@pytest.fixture
async def short_grace(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    monkeypatch.setattr(keys, "RESUME_GRACE_MS", 0)
    yield


async def expire(client: AsyncRedis, player: str) -> None:
    await client.hset(keys.resume(MATCH, player), "expires_at_ms", 1)


async def until_the_clock_moves(client: AsyncRedis) -> None:
    """Redis의 밀리초가 넘어가기를 기다린다."""
    start = await client.time()
    while (await client.time())[1] // 1000 == start[1] // 1000:
        pass


# ---- 열기와 경로


async def test_an_opened_match_has_a_route_and_a_token_for_each_player(
    seats: SeatStore, grants: dict[str, SeatGrant], redis_client: AsyncRedis
) -> None:
    assert await seats.route(MATCH) == Route("session1", "10.0.0.1:7000")
    assert {player: grant.epoch for player, grant in grants.items()} == {ONE: 1, TWO: 1}
    token = parse_resume_token(grants[ONE].resume_token)
    assert (token.match_id, token.player_id) == (MATCH, ONE)
    assert 0 < await redis_client.pttl(keys.route(MATCH)) <= keys.ROUTE_TTL_MS
    assert 0 < await redis_client.pttl(keys.match(MATCH)) <= RECORD_TTL_MS
    left_ms = await redis_client.pttl(keys.resume(MATCH, ONE))
    assert keys.RESUME_TTL_MS < left_ms <= keys.RESUME_TTL_MS + keys.RESUME_KEEP_MS


async def test_an_opened_match_has_its_record_too(
    grants: dict[str, SeatGrant], redis_client: AsyncRedis
) -> None:
    wanted = opening(MATCH, [ONE, TWO], address="10.0.0.1:7000")
    assert await LiveMatchStore(RedisGate(redis_client)).get(MATCH) == wanted.match


async def test_matches_opened_together_each_have_their_own_seats(seats: SeatStore) -> None:
    others = [new_id(), new_id()]
    opened = await seats.open_matches(
        [opening(match_id, [ONE, TWO], address="10.0.0.1:7000") for match_id in others]
    )
    for match_id, granted in zip(others, opened, strict=True):
        rotated = await seats.rotate(granted[TWO].resume_token)
        assert (rotated.match_id, rotated.player_id) == (match_id, TWO)


async def test_no_secret_is_stored_in_the_clear(
    grants: dict[str, SeatGrant], redis_client: AsyncRedis
) -> None:
    secret = parse_resume_token(grants[ONE].resume_token).secret
    assert secret not in str(await redis_client.hgetall(keys.resume(MATCH, ONE)))


async def test_a_dropped_match_has_no_route_but_its_tokens_still_speak(
    seats: SeatStore, grants: dict[str, SeatGrant], redis_client: AsyncRedis
) -> None:
    await LiveMatchStore(RedisGate(redis_client)).drop(MATCH)
    assert await seats.route(MATCH) is None
    rotated = await seats.rotate(grants[ONE].resume_token)
    assert (rotated.player_id, rotated.route) == (ONE, None)


async def test_a_discarded_match_leaves_nothing(seats: SeatStore, grants: dict[str, SeatGrant]) -> None:
    await seats.discard_match(MATCH, [ONE, TWO])
    assert await seats.route(MATCH) is None
    with pytest.raises(ResumeInvalid):
        await seats.rotate(grants[ONE].resume_token)


# ---- 바꾸기


async def test_a_rotated_seat_has_a_new_token_and_a_higher_epoch(
    seats: SeatStore, grants: dict[str, SeatGrant]
) -> None:
    seat = await seats.rotate(grants[ONE].resume_token)
    assert (seat.match_id, seat.player_id, seat.epoch) == (MATCH, ONE, 2)
    assert seat.resume_token != grants[ONE].resume_token
    assert (await seats.rotate(seat.resume_token)).epoch == 3


async def test_a_rotated_seat_knows_where_its_match_runs(
    seats: SeatStore, grants: dict[str, SeatGrant]
) -> None:
    assert (await seats.rotate(grants[ONE].resume_token)).route == Route("session1", "10.0.0.1:7000")
    moved = SeatRefresh(MATCH, [ONE, TWO], attached=set())
    await seats.refresh("session2", "10.0.0.2:7000", [moved])
    assert (await seats.rotate(grants[TWO].resume_token)).route == Route("session2", "10.0.0.2:7000")


@pytest.mark.parametrize(
    "token",
    [
        "",
        "rs1",
        "rs2.{match}.{player}.secret",
        "rs1.{match}.{player}",
        "rs1.not-a-uuid.{player}.secret",
        "rs1.{match}.*.secret",
        "rs1.{match}.{player}.secret.more",
        "rs1.{match}.{player}.wrong",
        "rs1.{match}.{player}.",
    ],
)
async def test_a_token_nobody_gave_is_invalid(
    seats: SeatStore, grants: dict[str, SeatGrant], token: str
) -> None:
    assert grants
    with pytest.raises(ResumeInvalid):
        await seats.rotate(token.format(match=MATCH, player=ONE))


async def test_a_token_of_an_unknown_match_is_invalid(seats: SeatStore) -> None:
    with pytest.raises(ResumeInvalid):
        await seats.rotate(f"rs1.{new_id()}.{ONE}.secret")


async def test_one_players_secret_opens_no_other_seat(seats: SeatStore, grants: dict[str, SeatGrant]) -> None:
    secret = parse_resume_token(grants[ONE].resume_token).secret
    with pytest.raises(ResumeInvalid):
        await seats.rotate(f"rs1.{MATCH}.{TWO}.{secret}")


async def test_an_expired_token_is_told_apart_from_an_unknown_one(
    seats: SeatStore, grants: dict[str, SeatGrant], redis_client: AsyncRedis
) -> None:
    await expire(redis_client, ONE)
    with pytest.raises(ResumeExpired):
        await seats.rotate(grants[ONE].resume_token)
    with pytest.raises(ResumeInvalid):
        await seats.rotate(f"rs1.{MATCH}.{ONE}.wrong")


async def test_a_client_that_lost_the_reply_may_come_again_with_the_old_token(
    seats: SeatStore, grants: dict[str, SeatGrant]
) -> None:
    lost = await seats.rotate(grants[ONE].resume_token)
    again = await seats.rotate(grants[ONE].resume_token)
    assert again.epoch == lost.epoch + 1
    with pytest.raises(ResumeInvalid):
        await seats.rotate(lost.resume_token)
    assert (await seats.rotate(again.resume_token)).epoch == again.epoch + 1


async def test_the_first_frame_on_the_new_socket_kills_the_old_token(
    seats: SeatStore, grants: dict[str, SeatGrant]
) -> None:
    seat = await seats.rotate(grants[ONE].resume_token)
    assert await seats.confirm(MATCH, ONE, seat.epoch)
    with pytest.raises(ResumeInvalid):
        await seats.rotate(grants[ONE].resume_token)
    assert (await seats.rotate(seat.resume_token)).epoch == 3


async def test_a_frame_of_an_older_socket_confirms_nothing(
    seats: SeatStore, grants: dict[str, SeatGrant]
) -> None:
    first = await seats.rotate(grants[ONE].resume_token)
    await seats.rotate(grants[ONE].resume_token)
    assert not await seats.confirm(MATCH, ONE, first.epoch)
    assert not await seats.confirm(new_id(), ONE, 1)
    assert (await seats.rotate(grants[ONE].resume_token)).epoch == 4


@pytest.mark.usefixtures("short_grace")
async def test_after_the_grace_the_old_token_is_dead(
    seats: SeatStore, grants: dict[str, SeatGrant], redis_client: AsyncRedis
) -> None:
    seat = await seats.rotate(grants[ONE].resume_token)
    await until_the_clock_moves(redis_client)
    with pytest.raises(ResumeInvalid):
        await seats.rotate(grants[ONE].resume_token)
    assert (await seats.rotate(seat.resume_token)).epoch == 3


async def test_coming_again_does_not_lengthen_the_grace(
    seats: SeatStore, grants: dict[str, SeatGrant], redis_client: AsyncRedis
) -> None:
    await seats.rotate(grants[ONE].resume_token)
    until = await redis_client.hget(keys.resume(MATCH, ONE), "previous_until_ms")
    await until_the_clock_moves(redis_client)
    await seats.rotate(grants[ONE].resume_token)
    assert await redis_client.hget(keys.resume(MATCH, ONE), "previous_until_ms") == until


async def test_of_sixteen_racing_with_one_token_exactly_one_seat_survives(
    seats: SeatStore, grants: dict[str, SeatGrant]
) -> None:
    won = await asyncio.gather(*(seats.rotate(grants[ONE].resume_token) for _ in range(16)))
    assert sorted(seat.epoch for seat in won) == list(range(2, 18))
    last = max(won, key=lambda seat: seat.epoch)
    assert await seats.confirm(MATCH, ONE, last.epoch)
    outcomes = await asyncio.gather(
        *(seats.rotate(seat.resume_token) for seat in won), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes].count(RotatedSeat) == 1
    assert sum(isinstance(outcome, ResumeInvalid) for outcome in outcomes) == 15


@pytest.mark.usefixtures("short_grace")
async def test_of_sixteen_racing_with_a_used_token_nobody_wins(
    seats: SeatStore, grants: dict[str, SeatGrant], redis_client: AsyncRedis
) -> None:
    await seats.rotate(grants[ONE].resume_token)
    await until_the_clock_moves(redis_client)
    outcomes = await asyncio.gather(
        *(seats.rotate(grants[ONE].resume_token) for _ in range(16)), return_exceptions=True
    )
    assert all(isinstance(outcome, ResumeInvalid) for outcome in outcomes)


# ---- 접근 토큰으로 돌아오기


async def test_a_reissued_token_kills_every_older_one_at_once(
    seats: SeatStore, grants: dict[str, SeatGrant]
) -> None:
    rotated = await seats.rotate(grants[ONE].resume_token)
    grant = await seats.reissue(MATCH, ONE)
    assert grant is not None
    assert grant.epoch == 3
    for dead in (grants[ONE].resume_token, rotated.resume_token):
        with pytest.raises(ResumeInvalid):
            await seats.rotate(dead)
    assert (await seats.rotate(grant.resume_token)).epoch == 4


async def test_a_player_may_come_back_by_access_token_after_the_seat_expired(
    seats: SeatStore, grants: dict[str, SeatGrant], redis_client: AsyncRedis
) -> None:
    assert grants
    await expire(redis_client, ONE)
    grant = await seats.reissue(MATCH, ONE)
    assert grant is not None
    assert (await seats.rotate(grant.resume_token)).epoch == 3


async def test_no_seat_is_made_for_a_match_nobody_knows(seats: SeatStore, redis_client: AsyncRedis) -> None:
    assert await seats.reissue(MATCH, ONE) is None
    assert not await redis_client.keys("*")


# ---- 늘리기와 되살리기


async def test_a_refresh_lengthens_attached_seats_only(
    seats: SeatStore, grants: dict[str, SeatGrant], redis_client: AsyncRedis
) -> None:
    assert grants
    for player in (ONE, TWO):
        await expire(redis_client, player)
    (records,) = await seats.refresh("session2", "10.0.0.2:7000", [SeatRefresh(MATCH, [ONE, TWO], {ONE})])
    one, two = records[ONE], records[TWO]
    assert one is not None
    assert two is not None
    assert one.expires_at_ms > 1
    assert (two.expires_at_ms, two.epoch) == (1, 1)
    assert await seats.route(MATCH) == Route("session2", "10.0.0.2:7000")


async def test_a_refresh_makes_no_seat_that_was_not_there(seats: SeatStore) -> None:
    assert await seats.refresh("session1", "a:1", [SeatRefresh(MATCH, [ONE], {ONE})]) == [{ONE: None}]
    assert await seats.reissue(MATCH, ONE) is None


async def test_an_emptied_redis_gets_the_same_tokens_back(
    seats: SeatStore, grants: dict[str, SeatGrant], redis_client: AsyncRedis
) -> None:
    rotated = await seats.rotate(grants[ONE].resume_token)
    (records,) = await seats.refresh("session1", "a:1", [SeatRefresh(MATCH, [ONE, TWO], {ONE, TWO})])
    await redis_client.flushall()
    kept = {player: record for player, record in records.items() if record is not None}
    assert await seats.restore(MATCH, kept) == 2
    assert (await seats.rotate(rotated.resume_token)).epoch == 3
    assert (await seats.rotate(grants[TWO].resume_token)).epoch == 2
    assert await redis_client.pttl(keys.resume(MATCH, TWO)) > keys.RESUME_KEEP_MS


async def test_restoring_does_not_touch_a_seat_that_lives(
    seats: SeatStore, grants: dict[str, SeatGrant]
) -> None:
    (records,) = await seats.refresh("session1", "a:1", [SeatRefresh(MATCH, [ONE], {ONE})])
    old = records[ONE]
    assert old is not None
    rotated = await seats.rotate(grants[ONE].resume_token)
    assert await seats.restore(MATCH, {ONE: old}) == 0
    assert (await seats.rotate(rotated.resume_token)).epoch == 3


# ---- 멈춘 Redis


async def test_a_frozen_redis_answers_unavailable_and_a_late_rotate_locks_nobody_out(
    seats: SeatStore, grants: dict[str, SeatGrant], private_redis: RedisProcess
) -> None:
    private_redis.freeze()
    try:
        with pytest.raises(Unavailable):
            await seats.rotate(grants[ONE].resume_token)
    finally:
        private_redis.thaw()
    assert (await seats.rotate(grants[ONE].resume_token)).player_id == ONE
