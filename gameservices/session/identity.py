"""이 session 서버가 누구인가. 등록부, 경로, 결과에 같은 값이 쓰인다."""

from __future__ import annotations

from dataclasses import dataclass

from redisstore.servers.rows import DEFAULT_POOL


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerIdentity:
    """서버의 이름, 남이 닿는 gRPC 주소, 판 수의 상한, 버전, 무리. `boot_id`는 뜰 때마다 다르다."""

    server_id: str
    address: str
    capacity_matches: int
    version: str
    pool: str = DEFAULT_POOL
    boot_id: str = ""
