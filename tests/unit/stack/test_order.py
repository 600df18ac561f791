"""띄우고 멈추는 차례."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stack.errors import StackError
from stack.order import start_levels, start_order
from tests.unit.stack.topologies import topology


def test_what_is_waited_for_comes_first() -> None:
    services = topology({"lb": {"depends_on": ["api"]}, "api": {"depends_on": ["db"]}, "db": {}}).services
    assert start_order(services) == ("db", "api", "lb")


def test_equals_keep_the_order_of_the_file() -> None:
    tree = {"z": {}, "a": {}, "m": {"depends_on": ["z"]}, "b": {"depends_on": ["a"]}}
    assert start_levels(topology(tree).services) == (("z", "a"), ("m", "b"))


def test_services_waiting_for_each_other_are_named() -> None:
    services = topology({"a": {"depends_on": ["b"]}, "b": {"depends_on": ["a"]}}).services
    with pytest.raises(StackError, match=r"a -> b -> a|b -> a -> b"):
        start_order(services)


@given(st.lists(st.sets(st.integers(0, 7)), min_size=8, max_size=8))
def test_any_acyclic_file_is_started_after_what_it_needs(wanted: list[set[int]]) -> None:
    tree: dict[str, Any] = {
        f"s{index}": {"depends_on": [f"s{other}" for other in sorted(needs) if other < index]}
        for index, needs in enumerate(wanted)
    }
    services = topology(tree).services
    order = start_order(services)
    assert sorted(order) == sorted(tree)
    for name, service in services.items():
        assert all(order.index(needed) < order.index(name) for needed in service.depends_on)
