"""이 배포가 여는 모드와 그 입력 칸. matchmaking에게 배운 것만 알며 규칙은 모른다."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.protocol.client_frames import ClientDecoder, InputRange
from hanpan.v1 import matchmaking_pb2
from kernel.errors import InvalidArgument, Unavailable

SEATLESS_DECODER = ClientDecoder()


class ModeCatalog:
    """모드 이름에서 입력 풀개로 가는 표. 배우기 전에는 비어 있다."""

    def __init__(self) -> None:
        self._decoders: dict[str, ClientDecoder] | None = None

    def learn(self, modes: Iterable[matchmaking_pb2.Mode]) -> None:
        """표를 새것으로 바꾼다."""
        self._decoders = {mode.name: ClientDecoder(_input_ranges(mode)) for mode in modes}

    def check(self, mode: str) -> None:
        """대기표를 청해도 되는 모드인지 본다.

        Raises:
            Unavailable: 아직 모드를 배우지 못했다.
            InvalidArgument: 모르는 모드다.
        """
        if self._decoders is None:
            raise Unavailable("아직 모드를 모릅니다")
        if mode not in self._decoders:
            raise InvalidArgument("모르는 모드입니다")

    def decoder(self, mode: str) -> ClientDecoder:
        """이 모드의 판에 앉은 동안 쓸 풀개. 모르는 모드면 입력 칸을 보지 않는 `SEATLESS_DECODER`다."""
        return (self._decoders or {}).get(mode, SEATLESS_DECODER)


def _input_ranges(mode: matchmaking_pb2.Mode) -> tuple[InputRange, ...]:
    return tuple(InputRange(field.name, field.min, field.max) for field in mode.input_fields)
