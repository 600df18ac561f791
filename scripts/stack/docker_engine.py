"""도커 명령줄: 답하는 엔진과 이미지를 만들 수 있는 손님을 찾고, 명령을 제한 시간 안에 돌린다."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from stack.compose import Topology
from stack.errors import StackError
from stack.runtime import Say
from stack.words import told

PROBE_TIMEOUT_S = 10.0
COMMAND_TIMEOUT_S = 120.0
BUILD_TIMEOUT_S = 1800.0
BUILD_CA = "HANPAN_BUILD_CA"
# 이 판부터 손님은 BuildKit 빌드를 buildx 플러그인에 맡긴다.
FIRST_CLIENT_NEEDING_BUILDX = 23


@dataclass(frozen=True, slots=True)
class DockerEngine:
    """쓸 수 있는 도커: 손님의 경로, compose 명령, TLS 프록시의 CA(없으면 None)."""

    binary: str
    compose: tuple[str, ...]
    build_ca: Path | None = None

    def run(self, *arguments: str, timeout_s: float = COMMAND_TIMEOUT_S) -> str:
        """명령 하나를 돌리고 표준 출력을 준다. 실패하면 StackError."""
        done = subprocess.run(
            [self.binary, *arguments], capture_output=True, text=True, timeout=timeout_s, check=False
        )
        if done.returncode != 0:
            raise StackError(
                told("docker {command} 실패: {why}", command=" ".join(arguments), why=done.stderr.strip())
            )
        return done.stdout

    def logs(self, container: str) -> str:
        """컨테이너의 로그(표준 출력과 오류를 함께)."""
        done = subprocess.run(
            [self.binary, "logs", container],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=COMMAND_TIMEOUT_S,
            check=False,
        )
        return done.stdout.decode("utf-8", errors="replace")

    def build_images(self, topology: Topology, say: Say) -> None:
        """Compose 파일에 적힌 이미지를 모두 만든다. 바뀌지 않은 층은 다시 만들지 않는다."""
        builds = {service.image: service.build for service in topology.services.values() if service.build}
        for image, build in builds.items():
            say(told("  이미지 {image} 만드는 중", image=image))
            secret = ["--secret", f"id=ca,src={self.build_ca}"] if self.build_ca else []
            target = ["--target", build.target] if build.target else []
            command = [self.binary, "build", "--progress=plain", "-t", image, "-f", str(build.dockerfile)]
            done = subprocess.run(
                [*command, *target, *secret, str(build.context)],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=BUILD_TIMEOUT_S,
                env={**os.environ, "DOCKER_BUILDKIT": "1"},
                check=False,
            )
            if done.returncode != 0:
                tail = "\n".join(done.stdout.splitlines()[-30:])
                raise StackError(
                    told("이미지 {image}을(를) 만들지 못했습니다:\n{tail}", image=image, tail=tail)
                )


def find_engine(environ: Mapping[str, str]) -> DockerEngine | None:
    """엔진이 답하고 이미지를 만들 수 있으면 그 도커를, 아니면 None을 준다."""
    ca = environ.get(BUILD_CA)
    for binary in _clients(environ.get("PATH", os.defpath)):
        compose = _compose_command(binary)
        if compose and _answers(binary) and _can_build(binary):
            return DockerEngine(binary, compose, Path(ca) if ca else None)
    return None


def _clients(path: str) -> Iterator[str]:
    """PATH의 모든 docker. 앞의 것이 빌드를 못 해도 뒤의 것(Debian의 docker.io)은 할 수 있다."""
    for folder in dict.fromkeys(path.split(os.pathsep)):
        candidate = shutil.which("docker", path=folder)
        if candidate:
            yield candidate


def _compose_command(binary: str) -> tuple[str, ...]:
    if _succeeds(binary, "compose", "version"):
        return (binary, "compose")
    standalone = shutil.which("docker-compose")
    return (standalone,) if standalone else ()


def _answers(binary: str) -> bool:
    return _succeeds(binary, "version", "--format", "{{.Server.Version}}")


def _can_build(binary: str) -> bool:
    version = subprocess.run(
        [binary, "version", "--format", "{{.Client.Version}}"],
        capture_output=True,
        text=True,
        timeout=PROBE_TIMEOUT_S,
        check=False,
    ).stdout
    major = version.partition(".")[0]
    if major.isdigit() and int(major) < FIRST_CLIENT_NEEDING_BUILDX:
        return True
    return _succeeds(binary, "buildx", "version")


def _succeeds(*command: str) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, timeout=PROBE_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
