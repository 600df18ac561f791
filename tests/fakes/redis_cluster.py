"""주 서버 셋의 진짜 Redis Cluster. 슬롯을 셋으로 나눠 맡는다."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import redis

from tests.fakes.redis_process import HOST, RedisProcess, redis_process

SLOTS = 16_384
NODES = 3
READY_WITHIN_S = 20.0


@contextmanager
def redis_cluster(folder: Path) -> Iterator[list[RedisProcess]]:
    """세 서버를 띄워 묶고, 모두가 성하다고 할 때까지 기다린다."""
    with ExitStack() as stack:
        nodes = []
        for number in range(NODES):
            own = folder / f"node{number}"
            own.mkdir()
            nodes.append(stack.enter_context(redis_process(own, cluster=True)))
        clients = [
            stack.enter_context(redis.Redis(host=HOST, port=node.port, decode_responses=True))
            for node in nodes
        ]
        for number, client in enumerate(clients):
            first, last = SLOTS * number // NODES, SLOTS * (number + 1) // NODES - 1
            client.execute_command("CLUSTER ADDSLOTSRANGE", first, last)
            client.execute_command("CLUSTER MEET", HOST, nodes[0].port, nodes[0].bus_port)
        _wait_until_joined(clients)
        yield nodes


def _wait_until_joined(clients: list[redis.Redis]) -> None:
    deadline_s = time.monotonic() + READY_WITHIN_S
    while not all(_is_whole(client) for client in clients):
        assert time.monotonic() < deadline_s, "Redis Cluster가 묶이지 않는다"
        time.sleep(0.05)


def _is_whole(client: redis.Redis) -> bool:
    state = client.execute_command("CLUSTER INFO")
    return state["cluster_state"] == "ok" and int(state["cluster_known_nodes"]) == NODES
