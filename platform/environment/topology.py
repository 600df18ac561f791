"""리전과 이웃: 이 프로세스가 속한 리전의 이름과, 그 안에서 부르는 이들의 주소. 지금은 리전이 하나다."""

from __future__ import annotations

from dataclasses import dataclass

from environment.env import env


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """리전 하나. 주소는 host:port다."""

    name: str
    matchmaking_addresses: tuple[str, ...]


def own_region() -> Region:
    """이 프로세스의 리전."""
    return Region(name=env.region, matchmaking_addresses=env.matchmaking_addresses)


def own_grpc_address() -> str:
    """남이 이 프로세스의 gRPC에 닿는 host:port."""
    return f"{env.advertise_host}:{env.grpc_port}"
