"""견줄 커밋의 작업 나무와 가상 환경. 코드는 저마다의 것, 꾸러미는 요구 목록이 같으면 이 환경의 것이다."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "var" / "compare"
REQUIREMENTS = Path("requirements/base.txt")
COMPILED = ("platform", "gameservices", "proto/gen", "clients/python")
GIT_TIMEOUT_S, INSTALL_TIMEOUT_S, STACK_TIMEOUT_S = 60.0, 1500.0, 240.0
PID_LINE = re.compile(r"^(\S+)\s.*?\bpid (\d+)\b", re.MULTILINE)
ENTRY = "import sys\nfrom {module} import {function}\nsys.exit({function}())\n"


@dataclass(frozen=True, slots=True)
class Checkout:
    """꺼낸 커밋 하나: 옛것이나 새것의 이름, 온전한 커밋, 폴더."""

    side: str
    commit: str
    folder: Path

    @property
    def python(self) -> Path:
        """이 나무의 코드를 부르는 파이썬."""
        return self.folder / ".venv" / "bin" / "python"


@contextmanager
def checked_out(side: str, commit: str) -> Iterator[Checkout]:
    """커밋을 `var/compare/<side>`에 꺼내고 돌릴 수 있게 한다. 나갈 때 지운다."""
    full = _git("rev-parse", "--verify", f"{commit}^{{commit}}").strip()
    checkout = Checkout(side, full, FOLDER / side)
    _forget(checkout)
    _git("worktree", "add", "--detach", str(checkout.folder), full)
    try:
        if (checkout.folder / REQUIREMENTS).read_bytes() == (ROOT / REQUIREMENTS).read_bytes():
            _share_packages(checkout)
        else:
            _run(["scripts/build.sh", "--install-only"], checkout.folder, INSTALL_TIMEOUT_S)
        compiled = [str(checkout.python), "-m", "compileall", "-q", *COMPILED]
        _run(compiled, checkout.folder, INSTALL_TIMEOUT_S)
        yield checkout
    finally:
        _forget(checkout)


@contextmanager
def running(checkout: Checkout, variables: Mapping[str, str]) -> Iterator[dict[str, int]]:
    """그 나무의 구성을 빈 데이터로 띄우고 서비스마다의 프로세스 번호를 준다. 나갈 때 데이터까지 지운다."""
    _stack(checkout, variables, "up", "--fresh")
    try:
        yield pids_of(_stack(checkout, variables, "status"))
    finally:
        _stack(checkout, variables, "down", "--remove-data")


def pids_of(status: str) -> dict[str, int]:
    """`python -m stack status`가 찍은 글에서 서비스 이름 → 프로세스 번호."""
    return {name: int(pid) for name, pid in PID_LINE.findall(status)}


def source_roots(pyproject: Mapping[str, Any], folder: Path) -> list[str]:
    """편집 설치가 sys.path에 두는 폴더들."""
    return [
        str(folder / root)
        for root in pyproject["tool"]["hatch"]["build"]["targets"]["wheel"]["dev-mode-dirs"]
    ]


def entry_points(pyproject: Mapping[str, Any]) -> dict[str, str]:
    """명령의 이름 → 그것을 부르는 파이썬 글(머리의 `#!` 줄은 없다)."""
    scripts: Mapping[str, str] = pyproject["project"]["scripts"]
    return {
        name: ENTRY.format(module=module, function=function)
        for name, (module, _, function) in ((name, target.partition(":")) for name, target in scripts.items())
    }


def _share_packages(checkout: Checkout) -> None:
    """꾸러미 없는 가상 환경을 만들고, 제 소스를 앞에, 이 환경의 꾸러미를 뒤에 둔다."""
    venv, shared = checkout.folder / ".venv", Path(sys.prefix)
    _run([sys.executable, "-m", "venv", "--without-pip", str(venv)], ROOT, INSTALL_TIMEOUT_S)
    packages = Path("lib", f"python{sys.version_info.major}.{sys.version_info.minor}", "site-packages")
    pyproject = tomllib.loads((checkout.folder / "pyproject.toml").read_text(encoding="utf-8"))
    paths = [*source_roots(pyproject, checkout.folder), str(shared / packages)]
    (venv / packages / "hanpan_compare.pth").write_text("\n".join(paths) + "\n", encoding="utf-8")
    commands = {
        path.name: path.read_text(encoding="utf-8").partition("\n")[2]
        for path in (shared / "bin").iterdir()
        if path.is_file() and path.read_bytes().startswith(f"#!{shared}/bin/python".encode())
    }
    for name, text in {**commands, **entry_points(pyproject)}.items():
        script = venv / "bin" / name
        script.write_text(f"#!{checkout.python}\n{text}", encoding="utf-8")
        script.chmod(0o755)


def _stack(checkout: Checkout, variables: Mapping[str, str], *arguments: str) -> str:
    command = [str(checkout.python), "-m", "stack", "--file", "e2e", "--project", "compare", *arguments]
    return _run(command, checkout.folder, STACK_TIMEOUT_S, variables)


def _forget(checkout: Checkout) -> None:
    if checkout.folder.exists():
        _git("worktree", "remove", "--force", str(checkout.folder))
    _git("worktree", "prune")


def _git(*arguments: str) -> str:
    return _run(["git", *arguments], ROOT, GIT_TIMEOUT_S)


def _run(
    command: Sequence[str], folder: Path, timeout_s: float, variables: Mapping[str, str] | None = None
) -> str:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name != "PYTHONPATH" and not name.startswith("HANPAN_STACK_")
    }
    done = subprocess.run(
        command, cwd=folder, env={**inherited, **(variables or {})},
        capture_output=True, text=True, check=False, timeout=timeout_s,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} 실패({done.returncode}):\n{done.stdout}{done.stderr}")
    return done.stdout
