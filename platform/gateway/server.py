"""gateway 프로세스: 설정을 읽고, 조립하고, uvicorn을 돌리고, SIGTERM에 선수들을 보내고 나간다.

uvicorn은 SIGTERM에 곧바로 1012를 보낸다. 그래서 신호는 여기서 받고, 다 보낸 뒤에 uvicorn을 세운다.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import socket
from collections.abc import Iterator

import uvicorn
import uvloop

from environment.assembly import open_redis, start_telemetry
from environment.env import env
from environment.topology import own_region
from gateway.app import GatewayApp
from gateway.asgi import make_asgi
from gateway.settings import GatewaySettings, OutboxLimits
from gateway.store_batches import HoldBatch, LiveTokens
from gateway.websocket.wire import PlayerSocketProtocol
from players.identity.keys import load_verifier
from redisstore.gate import RedisGate
from redisstore.ratelimit import RateLimiter
from redisstore.results import OwedResults
from redisstore.revocations import RevocationReader
from redisstore.seats import SeatStore
from redisstore.servers.registry import ServerRegistry
from redisstore.spans import trace_redis
from redisstore.tickets.reads import TicketReader
from resilience.stance import Stance
from telemetry import metrics
from telemetry.http_protocol import ProblemHttpProtocol
from telemetry.logs import get_logger
from telemetry.readiness_thread import readiness_thread

log = get_logger(__name__)

LISTEN_BACKLOG = 4096
# 커널이 소켓 하나에 쌓아 주는 크기. 크면 느린 소비자를 늦게 알고, 그만큼 메모리를 먹는다.
SEND_BUFFER_BYTES = 64 * 1024
STOP_LIMIT_S = 2
# 소켓과 프레임은 순환 참조가 없어 참조 수로 죽는다. 기본값(700)이면 연결이 몰릴 때 헛도는 수집이 잦다.
GC_THRESHOLD = 50_000


class GatewayServer(uvicorn.Server):
    """신호를 가로채지 않는 uvicorn. 나가는 차례는 `serve_until`이 정한다."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """아무것도 가로채지 않는다."""
        yield


def make_server(app: GatewayApp) -> GatewayServer:
    """선수 소켓을 받을 서버. 아직 듣지 않는다."""
    settings = app.settings
    return GatewayServer(
        uvicorn.Config(
            make_asgi(app),
            host=settings.bind_host,
            port=settings.http_port,
            loop="none",
            http=ProblemHttpProtocol,
            ws=PlayerSocketProtocol,
            ws_max_size=settings.max_frame_bytes,
            ws_per_message_deflate=False,
            # ping은 connections.py의 둘러보기가 보낸다. 소켓마다의 타이머는 두지 않는다.
            ws_ping_interval=None,
            lifespan="off",
            log_config=None,
            log_level=logging.WARNING,
            access_log=False,
            # 진짜 주소는 websocket/upgrade.py가 정한다. uvicorn의 것은 우리의 프록시 목록을 모른다.
            proxy_headers=False,
            server_header=False,
            backlog=LISTEN_BACKLOG,
            timeout_graceful_shutdown=STOP_LIMIT_S,
        )
    )


def listen(settings: GatewaySettings) -> socket.socket:
    """선수 소켓을 받을 자리. 받은 소켓들이 송신 버퍼의 크기를 물려받는다."""
    family = socket.AF_INET6 if ":" in settings.bind_host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    sock.bind((settings.bind_host, settings.http_port))
    sock.listen(LISTEN_BACKLOG)
    sock.setblocking(False)
    return sock


async def serve_until(stopping: asyncio.Event, app: GatewayApp, sock: socket.socket) -> None:
    """`stopping`까지 선수를 받고, 모두 보낸 뒤 돌아온다."""
    settings = app.settings
    server = make_server(app)
    async with readiness_thread(settings.bind_host, settings.probe_port, app.readiness):
        app.start()
        serving = asyncio.create_task(server.serve(sockets=[sock]), name="uvicorn")
        waiting = asyncio.create_task(stopping.wait(), name="stopping")
        log.info("gateway.started", http_port=sock.getsockname()[1])
        await asyncio.wait((serving, waiting), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        await app.drain()
        server.should_exit = True
        await serving
        await app.stop()
    log.info("gateway.stopped")


def run() -> None:
    """프로세스의 몸통."""
    start_telemetry("gateway", drivers=(trace_redis,))
    # 줄마다 하나씩 남는 라이브러리의 연결 로그를 끈다.
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    uvloop.run(_main())


async def _main() -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stopping.set)
    settings = settings_from_env()
    redis = open_redis()
    app = _assemble(settings, RedisGate(redis))
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, 20, 50)
    try:
        await serve_until(stopping, app, listen(settings))
    finally:
        await redis.aclose()


def _assemble(settings: GatewaySettings, gate: RedisGate) -> GatewayApp:
    return GatewayApp(
        settings,
        verifier=LiveTokens(
            load_verifier(env.keys_dir),
            RevocationReader(gate, settings.region),
            stance=Stance.fail_open(metrics.gateway_revocation_unknown.inc),
        ),
        holds=HoldBatch(TicketReader(gate, settings.region), OwedResults(gate, settings.region)),
        seats=SeatStore(gate),
        registry=ServerRegistry(gate, settings.region),
        limiter=RateLimiter(gate),
    )


def settings_from_env() -> GatewaySettings:
    """환경 변수에서 읽은 설정."""
    region = own_region()
    return GatewaySettings(
        instance=env.instance,
        region=region.name,
        version=env.version,
        bind_host=env.bind_host,
        http_port=env.http_port,
        probe_port=env.probe_port,
        matchmaking_addresses=region.matchmaking_addresses,
        allowed_origins=frozenset(env.allowed_origins),
        trusted_proxies=env.trusted_proxies,
        max_frame_bytes=env.ws_max_frame_bytes,
        messages_per_s=env.ws_messages_per_s,
        messages_burst=env.ws_messages_burst,
        connects_per_s=env.connects_per_s,
        connects_burst=env.connects_burst,
        hello_timeout_s=env.ws_hello_timeout_s,
        sockets_per_player=env.sockets_per_player,
        greetings_per_address=env.ws_greetings_per_address,
        heartbeat_s=env.ws_heartbeat_s,
        busy_ping_s=env.ws_busy_ping_s,
        busy_limit_s=env.ws_busy_limit_s,
        queue_return_s=env.queue_return_s,
        outbox=OutboxLimits(
            max_frames=env.outbox_max_frames, max_bytes=env.outbox_max_bytes, lag_s=env.outbox_lag_s
        ),
    )
