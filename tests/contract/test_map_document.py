"""지도와 README가 가리키는 길은 정말 있고, 지도의 그림은 있는 방을 모두, 부르는 차례대로 그린다."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest

from tests.architecture.rooms import PACKAGES, arrows_of

ROOT = Path(__file__).resolve().parents[2]
MAP = (ROOT / "design" / "00-map.md").read_text(encoding="utf-8")
PATHS_IN_MAP = sorted(
    {path for path in re.findall(r"`([\w./-]+/[\w./-]+|\.\w+)`", MAP) if not path.startswith("/")}
)
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("design/**/*.md"), *ROOT.glob("clients/*/README.md")]
LINKS = sorted(
    {
        (document.relative_to(ROOT).as_posix(), link)
        for document in DOCUMENTS
        for link in re.findall(r"\]\(([^)#\s]+)\)", document.read_text(encoding="utf-8"))
        if "://" not in link
    }
)


def test_every_path_of_the_map_exists() -> None:
    assert len(PATHS_IN_MAP) > 50
    assert [path for path in PATHS_IN_MAP if not (ROOT / path).exists()] == []


def test_every_link_of_a_document_leads_somewhere() -> None:
    assert LINKS
    assert [
        (document, link) for document, link in LINKS if not ((ROOT / document).parent / link).exists()
    ] == []


# ---- 그림

SECTION = MAP.split("## 방과 층\n", 1)[1].split("\n## ", 1)[0]
FLOORS, ROOMS, WINGS = re.findall(r"^```\n(.*?)^```", SECTION, re.MULTILINE | re.DOTALL)
# 앱의 얼개이지 방이 아닌 폴더.
NO_ROOMS = {"management", "migrations", "__pycache__"}


def packages() -> set[str]:
    """`platform/`의 꾸러미들과, 온전히 적는 `gameservices/`의 것들."""
    return {folder.name for folder in folders_with_code(ROOT / "platform")} | {
        f"gameservices/{folder.name}" for folder in folders_with_code(ROOT / "gameservices")
    }


def folders_with_code(parent: Path) -> list[Path]:
    return sorted(
        each
        for each in parent.iterdir()
        if each.is_dir() and each.name not in NO_ROOMS and any(each.glob("*.py"))
    )


def folder_of(package: str) -> Path:
    return ROOT / package if package.startswith("gameservices/") else ROOT / "platform" / package


def floors_drawn() -> list[set[str]]:
    return [set(re.findall(r"(?<!\S)[a-z]+(?:/[a-z]+)?(?![\w/])", line)) for line in FLOORS.splitlines()]


def floors_held() -> list[set[str]]:
    """`.importlinter`의 층들. 꾸러미의 한 모듈로 적힌 것은 그 꾸러미다."""
    rules = configparser.ConfigParser()
    rules.read(ROOT / ".importlinter", encoding="utf-8")
    lines = rules["importlinter:contract:layers"]["layers"].strip().splitlines()
    return [
        {
            module.replace(".", "/") if module.startswith("gameservices") else module.partition(".")[0]
            for module in re.findall(r"[\w.]+", line)
        }
        for line in lines
    ]


def rooms_drawn() -> dict[str, list[list[str]]]:
    """세 칸의 그림: 꾸러미마다 위에서부터의 줄들. `/`로 끝난 이름은 곁방이다."""
    heading, *lines = ROOMS.splitlines()
    starts = [found.start() for found in re.finditer(r"\S+", heading)]
    ends = [*starts[1:], None]
    return {
        heading[start:end].strip(): [line[start:end].split() for line in lines]
        for start, end in zip(starts, ends, strict=True)
    }


def wings_drawn() -> dict[str, set[str]]:
    """꾸러미마다의 곁방: 세 칸의 그림과 나머지의 줄들."""
    columns = {
        package: {name.rstrip("/") for line in lines for name in line if name.endswith("/")}
        for package, lines in rooms_drawn().items()
    }
    rest = {line.split()[0]: {name.rstrip("/") for name in line.split()[1:]} for line in WINGS.splitlines()}
    return columns | rest


def test_every_package_is_drawn_on_the_floor_that_the_linter_holds() -> None:
    assert floors_drawn() == floors_held()
    assert set().union(*floors_drawn()) == packages()


def test_every_wing_is_drawn_and_none_is_left_over() -> None:
    found = {
        package: {folder.name for folder in folders_with_code(folder_of(package))} for package in packages()
    }
    assert wings_drawn() == {package: wings for package, wings in found.items() if wings}


@pytest.mark.parametrize("package", PACKAGES)
def test_the_rooms_are_drawn_above_the_rooms_they_call(package: str) -> None:
    lines = rooms_drawn()[package.replace(".", "/")]
    height = {name.rstrip("/"): at for at, line in enumerate(lines) for name in line}
    assert len(height) == sum(map(len, lines)), "같은 방이 두 번 그려졌다"
    folder = folder_of(package.replace(".", "/"))
    assert [
        name for name in height if not (folder / name).is_dir() and not (folder / f"{name}.py").is_file()
    ] == []
    drawn = [(source, target) for source, target in arrows_of(package) if {source, target} <= height.keys()]
    assert drawn
    assert [(source, target) for source, target in drawn if height[source] >= height[target]] == []
