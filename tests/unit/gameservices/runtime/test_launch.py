"""워커의 시작: 설정이 틀리면 까닭 한 줄로 끝나고, 맞으면 Django 뒤에 조립한다."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import pytest

from gameservices.runtime import launch
from gameservices.runtime.worker import Build, Service, WorkerSettings


async def build(_request_stop: Callable[[], None]) -> Service:
    raise AssertionError("시험은 돌리지 않는다")


def never() -> NoReturn:
    raise AssertionError("설정이 틀렸는데 조립했다")


@pytest.mark.parametrize(
    ("name", "value"),
    [("MODE_OVERRIDES", '{"chess":{}}'), ("MODE_OVERRIDES", "["), ("GRPC_PORT", "many")],
)
def test_a_wrong_setting_ends_the_process_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"HANPAN_{name}", value)
    with pytest.raises(SystemExit, match="matchmaking을 시작할 수 없습니다"):
        launch.launch("matchmaking", never)


def test_the_service_is_loaded_after_django_and_run_after_the_telemetry(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps: list[str] = []
    told: list[WorkerSettings] = []

    def load() -> Build:
        steps.append("load")
        return build

    def run(settings: WorkerSettings, built: Build) -> None:
        assert built is build
        steps.append("run")
        told.append(settings)

    monkeypatch.setattr(launch, "boot_django", lambda: steps.append("django"))
    monkeypatch.setattr(launch, "start_telemetry", lambda *_told, **_options: steps.append("telemetry"))
    monkeypatch.setattr(launch, "run_worker", run)
    monkeypatch.setenv("HANPAN_INSTANCE", "session7")
    monkeypatch.setenv("HANPAN_GRPC_PORT", "7007")
    launch.launch("session", load)
    assert steps == ["django", "load", "telemetry", "run"]
    [settings] = told
    assert (settings.service, settings.instance, settings.grpc_port) == ("session", "session7", 7007)
