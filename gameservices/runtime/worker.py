"""워커 프로세스의 한살이: gRPC와 상태 확인을 열고, SIGTERM에 차례로 닫는다."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import uvicorn
import uvloop
from grpc_health.v1 import health, health_pb2_grpc

from rpc.channels import Server, make_server
from rpc.credentials import listen
from telemetry.asgi_answers import FailureGuard
from telemetry.http_protocol import ProblemHttpProtocol
from telemetry.logs import get_logger
from telemetry.probes import ProbeApp, Readiness

log = get_logger(__name__)
GRPC_STOP_GRACE_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """프로세스의 이름과 듣는 자리."""

    service: str
    instance: str
    version: str
    bind_host: str
    grpc_port: int
    http_port: int


class Service(Protocol):
    """워커의 알맹이. `worker`가 차례대로 부른다."""

    def register(self, server: Server) -> None:
        """gRPC 처리기를 서버에 단다. 서버가 듣기 전에 불린다."""

    async def start(self) -> None:
        """배경 일을 시작한다. gRPC가 듣기 시작한 뒤에 불린다."""

    def readiness(self) -> Readiness:
        """/readyz의 답."""

    async def drain(self) -> None:
        """SIGTERM 뒤: 새 일을 받지 않고, 가진 일을 정책대로 끝낸 뒤 돌아온다."""

    async def stop(self) -> None:
        """배경 일과 연결을 닫는다."""


class _ProbeServer(uvicorn.Server):
    """신호를 가로채지 않는 uvicorn. 신호는 워커가 다룬다."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


Build = Callable[[Callable[[], None]], Awaitable[Service]]
"""이벤트 루프 안에서 알맹이를 조립한다. 받은 것을 부르면 SIGTERM을 받은 것처럼 차례로 닫힌다."""


def run_worker(settings: WorkerSettings, build: Build) -> None:
    """프로세스의 몸통. 로그와 추적은 이미 켜져 있다."""
    uvloop.run(_serve(settings, build))


async def _serve(settings: WorkerSettings, build: Build) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stopping.set)

    service = await build(stopping.set)
    server = make_server()
    service.register(server)
    health_pb2_grpc.add_HealthServicer_to_server(health.aio.HealthServicer(), server)
    _listen(server, f"{settings.bind_host}:{settings.grpc_port}")
    await server.start()
    await service.start()
    probes = _start_probes(settings, service)
    # 불러온 모듈들은 쓰레기가 되지 않는다. 수집기가 매번 훑지 않게 빼 두면 긴 멈춤이 사라진다.
    gc.collect()
    gc.freeze()
    log.info("worker.started", grpc_port=settings.grpc_port, http_port=settings.http_port)

    await stopping.wait()
    log.info("worker.draining")
    await service.drain()
    await server.stop(GRPC_STOP_GRACE_S)
    await service.stop()
    probes.server.should_exit = True
    await probes.task
    log.info("worker.stopped")


def _listen(server: Server, address: str) -> None:
    try:
        listen(server, address)
    except RuntimeError:
        sys.exit(f"gRPC 주소 {address}를 열지 못했습니다. 다른 프로세스가 쓰고 있는지 보십시오.")


@dataclass(slots=True)
class _Probes:
    server: _ProbeServer
    task: asyncio.Task[None]


def _start_probes(settings: WorkerSettings, service: Service) -> _Probes:
    app = ProbeApp(
        service=settings.service,
        instance=settings.instance,
        version=settings.version,
        readiness=service.readiness,
    )
    server = _ProbeServer(
        uvicorn.Config(
            FailureGuard(app), host=settings.bind_host, port=settings.http_port, log_config=None,
            access_log=False, lifespan="off", http=ProblemHttpProtocol, ws="none",
        )
    )  # fmt: skip
    return _Probes(server, asyncio.create_task(server.serve(), name="probes"))
