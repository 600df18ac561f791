"""platform 프로세스의 입구: daphne를 우리 설정으로 띄우고 SIGTERM에 차례로 닫는다.

`python -m config.serve`. daphne의 명령줄은 SIGTERM에 처리 중인 요청을 취소하므로 쓰지 않는다.
"""

from __future__ import annotations

import asyncio
import signal
from typing import Any

import daphne.server  # noqa: F401 - asyncio의 reactor를 세우므로 twisted의 어느 것보다 먼저다
from daphne.endpoints import build_endpoint_description_strings
from twisted.internet import reactor
from twisted.internet.interfaces import IListeningPort

from config.asgi import application
from environment.env import env
from telemetry.logs import get_logger
from webserver.http_server import PlatformServer
from webserver.streaming import ABORT, Flows, PeerGone, cut_off

log = get_logger(__name__)
HTTP_TIMEOUT_S = 30
# 로드 밸런서가 /readyz의 404를 보고 새 요청을 돌릴 때까지(확인 간격 1초).
NOTICE_S = 1.2


class GracefulServer(PlatformServer):
    """SIGTERM과 SIGINT에: 준비되지 않음을 알리고, 듣기를 멈추고, 하던 요청을 끝낸 뒤 멈춘다."""

    _drain: asyncio.Task[None] | None = None
    _port: IListeningPort | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._flows = Flows()

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """응용의 말을 소켓으로. 흘려보내는 답은 받는 쪽이 읽는 만큼만 받는다.

        Raises:
            PeerGone: 흘려보내던 답을 받을 사람이 없다.
        """
        if message["type"] == ABORT:
            self._flows.close(protocol)
            cut_off(protocol)
            return
        flows = message["type"] == "http.response.body"
        more = flows and message.get("more_body", False)
        if more:
            if "disconnected" in self.connections.get(protocol, {"disconnected": True}):
                self._flows.close(protocol)
                raise PeerGone("받는 쪽이 떠났습니다")
            await self._flows.open(protocol).wait()
            self._flows.progressed(protocol)
        elif flows:
            self._flows.close(protocol)
        await super().handle_reply(protocol, message)

    def listen_success(self, port: IListeningPort) -> None:
        """듣기 시작했다. 이벤트 루프는 이 뒤에 돈다: 신호는 돌기 시작한 그 루프에 단다."""
        super().listen_success(port)
        self._port = port
        reactor.callLater(0, self._watch_signals)  # type: ignore[arg-type]

    def _watch_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, self._start_draining)
        application.rolls.start()
        application.sweeper.start()
        log.info("platform.started", port=env.http_port)

    def _start_draining(self) -> None:
        if self._drain is None:
            log.info("platform.draining", in_flight=application.handler.in_flight)
            self._drain = asyncio.get_running_loop().create_task(self._finish())

    async def _finish(self) -> None:
        application.readiness.start_draining()
        await asyncio.sleep(NOTICE_S)
        if self._port is not None:
            self._port.stopListening()  # type: ignore[misc]
        application.live.close()
        await application.rolls.stop()
        await application.sweeper.stop()
        finished = await application.handler.wait_idle(env.http_drain_s)
        log.info("platform.stopped", finished=finished, in_flight=application.handler.in_flight)
        reactor.stop()  # type: ignore[misc]


def main() -> None:
    """듣기 시작하고 신호가 올 때까지 돈다."""
    server = GracefulServer(
        application,
        endpoints=build_endpoint_description_strings(host=env.bind_host, port=env.http_port),
        signal_handlers=False,
        http_timeout=HTTP_TIMEOUT_S,
        verbosity=0,
        server_name="hanpan",
    )
    server.run()


if __name__ == "__main__":
    main()
