"""시험이 마음대로 멈추고 죽여도 되는 혼자만의 진짜 Redis."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from redisstore.client import AsyncRedis, RedisSettings, make_async_client
from stack.processes import freeze

HOST = "127.0.0.1"
START_DEADLINE_S = 10.0


class RedisProcess:
    """빈 폴더에서 뜨는 redis-server 하나. 설정은 운영과 같다(AOF everysec, noeviction)."""

    def __init__(self, folder: Path, *, cluster: bool = False) -> None:
        self._folder = folder
        self._is_cluster = cluster
        self.appendfsync = "everysec"
        self.port = _free_port()
        self.bus_port = _free_port() if cluster else 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """띄우고 답할 때까지 기다린다. 데이터는 앞의 것을 잇는다."""
        arguments = ["--bind", HOST, "--port", str(self.port), "--dir", str(self._folder)]
        arguments += ["--appendonly", "yes", "--appendfsync", self.appendfsync, "--save", ""]
        arguments += ["--maxmemory-policy", "noeviction"]
        if self._is_cluster:
            arguments += ["--cluster-enabled", "yes", "--cluster-port", str(self.bus_port)]
        with (self._folder / "redis.log").open("ab") as log:
            self._process = subprocess.Popen(["redis-server", *arguments], stdout=log, stderr=log)
        deadline = time.monotonic() + START_DEADLINE_S
        while not self._answers():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError((self._folder / "redis.log").read_text())
            time.sleep(0.01)

    def _answers(self) -> bool:
        try:
            with redis.Redis(host=HOST, port=self.port, socket_timeout=1) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def freeze(self) -> None:
        """SIGSTOP: 연결은 받되 답하지 않는다."""
        if self._process is not None:
            freeze(self._process.pid)

    def thaw(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """SIGKILL. 데이터 파일은 남는다."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait(timeout=10)
        self._process = None

    def forget(self) -> None:
        """죽은 뒤 데이터를 지운다: 다음 start는 빈 채로 뜬다."""
        for path in sorted(self._folder.rglob("*"), reverse=True):
            if path.name != "redis.log":
                path.rmdir() if path.is_dir() else path.unlink()

    def stop(self) -> None:
        """끝낸다. 얼어 있었으면 깨운다."""
        if self._process is not None:
            self.thaw()
            self.kill()

    def _signal(self, signum: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(signum)

    def settings(self) -> RedisSettings:
        """운영과 같은 제한의 연결 설정."""
        return RedisSettings(host=HOST, port=self.port)

    def client(self) -> AsyncRedis:
        """운영과 같은 설정의 클라이언트. 부른 쪽이 닫는다."""
        return make_async_client(self.settings())


@contextmanager
def redis_process(folder: Path, *, cluster: bool = False) -> Iterator[RedisProcess]:
    """띄우고, 끝나면 반드시 내린다."""
    process = RedisProcess(folder, cluster=cluster)
    process.start()
    try:
        yield process
    finally:
        process.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
