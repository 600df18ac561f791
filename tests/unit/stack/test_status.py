"""supervisord와 도커의 상태를 우리의 상태로 옮기고, 한 줄로 말하기."""

from __future__ import annotations

from typing import Any

import pytest

from stack import docker, supervised
from stack.foreground import describe
from stack.runtime import ServiceState, ServiceStatus
from tests.unit.stack.topologies import topology

TREE = {"setup": {}, "api": {"restart": "unless-stopped"}}
SERVICES = topology(TREE).services


def supervisor_info(name: str, state: str, *, pid: int = 0, exit_code: int = 0) -> dict[str, Any]:
    return {"name": name, "statename": state, "pid": pid, "exitstatus": exit_code, "spawnerr": ""}


@pytest.mark.parametrize(
    ("name", "state", "exit_code", "expected"),
    [
        ("api", "STARTING", 0, ServiceState.STARTING),
        ("api", "BACKOFF", 1, ServiceState.STARTING),
        ("api", "EXITED", 1, ServiceState.STARTING),
        ("api", "FATAL", 1, ServiceState.FAILED),
        ("api", "STOPPED", 0, ServiceState.STOPPED),
        ("setup", "EXITED", 0, ServiceState.COMPLETED),
        ("setup", "EXITED", 3, ServiceState.FAILED),
    ],
)
def test_the_state_of_supervisord_is_ours(
    name: str, state: str, exit_code: int, expected: ServiceState
) -> None:
    status = supervised.read_status(supervisor_info(name, state, exit_code=exit_code), SERVICES[name])
    assert status.state is expected


def test_a_failure_tells_its_exit_code() -> None:
    status = supervised.read_status(supervisor_info("setup", "EXITED", exit_code=3), SERVICES["setup"])
    assert "3" in status.note


@pytest.mark.parametrize(
    ("name", "state", "exit_code", "expected"),
    [
        ("api", "running", 0, ServiceState.RUNNING),
        ("api", "paused", 0, ServiceState.PAUSED),
        ("api", "restarting", 1, ServiceState.STARTING),
        ("api", "exited", 0, ServiceState.STOPPED),
        ("api", "exited", 1, ServiceState.FAILED),
        ("api", "exited", 137, ServiceState.STOPPED),
        ("setup", "exited", 0, ServiceState.COMPLETED),
        ("setup", "exited", 1, ServiceState.FAILED),
    ],
)
def test_the_state_of_docker_is_ours(name: str, state: str, exit_code: int, expected: ServiceState) -> None:
    inspected = {"State": {"Status": state, "ExitCode": exit_code, "Pid": 0}}
    assert docker.read_status(name, inspected, one_shot=name == "setup").state is expected


def test_a_service_without_a_container_is_stopped() -> None:
    assert docker.read_status("api", None, one_shot=False).state is ServiceState.STOPPED


@pytest.mark.parametrize(
    ("state", "restarts", "expected"),
    [
        ({"Status": "running", "ExitCode": 0}, 0, ""),
        ({"Status": "running", "ExitCode": 0, "Health": {"Status": "starting"}}, 0, ""),
        ({"Status": "running", "ExitCode": 0, "Health": {"Status": "unhealthy"}}, 0, "상태 확인"),
        ({"Status": "running", "ExitCode": 0}, 4, "거듭"),
        ({"Status": "exited", "ExitCode": 1}, 0, "끝냄 값 1"),
    ],
)
def test_what_kept_compose_from_starting_is_named(
    state: dict[str, Any], restarts: int, expected: str
) -> None:
    reason = docker.trouble("api", {"State": state, "RestartCount": restarts})
    assert (expected in reason) if expected else reason == ""


def test_the_live_line_names_only_what_is_not_fine() -> None:
    statuses = {
        "api": ServiceStatus("api", ServiceState.RUNNING, 7),
        "setup": ServiceStatus("setup", ServiceState.COMPLETED),
        "db": ServiceStatus("db", ServiceState.FAILED, note="끝냄 값 1로 끝났습니다"),
    }
    assert describe(statuses) == "정상 2/3 · db 실패(끝냄 값 1로 끝났습니다)"
    del statuses["db"]
    assert describe(statuses) == "정상 2/2"
