"""로컬 런타임의 파일 내용: supervisord.conf와 서비스마다의 실행 스크립트. 순수하다.

환경은 supervisor의 environment= 대신 실행 스크립트에 적는다: JSON 값의 따옴표가 깨지지 않고,
사람이 그 스크립트를 손으로 돌려 볼 수 있다.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path

from stack.compose import Service
from stack.project import Project

START_RETRIES = 2
LOG_MAX_BYTES = "50MB"
LOG_BACKUPS = 2


def render_launcher(service: Service, *, root: Path, base_environment: Mapping[str, str]) -> str:
    """서비스를 컨테이너처럼 깨끗한 환경에서 띄우는 셸 스크립트. exec하므로 pid가 곧 서비스다."""
    environment = {**base_environment, **service.environment}
    assignments = " \\\n".join(f"  {name}={shlex.quote(value)}" for name, value in environment.items())
    return (
        "#!/bin/sh\n"
        f"# {service.name}: Compose 파일에서 만든 것. 고치지 말고 infra/compose를 고친다.\n"
        f"cd {shlex.quote(str(root))} || exit 1\n"
        'ulimit -S -n "$(ulimit -H -n)"\n'
        f"exec env -i \\\n{assignments} \\\n  {shlex.join(service.command)}\n"
    )


def render_supervisord(
    services: Iterable[Service],
    *,
    project: Project,
    one_shots: frozenset[str],
    socket_path: Path,
    as_root: bool,
) -> str:
    """supervisord.conf의 내용. 모든 프로그램은 autostart=false다: 차례는 우리가 정한다."""
    head = [
        "[unix_http_server]",
        f"file={_escape(socket_path)}",
        "chmod=0700",
        "",
        "[supervisord]",
        # 로그와 서비스가 쓰는 파일은 주인만 읽는다.
        "umask=077",
        f"logfile={_escape(project.log_path('supervisord'))}",
        "logfile_maxbytes=1MB",
        "logfile_backups=1",
        f"pidfile={_escape(project.run_dir / 'supervisord.pid')}",
        *(["user=root"] if as_root else []),
        "",
        "[rpcinterface:supervisor]",
        "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
    ]
    programs = [
        line for service in services for line in ("", *_program(service, service.name in one_shots, project))
    ]
    return "\n".join([*head, *programs, ""])


def _program(service: Service, one_shot: bool, project: Project) -> list[str]:
    launcher = shlex.quote(str(project.run_dir / f"{service.name}.sh"))
    return [
        f"[program:{service.name}]",
        f"command=/bin/sh {_escape(launcher)}",
        "autostart=false",
        f"autorestart={'true' if service.restarts else 'false'}",
        # 한 번 도는 일은 금세 끝나는 것이 정상이다.
        f"startsecs={0 if one_shot else 1}",
        f"startretries={0 if one_shot else START_RETRIES}",
        f"stopsignal={service.stop_signal}",
        f"stopwaitsecs={max(1, round(service.stop_grace_s))}",
        "killasgroup=true",
        "redirect_stderr=true",
        f"stdout_logfile={_escape(project.log_path(service.name))}",
        f"stdout_logfile_maxbytes={LOG_MAX_BYTES}",
        f"stdout_logfile_backups={LOG_BACKUPS}",
    ]


def _escape(value: object) -> str:
    """supervisor는 설정의 %를 치환 표시로 읽는다."""
    return str(value).replace("%", "%%")
