"""상태 프레임의 성질: 차이를 얹은 snapshot은 언제나 다음 snapshot과 같다."""

from __future__ import annotations

import struct

from hypothesis import given, settings
from hypothesis import strategies as st

from gameservices.rules.base import EntityState, StateField
from gameservices.simulation.codec import DELTA, HEADER, REMOVED, SNAPSHOT, RecordCodec
from gameservices.simulation.delta import StateEncoder

FIELDS = (StateField("x", "i16"), StateField("kind", "u8"), StateField("score", "u16"))
FORMATS = ("h", "B", "H")
World = dict[int, EntityState]


def encoder(world: World) -> StateEncoder:
    return StateEncoder(RecordCodec(FIELDS), world)


def apply(frame: bytes, world: World) -> tuple[World, tuple[int, ...]]:
    """프레임을 읽어 상태에 얹는다. 머리의 칸들도 준다."""
    version, kind, count, tick, seq, base = HEADER.unpack_from(frame)
    assert version == 1
    after = {} if kind == SNAPSHOT else dict(world)
    at = HEADER.size
    for _ in range(count):
        entity, mask = struct.unpack_from("<HB", frame, at)
        at += 3
        if mask == REMOVED:
            del after[entity]
            continue
        values = list(after.get(entity, (0, 0, 0)))
        for bit, letter in enumerate(FORMATS):
            if mask >> bit & 1:
                (values[bit],) = struct.unpack_from("<" + letter, frame, at)
                at += struct.calcsize(letter)
        after[entity] = tuple(values)
    assert at == len(frame)
    return after, (kind, tick, seq, base)


states = st.tuples(st.integers(-32768, 32767), st.integers(0, 255), st.integers(0, 65535))
worlds = st.dictionaries(st.integers(0, 12), states, max_size=8)


@settings(max_examples=80, deadline=None)
@given(worlds, st.lists(st.tuples(worlds, st.sets(st.integers(0, 12)), st.booleans()), max_size=10))
def test_a_delta_on_a_snapshot_is_the_next_snapshot(
    first: World, steps: list[tuple[World, set[int], bool]]
) -> None:
    encode = encoder(first)
    seen, _ = apply(encode.snapshot_frame(0), {})
    assert seen == first
    current = first
    for tick, (following, extra, reborn) in enumerate(steps, start=1):
        changed = {entity for entity, state in following.items() if current.get(entity) != state}
        gone = {entity for entity in current if entity not in following}
        # 같은 번호가 한 틱에 사라졌다 다시 나는 경우도 섞는다.
        again = changed & set(current) if reborn else set()
        encode.advance(following, sorted(changed | extra | again), sorted(gone | again))
        seen, head = apply(encode.delta_frame(5), seen)
        assert head == (DELTA, tick, 5, tick - 1)
        assert seen == following
        whole, head = apply(encode.snapshot_frame(6), {})
        assert head == (SNAPSHOT, tick, 6, 0)
        assert whole == following
        current = following


def test_an_entity_born_again_in_one_tick_is_sent_whole() -> None:
    encode = encoder({1: (5, 1, 9)})
    encode.advance({1: (6, 1, 9)}, [1], [1])
    seen, _ = apply(encode.delta_frame(0), {1: (5, 1, 9)})
    assert seen == {1: (6, 1, 9)}


def test_a_quiet_tick_is_a_header_alone() -> None:
    encode = encoder({1: (5, 1, 9)})
    encode.advance({1: (5, 1, 9)}, [1, 1], [])
    assert len(encode.delta_frame(3)) == HEADER.size


def test_viewers_share_one_body_and_differ_in_the_header_only() -> None:
    encode = encoder({1: (5, 1, 9)})
    encode.advance({1: (7, 1, 9)}, [1], [])
    one, other = encode.delta_frame(3), encode.delta_frame(4)
    assert one[16:] == other[16:]
    assert HEADER.unpack_from(one)[4] == 3
    assert encode.snapshot_frame(0)[16:] == encode.snapshot_frame(9)[16:]


def test_a_snapshot_shows_the_last_tick_and_not_what_happened_since() -> None:
    world: World = {1: (5, 1, 9), 2: (1, 1, 1)}
    encode = encoder(world)
    encode.advance(world, [], [])
    del world[2]
    seen, _ = apply(encode.snapshot_frame(0), {})
    assert set(seen) == {1, 2}
