"""platform 프로세스의 조립: 로그, 추적, Django, ASGI 앱. daphne가 `config.asgi:application`을 올린다."""

from __future__ import annotations

import logging
import os

import django
from opentelemetry.instrumentation.django import DjangoInstrumentor

from database.spans import trace_mariadb
from environment.assembly import start_telemetry
from environment.env import env
from redisstore.spans import trace_redis

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
start_telemetry("platform", drivers=(trace_redis, trace_mariadb))
# 클라이언트가 보낸 것 때문에 스택이나 경고가 쌓이지 않게 한다. 우리 잘못은 ERROR로 남는다.
logging.getLogger("django.request").setLevel(logging.ERROR)
logging.getLogger("django.security").setLevel(logging.CRITICAL)
logging.getLogger("daphne").setLevel(logging.WARNING)
# 미들웨어를 끼워 넣으므로 처리기를 만들기 전에 켠다.
DjangoInstrumentor().instrument()
django.setup()

from config.application import PlatformApplication  # noqa: E402
from fleet.roll_driver import RollDriver  # noqa: E402
from ops.live.entrance import make_live_entrance  # noqa: E402
from players.identity.sweeper import SignInSweeper  # noqa: E402
from telemetry.probes import ProbeApp  # noqa: E402
from webserver.http_handler import ThreadPoolHandler  # noqa: E402
from webserver.readiness import PlatformReadiness  # noqa: E402

_readiness = PlatformReadiness()
application = PlatformApplication(
    handler=ThreadPoolHandler(threads=env.http_threads, waiting=env.http_waiting),
    probes=ProbeApp(service="platform", instance=env.instance, version=env.version, readiness=_readiness),
    readiness=_readiness,
    live=make_live_entrance(),
    rolls=RollDriver(),
    sweeper=SignInSweeper(),
)
