"""platform 프로세스의 입구: daphne를 우리 설정으로 띄우고 SIGTERM에 차례로 닫는다.

`python -m config.serve`. daphne의 명령줄은 SIGTERM에 처리 중인 요청을 취소하므로 쓰지 않는다.
"""

from __future__ import annotations

import asyncio
import signal

from daphne.endpoints import build_endpoint_description_strings
from daphne.server import Server
from twisted.internet import reactor

from config.asgi import application
from config.env import env
from telemetry.logs import get_logger

log = get_logger(__name__)
HTTP_TIMEOUT_S = 30
# 로드 밸런서가 /readyz의 404를 보고 새 요청을 돌릴 때까지(확인 간격 1초).
NOTICE_S = 1.2


class GracefulServer(Server):
    """SIGTERM과 SIGINT에: 준비되지 않음을 알리고, 듣기를 멈추고, 하던 요청을 끝낸 뒤 멈춘다."""

    _drain: asyncio.Task[None] | None = None

    def listen_success(self, port: object) -> None:
        """듣기 시작했다. 이제 이벤트 루프가 돈다."""
        super().listen_success(port)
        loop = asyncio.get_event_loop()
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, self._start_draining)
        log.info("platform.started", port=env.http_port)

    def _start_draining(self) -> None:
        if self._drain is None:
            log.info("platform.draining", in_flight=application.handler.in_flight)
            self._drain = asyncio.get_running_loop().create_task(self._finish())

    async def _finish(self) -> None:
        application.readiness.start_draining()
        await asyncio.sleep(NOTICE_S)
        for listener in self.listeners:
            listener.result.stopListening()  # daphne는 포트를 Deferred로 들고 있다
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
