"""이 gateway의 소켓 수를 지킨다: 인사하기 전에는 주소마다, 인사한 뒤에는 선수마다.

선수의 새 소켓은 언제나 들어온다. 넘치면 앞 소켓 가운데 가장 덜 쥔 것, 같으면 가장 오래된 것이 물러난다:
자리와 대기표를 든 소켓은 빈손인 소켓이 남아 있는 한 닫히지 않는다. 다른 gateway의 소켓은 세지 않는다.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from gateway.websocket.connection import Connection
from gateway.websocket.player_phase import Greeting, Idle, Phase, Queued, Seated, Unsure
from kernel.errors import RateLimited, Superseded
from telemetry import metrics

GREETING_RETRY_MS = 1000
# 클수록 많이 쥐었다: 닫으면 잃을 것이 많다.
_GRIP: dict[type[Phase], int] = {Greeting: 0, Idle: 0, Unsure: 1, Queued: 2, Seated: 3}

_turned_away = metrics.gateway_socket_limit.labels("address")
_displaced = metrics.gateway_socket_limit.labels("player")


def surplus(phases: Sequence[Phase], limit: int) -> list[int]:
    """들어온 차례로 늘어놓은 한 선수의 소켓들 가운데 물러날 것의 자리. 맨 뒤(방금 온 것)는 언제나 남는다."""
    excess = len(phases) - limit
    if excess <= 0:
        return []
    return sorted(range(len(phases) - 1), key=lambda place: (_GRIP[type(phases[place])], place))[:excess]


class SocketLimits:
    """소켓이 열리고, 인사하고, 닫힐 때마다 불린다."""

    def __init__(self, *, per_player: int, greetings_per_address: int) -> None:
        self._per_player = per_player
        self._greetings_per_address = greetings_per_address
        self._greeting: dict[int, str] = {}
        self._by_address: Counter[str] = Counter()
        self._by_player: dict[str, dict[int, Connection]] = {}

    def check(self, address: str) -> None:
        """이 주소의 새 소켓을 받아도 되는가.

        Raises:
            RateLimited: 이 주소에 아직 인사하지 않은 소켓이 너무 많다.
        """
        if self._by_address[address] >= self._greetings_per_address:
            _turned_away.inc()
            raise RateLimited("인사하지 않은 소켓이 너무 많습니다", retry_after_ms=GREETING_RETRY_MS)

    def opened(self, conn: Connection, address: str) -> None:
        """열렸고, 아직 인사하지 않았다."""
        self._greeting[conn.conn_id] = address
        self._by_address[address] += 1

    def welcomed(self, conn: Connection) -> None:
        """누구인지 알았다. 그 선수의 소켓이 넘치면 물러날 것을 닫는다."""
        self._greeted(conn)
        player = conn.player
        if player is None or conn.is_closing:
            return
        sockets = self._by_player.setdefault(player.player_id, {})
        sockets[conn.conn_id] = conn
        if len(sockets) > self._per_player:
            self._make_room(sockets)

    def closed(self, conn: Connection) -> None:
        """닫혔다."""
        self._greeted(conn)
        if conn.player is None:
            return
        player_id = conn.player.player_id
        sockets = self._by_player.get(player_id, {})
        sockets.pop(conn.conn_id, None)
        if not sockets:
            self._by_player.pop(player_id, None)

    def _greeted(self, conn: Connection) -> None:
        address = self._greeting.pop(conn.conn_id, None)
        if address is None:
            return
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]

    def _make_room(self, sockets: dict[int, Connection]) -> None:
        """닫히는 중인 것은 세지 않고 잊는다: 읽지 않는 상대의 소켓이 쌓여도 볼 것이 늘지 않는다."""
        for conn in [each for each in sockets.values() if each.is_closing]:
            del sockets[conn.conn_id]
        living = list(sockets.values())
        for place in surplus([each.side.phase for each in living], self._per_player):
            del sockets[living[place].conn_id]
            _displaced.inc()
            living[place].close_superseded(
                Superseded("이 선수의 소켓이 {limit}개를 넘었습니다", limit=self._per_player)
            )
