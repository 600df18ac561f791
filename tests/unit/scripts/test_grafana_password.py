"""Grafana는 이미지의 기본 비밀번호로 뜨지 않고, up.sh는 제 것을 주인만 읽는 파일에 만든다."""

from __future__ import annotations

import stat
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def start(environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = ["sh", str(ROOT / "infra/observability/grafana/start.sh"), "echo", "started"]
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.parametrize(
    "environ", [{}, *({"GF_SECURITY_ADMIN_PASSWORD": it} for it in ("", "admin", "x" * 11))]
)
def test_grafana_does_not_start_without_a_password(environ: dict[str, str]) -> None:
    done = start(environ)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("GRAFANA_PASSWORD") == 2


def test_grafana_starts_with_a_password_that_is_never_said() -> None:
    done = start({"GF_SECURITY_ADMIN_PASSWORD": "a-long-secret"})
    assert (done.returncode, done.stdout, done.stderr) == (0, "started\n", "")


def test_a_made_secret_is_kept_and_read_by_its_owner_only(tmp_path: Path) -> None:
    def made(name: str) -> str:
        command = [ROOT / "scripts" / "secret-file.sh", tmp_path / "var" / name]
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout

    first = made("one")
    assert (made("one"), len(first)) == (first, 32)
    assert made("other") != first
    path = tmp_path / "var" / "one"
    assert [stat.S_IMODE(it.stat().st_mode) for it in (path, path.parent)] == [0o600, 0o700]
