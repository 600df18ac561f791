"""소켓이 앉은 자리(gateway/websocket/ports.py의 `HeldSeat`)의 쌍둥이."""

from __future__ import annotations

from typing import Any


class RecordedSeat:
    """부른 것을 적는 자리. 입력은 `(seq, values)`, 떠나기는 `("leave", re)`로 적는다."""

    def __init__(self, match_id: str = "m", mode: str = "duel") -> None:
        self.match_id, self.mode = match_id, mode
        self.did: list[Any] = []

    def send_input(self, seq: int, values: list[int]) -> None:
        """입력 하나."""
        self.did.append((seq, values))

    async def leave(self, re: str | int | None, limit_s: float) -> None:
        """곧바로 떠난다."""
        self.did.append(("leave", re))

    def resync(self) -> None:
        """snapshot을 청했다."""
        self.did.append("resync")

    def release(self) -> None:
        """소켓이 떠났다."""
        self.did.append("release")
