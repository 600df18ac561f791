"""session 프로세스의 시작. 설정이 틀리면 까닭 한 줄을 남기고 끝난다."""

from __future__ import annotations

import sys

from environment.env import EnvError, env
from gameservices.rules.base import ModeError
from gameservices.rules.catalog import load_modes
from gameservices.runtime.django_boot import boot_django
from gameservices.runtime.worker import WorkerSettings, run_worker


def main() -> None:
    """환경을 검사하고 SIGTERM까지 돈다."""
    try:
        load_modes(env.mode_overrides)
        settings = _worker_settings()
    except (EnvError, ModeError) as error:
        sys.exit(f"session을 시작할 수 없습니다: {error}")
    boot_django()
    # ORM의 모델을 읽는 모듈이라 Django가 선 뒤에야 부를 수 있다.
    from gameservices.session.server import build  # noqa: PLC0415

    run_worker(settings, build)


def _worker_settings() -> WorkerSettings:
    return WorkerSettings(
        service="session",
        instance=env.instance,
        version=env.version,
        bind_host=env.bind_host,
        grpc_port=env.grpc_port,
        http_port=env.http_port,
        log_level=env.log_level,
        otlp_endpoint=env.otlp_endpoint,
        trace_ratio=env.trace_ratio,
    )


if __name__ == "__main__":
    main()
