"""어느 런타임으로 띄울지, 그리고 이미 떠 있는 것이 어느 런타임인지 정한다.

`HANPAN_RUNTIME`이 정하고, 없으면 떠 있는 것의 기록, 그것도 없으면 도커 엔진이 답하는지를 본다.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from stack.compose import PROFILES, ComposeFile
from stack.docker import DockerRuntime
from stack.docker_engine import find_engine
from stack.errors import StackError
from stack.local import LocalRuntime
from stack.project import Project, find_compose_file
from stack.runtime import Runtime
from stack.words import told

CHOICE = "HANPAN_RUNTIME"
FILE = "HANPAN_STACK_FILE"
PROJECT = "HANPAN_STACK_PROJECT"
NAMES = ("docker", "local")
RUNTIME_RECORD, PROFILES_RECORD = "runtime", "profiles"


def open_stack(
    file: str, project_name: str, *, default: str = "", environ: Mapping[str, str] = os.environ
) -> Runtime:
    """Compose 파일과 프로젝트 이름의 런타임. 아직 띄우지는 않는다.

    default는 아무도 정하지 않았을 때의 런타임이다. 비면 쓸 수 있는 도커가 있을 때 도커다.

    Raises:
        StackError: 도커를 바랐으나 쓸 수 없거나 이름이 잘못되었다.
    """
    path = find_compose_file(file)
    project = Project(project_name, path)
    compose = ComposeFile.read(path)
    environ = {**environ, PROFILES: environ.get(PROFILES) or _recorded(project, PROFILES_RECORD)}
    choice = environ.get(CHOICE) or _recorded(project, RUNTIME_RECORD) or default
    if choice and choice not in NAMES:
        raise StackError(
            told("{name}={choice}: docker와 local 가운데 하나여야 합니다", name=CHOICE, choice=repr(choice))
        )
    if choice == "local":
        return LocalRuntime(project, compose, environ)
    engine = find_engine(environ)
    if engine is not None:
        return DockerRuntime(project, compose, environ, engine)
    if choice == "docker":
        raise StackError(told("도커 엔진이 답하지 않거나 이미지를 만들 수 없습니다(HANPAN_RUNTIME=docker)"))
    return LocalRuntime(project, compose, environ)


def record_choice(runtime: Runtime) -> None:
    """뒤따르는 명령(status, logs, down)이 같은 런타임과 profile을 보게 적어 둔다."""
    folder = runtime.project.var_dir
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RUNTIME_RECORD).write_text(runtime.name, encoding="ascii")
    (folder / PROFILES_RECORD).write_text(runtime.profiles, encoding="utf-8")


def forget_choice(runtime: Runtime) -> None:
    """멈췄으니 다음에는 새로 고른다."""
    for record in (RUNTIME_RECORD, PROFILES_RECORD):
        (runtime.project.var_dir / record).unlink(missing_ok=True)


def _recorded(project: Project, record: str) -> str:
    path = project.var_dir / record
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""
