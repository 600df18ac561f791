"""Compose 파일을 읽어 형이 있는 값으로 바꾼다. 두 런타임이 함께 쓰는 만큼만 안다.

모르는 키는 도커가 읽을 것으로 보고 지나친다(networks, build 등).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

import yaml

from stack.errors import StackError
from stack.interpolation import interpolate
from stack.words import told

PROFILES = "COMPOSE_PROFILES"
_DURATION = re.compile(r"(?P<amount>\d+(?:\.\d+)?)(?P<unit>ms|s|m|h)")
# 주소를 적지 않은 포트는 도커가 모든 주소에 연다.
EVERYWHERE = "0.0.0.0"  # noqa: S104
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


class Condition(Enum):
    """depends_on이 앞 서비스에 바라는 것."""

    STARTED = "service_started"
    HEALTHY = "service_healthy"
    COMPLETED = "service_completed_successfully"


@dataclass(frozen=True, slots=True)
class Healthcheck:
    """상태 확인 명령 하나(argv)와 그 제한(초)."""

    command: tuple[str, ...]
    interval_s: float
    timeout_s: float


@dataclass(frozen=True, slots=True)
class PublishedPort:
    """밖에 여는 포트 하나."""

    host: str
    host_port: int
    container_port: int


@dataclass(frozen=True, slots=True)
class Build:
    """이미지를 만드는 법. 경로는 절대 경로다."""

    context: Path
    dockerfile: Path
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Compose 서비스 하나."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    depends_on: Mapping[str, Condition] = field(default_factory=dict)
    healthcheck: Healthcheck | None = None
    published: tuple[PublishedPort, ...] = ()
    exposed: tuple[int, ...] = ()
    image: str = ""
    build: Build | None = None
    restarts: bool = False
    profiles: tuple[str, ...] = ()
    stop_grace_s: float = 10.0
    stop_signal: str = "TERM"


@dataclass(frozen=True, slots=True)
class Topology:
    """변수를 채운 Compose 파일. 서비스의 차례는 파일에 적힌 차례다."""

    path: Path
    services: Mapping[str, Service]
    volumes: tuple[str, ...]

    def one_shots(self) -> frozenset[str]:
        """한 번 돌고 끝나는 서비스: 누군가 그 끝남을 기다린다."""
        return frozenset(
            dependency
            for service in self.services.values()
            for dependency, condition in service.depends_on.items()
            if condition is Condition.COMPLETED
        )


class ComposeFile:
    """변수를 채우기 전의 Compose 파일."""

    def __init__(self, path: Path, tree: Mapping[str, Any]) -> None:
        self.path = path
        self._tree = tree
        if not isinstance(tree.get("services"), dict):
            raise StackError(told("{path}: services가 없습니다", path=path))

    @classmethod
    def read(cls, path: Path) -> ComposeFile:
        """파일을 읽는다. 없거나 YAML이 아니면 StackError."""
        try:
            return cls(path, yaml.safe_load(path.read_text(encoding="utf-8")))
        except FileNotFoundError as error:
            raise StackError(told("Compose 파일이 없습니다: {path}", path=path)) from error
        except yaml.YAMLError as error:
            raise StackError(
                told("Compose 파일을 읽을 수 없습니다: {path}: {error}", path=path, error=str(error))
            ) from error

    def service_names(self) -> tuple[str, ...]:
        """파일에 적힌 차례의 서비스 이름."""
        return tuple(self._tree["services"])

    def volume_names(self) -> tuple[str, ...]:
        """이름 있는 볼륨들."""
        return tuple(self._tree.get("volumes") or ())

    def all_services(self, variables: Mapping[str, str]) -> dict[str, Service]:
        """켜지 않은 profile의 것까지 모든 서비스."""
        return {
            name: _service(name, interpolate(node, variables), self.path.parent)
            for name, node in self._tree["services"].items()
        }

    def resolve(self, variables: Mapping[str, str], *, built_only: bool = False) -> Topology:
        """변수를 채워 형이 있는 값으로 바꾼다.

        profile이 있는 서비스는 `COMPOSE_PROFILES`(쉼표)가 그것을 켰을 때만 든다. `built_only`면 그 가운데
        우리가 만드는 것(build가 있는 서비스)만 든다.
        """
        wanted = {part.strip() for part in variables.get(PROFILES, "").split(",")}
        services = {
            name: service
            for name, service in self.all_services(variables).items()
            if not service.profiles or (wanted & {*service.profiles} and (service.build or not built_only))
        }
        for service in services.values():
            unknown = set(service.depends_on) - set(services)
            if unknown:
                raise StackError(
                    told(
                        "{path}: {service}이(가) 없는 서비스를 기다립니다: {services}",
                        path=self.path,
                        service=service.name,
                        services=", ".join(sorted(unknown)),
                    )
                )
        return Topology(self.path, services, self.volume_names())


def _service(name: str, node: Mapping[str, Any], folder: Path) -> Service:
    return Service(
        name=name,
        command=_argv(node.get("command") or ()),
        environment=_environment(node.get("environment") or {}),
        depends_on=_depends_on(node.get("depends_on") or {}),
        healthcheck=_healthcheck(node.get("healthcheck")),
        published=tuple(_published(str(text)) for text in node.get("ports") or ()),
        exposed=tuple(int(port) for port in node.get("expose") or ()),
        image=str(node.get("image", "")),
        build=_build(node.get("build"), folder),
        profiles=tuple(map(str, node.get("profiles") or ())),
        restarts=str(node.get("restart", "no")) not in {"no", "False"},
        stop_grace_s=parse_duration_s(str(node.get("stop_grace_period", "10s"))),
        stop_signal=str(node.get("stop_signal", "SIGTERM")).removeprefix("SIG"),
    )


def _argv(value: Any) -> tuple[str, ...]:
    return tuple(shlex.split(value)) if isinstance(value, str) else tuple(str(part) for part in value)


def _environment(value: Any) -> dict[str, str]:
    if isinstance(value, list):
        return dict(str(item).partition("=")[::2] for item in value)
    return {str(key): "" if item is None else str(item) for key, item in value.items()}


def _depends_on(value: Any) -> dict[str, Condition]:
    if isinstance(value, list):
        return dict.fromkeys(map(str, value), Condition.STARTED)
    return {
        str(name): Condition((node or {}).get("condition", Condition.STARTED.value))
        for name, node in value.items()
    }


def _healthcheck(node: Mapping[str, Any] | None) -> Healthcheck | None:
    if not node or node.get("disable"):
        return None
    test = node["test"]
    if isinstance(test, str):
        command: tuple[str, ...] = ("sh", "-c", test)
    elif test[0] == "CMD-SHELL":
        command = ("sh", "-c", test[1])
    else:
        command = tuple(str(part) for part in test[1:])
    return Healthcheck(
        command,
        parse_duration_s(str(node.get("interval", "30s"))),
        parse_duration_s(str(node.get("timeout", "30s"))),
    )


def _published(text: str) -> PublishedPort:
    *host, host_port, container_port = text.split(":")
    return PublishedPort(host[0] if host else EVERYWHERE, int(host_port), int(container_port))


def _build(node: Any, folder: Path) -> Build | None:
    if not node:
        return None
    context = (folder / node["context"]).resolve()
    return Build(context, context / node.get("dockerfile", "Dockerfile"), node.get("target", ""))


def parse_duration_s(text: str) -> float:
    """Compose의 기간(`1m30s`, `500ms`)을 초로."""
    parts = list(_DURATION.finditer(text))
    if not parts or "".join(part[0] for part in parts) != text:
        raise StackError(told("기간의 표기가 잘못되었습니다: {text}", text=repr(text)))
    return sum(float(part["amount"]) * _SECONDS[part["unit"]] for part in parts)
