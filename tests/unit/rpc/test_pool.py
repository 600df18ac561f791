"""누구에게 먼저 묻고, 무엇이 답이고, 아무도 답하지 않으면 무엇인가."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc.aio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import HanpanError, InvalidArgument, NotQueued, Unavailable
from rpc.errors import status_metadata
from rpc.pool import (
    AskRule,
    Failure,
    first_answer,
    first_answer_sync,
    nothing_is_an_answer,
    rotated,
)


def refused(error: HanpanError) -> grpc.aio.AioRpcError:
    """상대가 오류 나무로 답한 것."""
    code = grpc.StatusCode[error.grpc_code]
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata(*status_metadata(error)))


def broken(code: grpc.StatusCode = grpc.StatusCode.UNAVAILABLE) -> grpc.aio.AioRpcError:
    """닿지 않았거나 기한이 지난 것."""
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata())


@dataclass
class ScriptedPeer:
    """정해진 대로 답하는 상대. 진짜 Peer의 세 칸을 가진다."""

    address: str
    says: Any
    deadline_s: float = 0.5
    asked: list[float] = field(default_factory=list)

    @property
    def stub(self) -> ScriptedPeer:
        return self

    async def answer(self, deadline_s: float) -> Any:
        return self.answer_now(deadline_s)

    def answer_now(self, deadline_s: float) -> Any:
        self.asked.append(deadline_s)
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


def peers(*says: Any) -> list[ScriptedPeer]:
    return [ScriptedPeer(f"10.0.0.{index}:7000", each) for index, each in enumerate(says)]


async def ask(asked: Iterable[Any], rule: AskRule | None = None) -> Any:
    call = lambda stub, deadline_s: stub.answer(deadline_s)  # noqa: E731
    return await (first_answer(asked, call, rule) if rule else first_answer(asked, call))


async def test_the_first_answer_is_taken_and_nobody_else_is_asked() -> None:
    asked = peers("one", "two")
    assert await ask(asked) == "one"
    assert [peer.asked for peer in asked] == [[0.5], []]


async def test_a_peer_that_is_not_reached_is_passed_over() -> None:
    assert await ask(peers(broken(), broken(grpc.StatusCode.DEADLINE_EXCEEDED), "three")) == "three"


async def test_a_refusal_in_the_error_tree_is_an_answer() -> None:
    asked = peers(refused(NotQueued()), "two")
    with pytest.raises(NotQueued):
        await ask(asked)
    assert asked[1].asked == []


async def test_a_peer_is_chosen_when_its_turn_comes_and_not_before() -> None:
    taken: list[str] = []

    def in_turn(asked: Sequence[ScriptedPeer]) -> Iterator[ScriptedPeer]:
        for peer in asked:
            assert all(earlier.asked for earlier in asked[: len(taken)])
            taken.append(peer.address)
            yield peer

    asked = peers(broken(), "two", "three")
    assert await ask(in_turn(asked)) == "two"
    assert taken == [peer.address for peer in asked[:2]]


async def test_when_nobody_answers_the_last_reason_is_told() -> None:
    with pytest.raises(Unavailable):
        await ask(peers(broken(), broken(grpc.StatusCode.DEADLINE_EXCEEDED)))
    with pytest.raises(Unavailable):
        await ask([])


async def test_a_rule_may_pass_over_refusals_and_hears_of_each_failure() -> None:
    heard: list[Failure] = []
    rule = AskRule(is_answer=nothing_is_an_answer, on_failure=heard.append)
    assert await ask(peers(refused(NotQueued()), broken(), "three"), rule) == "three"
    assert [(failure.address, failure.status) for failure in heard] == [
        ("10.0.0.0:7000", "FAILED_PRECONDITION"),
        ("10.0.0.1:7000", "UNAVAILABLE"),
    ]


async def test_a_rule_may_say_what_silence_means() -> None:
    rule = AskRule(nobody=lambda failures: InvalidArgument(f"{len(failures)}"))
    with pytest.raises(InvalidArgument, match="2"):
        await ask(peers(broken(), broken()), rule)


def test_the_synchronous_caller_follows_the_same_rules() -> None:
    known = {peer.address: peer for peer in peers(broken(), refused(InvalidArgument("모드")), "three")}
    rule = AskRule(is_answer=lambda error, _told: isinstance(error, InvalidArgument))
    call = lambda stub, deadline_s: stub.answer_now(deadline_s)  # noqa: E731
    with pytest.raises(InvalidArgument):
        first_answer_sync(list(known), known.__getitem__, call, rule)
    assert first_answer_sync(list(known)[2:], known.__getitem__, call, rule, deadline_s=2.0) == "three"
    assert [peer.asked for peer in known.values()] == [[1.0], [1.0], [2.0]]


@given(st.lists(st.integers(), unique=True, max_size=8), st.integers(0, 100), st.integers(1, 9))
def test_a_rotation_starts_at_its_turn_and_asks_nobody_twice(names: list[int], turn: int, limit: int) -> None:
    order = rotated(names, turn, limit=limit)
    assert len(order) == min(limit, len(names))
    assert len(set(order)) == len(order)
    if names:
        assert order[0] == names[turn % len(names)]


@given(st.integers(1, 8), st.integers(1, 8))
def test_over_a_whole_round_everybody_is_asked_first_once(count: int, limit: int) -> None:
    firsts = [rotated(range(count), turn, limit=limit)[0] for turn in range(count)]
    assert sorted(firsts) == list(range(count))


SAID = st.one_of(
    st.just("answer"),
    st.sampled_from(
        [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.INTERNAL]
    ),
    st.sampled_from([NotQueued, InvalidArgument, Unavailable]),
)


def scripted(said: Any) -> Any:
    if isinstance(said, grpc.StatusCode):
        return broken(said)
    return said if isinstance(said, str) else refused(said())


@given(st.lists(SAID, max_size=5))
async def test_both_callers_ask_the_same_peers_and_end_the_same_way(said: list[Any]) -> None:
    one, two = peers(*map(scripted, said)), peers(*map(scripted, said))
    ends: list[Any] = []
    try:
        ends.append(await ask(one))
    except HanpanError as error:
        ends.append(type(error))
    known = {peer.address: peer for peer in two}
    try:
        ends.append(
            first_answer_sync(list(known), known.__getitem__, lambda stub, limit_s: stub.answer_now(limit_s))
        )
    except HanpanError as error:
        ends.append(type(error))
    assert ends[0] == ends[1]
    heard = [not isinstance(each, grpc.StatusCode) for each in said]
    expected = heard.index(True) + 1 if any(heard) else len(said)
    assert [bool(peer.asked) for peer in one] == [index < expected for index in range(len(said))]
    assert [bool(peer.asked) for peer in two] == [bool(peer.asked) for peer in one]
