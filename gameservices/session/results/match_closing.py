"""결과가 정해진 판의 뒷일: 선수를 놓아주고, 보고 있는 선수에게 알리고, 살아 있던 기록을 치운다.

놓아주기가 알리기보다 먼저다: 결과를 본 선수는 곧바로 다시 줄을 설 수 있다.
"""

from __future__ import annotations

from gameservices.session.ports import LiveRecords, MatchHoldings, Releaser
from gameservices.session.rooms import link_events
from gameservices.session.rooms.room_host import RoomHost
from kernel.errors import Unavailable
from matches.outcome import MatchOutcome, Settlement
from telemetry.logs import get_logger

log = get_logger(__name__)


class MatchCloser:
    """ResultJournal이 부르는 뒷일."""

    def __init__(
        self, *, host: RoomHost, releaser: Releaser, live: LiveRecords, holdings: MatchHoldings
    ) -> None:
        self._host = host
        self._releaser = releaser
        self._live = live
        self._holdings = holdings

    async def release(self, outcome: MatchOutcome) -> None:
        """선수들을 놓아준다."""
        player_ids = [player.player_id for player in outcome.players]
        await self._releaser.end(outcome.match_id, outcome.region, player_ids)

    async def conclude(self, outcome: MatchOutcome, settlement: Settlement) -> None:
        """뒷일을 차례로 한다. 여러 번 불려도 된다(훑은 판은 방이 없어 알릴 곳이 없을 뿐이다)."""
        await self.release(outcome)
        self._host.settle(outcome.match_id, link_events.match_over(settlement))
        try:
            await self._live.drop(outcome.match_id)
            await self._holdings.let_go(outcome.server_id, outcome.match_id)
        except Unavailable as error:
            # 결과는 이미 MariaDB에 있고 읽는 쪽은 그것을 먼저 본다. 남은 기록은 제 수명에 사라진다.
            log.warning("match.records_left", match_id=outcome.match_id, reason=error.message)
