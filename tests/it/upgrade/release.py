"""한 판(릴리스)의 소스와, 그 소스로 띄우는 진짜 프로세스들.

지난 판은 커밋에서 꺼낸다: 소스 루트를 PYTHONPATH의 앞에 두면 같은 가상 환경에서 그 판의 코드가 돈다.
"""

from __future__ import annotations

import http.client
import io
import json
import os
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stack.project import ROOT

# 바로 앞의 판. 새 판을 내면 이 줄을 그 판의 마지막 커밋으로 옮긴다.
PREVIOUS_VERSION = "1.5.1"
PREVIOUS_COMMIT = "e34b3d1442d6d6a2385452bd72d4e90ec6bc324c"

SOURCE_ROOTS = (".", "platform", "proto/gen", "clients/python", "scripts")
MODULES = {
    "platform": "config.serve",
    "gateway": "gateway",
    "matchmaking": "gameservices.matchmaking",
    "session": "gameservices.session",
}
STARTUP_S = 60.0
COMMAND_LIMIT_S = 120.0
STOP_LIMIT_S = 30.0
HTTP_LIMIT_S = 10.0
POLL_S = 0.05


def has_previous_release() -> bool:
    """이 저장소가 지난 판의 커밋을 아는가. 얕은 클론이나 풀어 놓은 묶음은 모른다."""
    known = subprocess.run(
        ["git", "cat-file", "-e", f"{PREVIOUS_COMMIT}^{{commit}}"],
        cwd=ROOT, capture_output=True, timeout=COMMAND_LIMIT_S, check=False,
    )  # fmt: skip
    return known.returncode == 0


@dataclass(frozen=True)
class Release:
    """소스 나무 하나."""

    name: str
    root: Path

    @classmethod
    def current(cls) -> Release:
        """지금의 소스."""
        return cls("new", ROOT)

    @classmethod
    def previous(cls, folder: Path) -> Release:
        """지난 판을 `folder`에 꺼낸다."""
        archive = subprocess.run(
            ["git", "archive", "--format=tar", PREVIOUS_COMMIT],
            cwd=ROOT, capture_output=True, timeout=COMMAND_LIMIT_S, check=True,
        ).stdout  # fmt: skip
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(folder, filter="data")
        return cls("old", folder)

    def environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        """이 판의 코드가 먼저 보이는 환경."""
        paths = os.pathsep.join(str((self.root / part).resolve()) for part in SOURCE_ROOTS)
        return {**os.environ, **settings, "PYTHONPATH": paths}

    def manage(self, settings: Mapping[str, str], *arguments: str) -> str:
        """`manage.py`의 명령 하나. 실패하면 그 출력을 보인다."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=self.root, env=self.environment(settings), capture_output=True, text=True,
            timeout=COMMAND_LIMIT_S, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@dataclass
class Service:
    """도는 프로세스 하나."""

    release: Release
    kind: str
    name: str
    host: str
    process: subprocess.Popen[bytes]
    log_path: Path

    def log(self) -> str:
        """지금까지의 로그."""
        return self.log_path.read_text(encoding="utf-8")

    def call(self, method: str, path: str, body: Any = None, token: str = "") -> tuple[int, Any]:
        """HTTP 한 번: 상태와 (JSON이면) 본문."""
        connection = http.client.HTTPConnection(self.host, 8000, timeout=HTTP_LIMIT_S)
        headers = {"Host": "localhost", "Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            connection.request(method, path, None if body is None else json.dumps(body).encode(), headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        is_json = "json" in (answer.getheader("Content-Type") or "")
        return answer.status, json.loads(text) if is_json else text

    def wait_until_ready(self) -> None:
        """/readyz가 200이 될 때까지."""
        give_up_at_s = time.monotonic() + STARTUP_S
        while time.monotonic() < give_up_at_s:
            assert self.process.poll() is None, self.log()
            try:
                if self.call("GET", "/readyz")[0] == http.HTTPStatus.OK:
                    return
            except OSError:
                pass
            time.sleep(POLL_S)
        raise AssertionError(f"{self.name}이(가) 제때 준비되지 않았다: {self.log()}")

    def stop(self) -> None:
        """SIGTERM으로 멈추고 끝나기를 기다린다."""
        self.process.terminate()
        self.process.wait(timeout=STOP_LIMIT_S)


@dataclass
class Deployment:
    """MariaDB 하나와 Redis 하나를 나눠 쓰는 프로세스들. 판이 섞일 수 있다."""

    settings: Mapping[str, str]
    hosts: Mapping[str, str]
    folder: Path
    services: dict[str, Service] = field(default_factory=dict)
    _started: ExitStack = field(default_factory=ExitStack)

    def start(self, release: Release, kind: str, name: str) -> Service:
        """프로세스 하나를 띄우고 준비되기를 기다린다."""
        service = self._started.enter_context(self._running(release, kind, name))
        service.wait_until_ready()
        self.services[name] = service
        return service

    def stop(self, names: Sequence[str]) -> None:
        """프로세스들을 차례로 멈춘다."""
        for name in names:
            self.services.pop(name).stop()

    def close(self) -> None:
        """남은 것을 모두 끝낸다."""
        self._started.close()

    @contextmanager
    def _running(self, release: Release, kind: str, name: str) -> Iterator[Service]:
        host = self.hosts[name]
        own = {
            "HANPAN_INSTANCE": name, "HANPAN_BIND_HOST": host, "HANPAN_ADVERTISE_HOST": host,
            "HANPAN_GRPC_PORT": "7000", "HANPAN_HTTP_PORT": "8000", "HANPAN_PROBE_PORT": "8001",
        }  # fmt: skip
        log_path = self.folder / f"{release.name}-{name}.log"
        with log_path.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", MODULES[kind]],
                cwd=release.root, env=release.environment({**self.settings, **own}),
                stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        try:
            yield Service(release, kind, name, host, process, log_path)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait(timeout=STOP_LIMIT_S)
