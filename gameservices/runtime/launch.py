"""워커 프로세스의 시작. 설정이 틀리면 까닭 한 줄을 남기고 끝난다."""

from __future__ import annotations

import sys
from collections.abc import Callable

from database.spans import trace_mariadb
from environment.assembly import start_telemetry
from environment.env import EnvError, env
from gameservices.rules.base import ModeError
from gameservices.rules.catalog import load_modes
from gameservices.runtime.django_boot import boot_django
from gameservices.runtime.worker import Build, WorkerSettings, run_worker
from redisstore.spans import trace_redis


def launch(service: str, load_build: Callable[[], Build]) -> None:
    """환경을 검사하고 SIGTERM까지 돈다.

    `load_build`는 조립하는 함수를 import해 온다: ORM의 모델을 읽는 모듈이라 Django가 선 뒤에야 부를 수 있다.
    """
    try:
        load_modes(env.mode_overrides)
        settings = WorkerSettings(
            service=service,
            instance=env.instance,
            version=env.version,
            bind_host=env.bind_host,
            grpc_port=env.grpc_port,
            http_port=env.http_port,
        )
    except (EnvError, ModeError) as error:
        sys.exit(f"{service}을 시작할 수 없습니다: {error}")
    boot_django()
    build = load_build()
    start_telemetry(service, drivers=(trace_redis, trace_mariadb))
    run_worker(settings, build)
