"""버전은 한 파일에 있고, 글자로 적은 다른 자리는 그것과 같다."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from environment.env import REPO_ROOT, Env
from environment.version import VERSION

SOURCE = "platform/environment/version.py"
# 파이썬을 읽지 못해 글자로 적은 자리들과 그 모양. `scripts/bump-version.sh`가 바꾸는 것과 같다.
WRITTEN = {
    "infra/compose/e2e.yml": r"\$\{HANPAN_VERSION:-([^}]*)\}",
    "infra/compose/it.yml": r"\$\{HANPAN_VERSION:-([^}]*)\}",
    "STATE.md": r"^지금 \S+ \*\*v([0-9.]+)\*\*",
}


def text_of(path: str) -> str:
    return (REPO_ROOT / path).read_text(encoding="utf-8")


def test_the_build_backend_can_read_it() -> None:
    """hatchling의 기본 모양: 형을 적으면(str 말고는) 읽지 못한다."""
    shape = r"""^VERSION *= *(['"])v?(?P<version>.+?)\1"""
    found = re.search(shape, text_of(SOURCE), flags=re.MULTILINE)
    assert found
    assert found["version"] == VERSION


def test_the_version_is_three_numbers() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)


@pytest.mark.parametrize("path", WRITTEN)
def test_a_place_that_writes_the_version_out_says_the_same(path: str) -> None:
    found = re.findall(WRITTEN[path], text_of(path), flags=re.MULTILINE)
    assert found
    assert set(found) == {VERSION}


def test_the_bump_command_knows_every_place() -> None:
    command = text_of("scripts/bump-version.sh")
    assert SOURCE in command
    assert "infra/compose/*.yml" in command
    assert "STATE.md" in command


def test_the_package_and_the_environment_read_it() -> None:
    project = tomllib.loads(text_of("pyproject.toml"))
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"]["path"] == SOURCE
    assert vars(Env)["version"].default == VERSION
    assert "version" not in project["project"]


def test_no_other_source_writes_the_version_out() -> None:
    named = re.compile(rf"(?<![\d.]){re.escape(VERSION)}(?![\d.])")
    found = {
        path.relative_to(REPO_ROOT).as_posix()
        for top in ("platform", "gameservices", "scripts", "infra", "proto", "pyproject.toml")
        for path in _files(REPO_ROOT / top)
        if named.search(path.read_text(encoding="utf-8", errors="ignore"))
    }
    assert found == {SOURCE, *(path for path in WRITTEN if path.startswith("infra/"))}


def _files(top: Path) -> list[Path]:
    if top.is_file():
        return [top]
    suffixes = {".py", ".sh", ".yml", ".yaml", ".toml", ".json", ".cfg", ".proto", ".txt", ""}
    return [
        path
        for path in top.rglob("*")
        if path.is_file() and path.suffix in suffixes and "__pycache__" not in path.parts
    ]
