"""depends_on에서 띄우고 멈추는 차례를 정한다. 순수하다."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from stack.compose import Service
from stack.errors import StackError
from stack.words import told


def start_order(services: Mapping[str, Service]) -> tuple[str, ...]:
    """앞 서비스가 먼저 오는 차례. 같은 자리에서는 파일에 적힌 차례를 지킨다."""
    return tuple(name for level in start_levels(services) for name in level)


def start_levels(services: Mapping[str, Service]) -> tuple[tuple[str, ...], ...]:
    """함께 띄울 수 있는 것끼리 묶은 층들. 멈출 때는 거꾸로 쓴다.

    Raises:
        StackError: 서로를 기다리는 서비스가 있다.
    """
    sorter = TopologicalSorter({name: service.depends_on.keys() for name, service in services.items()})
    try:
        sorter.prepare()
    except CycleError as error:
        raise StackError(
            told("서비스가 서로를 기다립니다: {services}", services=" -> ".join(error.args[1]))
        ) from error
    levels: list[tuple[str, ...]] = []
    while sorter.is_active():
        ready = set(sorter.get_ready())
        levels.append(_in_file_order(services, ready))
        sorter.done(*ready)
    return tuple(levels)


def _in_file_order(services: Iterable[str], chosen: set[str]) -> tuple[str, ...]:
    return tuple(name for name in services if name in chosen)
