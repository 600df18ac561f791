"""모든 모듈이 지키는 모양: 머리말이 있고, 길지 않고, 이름이 뜻을 가진다."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MAX_LINES = 400
MAX_FUNCTION_LINES = 60
NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc"}


def _tracked(pattern: str) -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", pattern],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=30,
    )  # fmt: skip
    return [ROOT / line for line in listing.stdout.splitlines() if (ROOT / line).is_file()]


MODULES = [
    path
    for path in _tracked("*.py")
    if "proto/gen" not in path.as_posix() and "/migrations/" not in path.as_posix()
]


def _faults_of(path: Path) -> list[str]:
    """모듈 하나가 어긴 것들."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    faults = [
        f"{node.name}이 {node.end_lineno - node.lineno + 1}줄이다"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > MAX_FUNCTION_LINES
    ]
    if text.strip() and not ast.get_docstring(tree):
        faults.append("머리말이 없다")
    if text.count("\n") > MAX_LINES:
        faults.append("방 둘로 나눌 때다")
    if path.stem in NAMELESS:
        faults.append("이름이 뜻을 갖지 않는다")
    return [f"{path.relative_to(ROOT).as_posix()}: {fault}" for fault in faults]


def test_every_module_opens_with_a_docstring_and_stays_readable() -> None:
    assert len(MODULES) > 500
    assert [fault for path in MODULES for fault in _faults_of(path)] == []


def test_only_env_reads_the_environment_in_the_shipped_code() -> None:
    readers = [
        path.relative_to(ROOT).as_posix()
        for path in MODULES
        if path.relative_to(ROOT).parts[0] in {"platform", "gameservices", "clients"}
        and ("os.environ" in path.read_text() or "os.getenv" in path.read_text())
    ]
    # 뒤의 것들은 읽지 않고 Django가 설정을 찾을 이름만 정한다.
    boots = {
        "gameservices/runtime/django_boot.py",
        "platform/config/asgi.py",
        "platform/gateway/asgi.py",
        "platform/gateway/__main__.py",
    }
    assert set(readers) - boots == {"platform/environment/env.py"}


def test_git_holds_no_binary_file() -> None:
    listing = subprocess.run(
        ["git", "grep", "-I", "--name-only", "--untracked", "-e", ""],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    text_files = set(listing.stdout.splitlines())
    binary = [
        path
        for path in _tracked("*")
        if path.stat().st_size and path.relative_to(ROOT).as_posix() not in text_files
    ]
    assert not binary
