"""platform의 ASGI 앱: 상태 확인은 이벤트 루프가 바로 답하고, 나머지 HTTP는 스레드의 Django가 답한다.

스레드가 모두 막혀 있어도 /healthz는 답한다. WebSocket은 운영 화면의 것 하나뿐이다.
"""

from __future__ import annotations

from config.cookie_bounds import refusal_of, without_cookies
from fleet.roll_driver import RollDriver
from front.failures import COOKIES_TOO_LARGE
from kernel.errors import InvalidArgument
from ops.live.entrance import PATH as LIVE_PATH
from ops.live.entrance import LiveEntrance
from players.identity.sweeper import SignInSweeper
from telemetry.asgi_answers import FailureGuard, problem_for, require_upgrade, send_problem
from telemetry.probes import ProbeApp
from webserver.http_handler import Message, Receive, Send, ThreadPoolHandler
from webserver.readiness import PlatformReadiness
from webserver.streaming import ABORT

PROBE_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})


class PlatformApplication:
    """ASGI의 입구."""

    def __init__(
        self,
        *,
        handler: ThreadPoolHandler,
        probes: ProbeApp,
        readiness: PlatformReadiness,
        live: LiveEntrance,
        rolls: RollDriver,
        sweeper: SignInSweeper,
    ) -> None:
        self.handler = handler
        self.readiness = readiness
        self.live = live
        self.rolls = rolls
        self.sweeper = sweeper
        self._probes = probes
        self._guarded = FailureGuard(self._route, abort=ABORT)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """요청이나 소켓 하나. 아무도 잡지 않은 실패는 여기서 한 줄이 되고 500이 된다."""
        await self._guarded(scope, receive, send)

    async def _route(self, scope: Message, receive: Receive, send: Send) -> None:
        if (refusal := refusal_of(scope)) is not None:
            await self._refuse(without_cookies(scope), send, refusal)
        elif scope["type"] == "websocket":
            await self.live(scope, receive, send)
        elif scope["path"] == LIVE_PATH:
            await require_upgrade(scope, send)
        elif scope["path"] in PROBE_PATHS:
            await self._probes(scope, receive, send)
        else:
            await self.handler(scope, receive, send)

    async def _refuse(self, scope: Message, send: Send, refusal: InvalidArgument) -> None:
        if scope["type"] == "websocket":
            await send_problem(scope, send, problem_for(scope, refusal, 400))
        else:
            await self.handler.refuse(scope, send, refusal, 400, texts=COOKIES_TOO_LARGE)
