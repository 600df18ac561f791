"""소켓이 밖에서 필요로 하는 것들의 모양: 아래의 전송, 위의 자리, 프로세스들이 나눠 쓰는 속도 제한."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gateway.websocket.keepalive import Patience
from gateway.websocket.outbox import DeliveryReceipt
from redisstore.ratelimit import Decision


class PlayerSocket(Protocol):
    """선수의 소켓(`wire.PlayerSocketProtocol`)."""

    @property
    def went_silent(self) -> bool:
        """조용해서 떠난 것으로 보고 끊었는가."""
        ...

    def write_now(self, item: str | bytes | DeliveryReceipt) -> bool:
        """글이나 이진 프레임(또는 받았는지의 물음) 하나를 기다리지 않고 쓴다. 상대가 읽지 않으면 False."""
        ...

    def look(self, patience: Patience) -> None:
        """둘러본다: 조용하면 ping을 보내고, 참을 만큼 조용했으면 떠난 것으로 보고 끊는다."""
        ...

    def forgive(self) -> None:
        """지금까지의 조용함을 잊는다."""
        ...

    def abort_within(self, limit_s: float) -> None:
        """`limit_s`초 안에 닫히지 않으면 끊는다."""
        ...


class HeldSeat(Protocol):
    """앉은 자리에서 소켓이 쓰는 것(`seats.seat.PlayerSeat`)."""

    @property
    def match_id(self) -> str: ...
    @property
    def mode(self) -> str: ...

    def send_input(self, seq: int, values: list[int]) -> None:
        """입력 하나를 session 서버로 보낸다."""

    async def leave(self, re: str | int | None, limit_s: float) -> None:
        """판을 떠난다. 떠났다는 답이 나가기를 기한까지 기다린다."""

    def resync(self) -> None:
        """새 snapshot을 청한다."""

    def release(self) -> None:
        """소켓이 자리를 떠난다."""


class Limiter(Protocol):
    """여러 프로세스가 나눠 쓰는 속도 제한. Redis가 멈추면 250 ms 안에 Unavailable을 던진다."""

    async def take(self, scope: str, subject: str, rate_per_s: float, burst: int) -> Decision:
        """양동이 하나에서 하나를 꺼낸다."""
        ...

    async def take_many(
        self, scope: str, costs: Sequence[tuple[str, int]], rate_per_s: float, burst: int
    ) -> list[Decision]:
        """(대상, 꺼낼 수)마다, 모두 꺼내지거나 하나도 꺼내지지 않는다."""
        ...
