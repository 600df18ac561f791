"""한 꾸러미의 방들과 그 사이의 화살표를 import에서 센다. 곁방(폴더)이 방이고, 바로 아래의 파일도 방이다.

화살표는 (부르는 방, 불리는 방)의 서로 다른 짝이다. 표를 찍으려면 `python -m tests.architecture.rooms`.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {
    "gateway": ROOT / "platform" / "gateway",
    "gameservices.session": ROOT / "gameservices" / "session",
    "gameservices.matchmaking": ROOT / "gameservices" / "matchmaking",
}

Arrows = dict[tuple[str, str], set[str]]


def modules_of(package: str, folder: Path) -> dict[str, Path]:
    """점으로 이은 이름에서 파일로. `__init__`은 들지 않는다."""
    return {
        ".".join((package, *path.relative_to(folder).with_suffix("").parts)): path
        for path in sorted(folder.rglob("*.py"))
        if path.name != "__init__.py"
    }


def arrows_in(package: str, sources: Mapping[str, str]) -> Arrows:
    """방 사이의 화살표와, 그것을 만드는 모듈들(`부르는 것 → 불리는 것`). `sources`는 모듈의 이름에서 글로."""
    found: Arrows = defaultdict(set)
    for module, text in sources.items():
        for target in _targets(text, sources):
            source_room, target_room = room_of(package, module), room_of(package, target)
            if source_room != target_room:
                found[source_room, target_room].add(f"{module} → {target}")
    return dict(found)


def room_of(package: str, module: str) -> str:
    """모듈이 사는 방."""
    return module.removeprefix(f"{package}.").split(".")[0]


def arrows_of(package: str) -> Arrows:
    """저장소에 있는 꾸러미의 화살표."""
    modules = modules_of(package, PACKAGES[package])
    return arrows_in(package, {name: path.read_text(encoding="utf-8") for name, path in modules.items()})


def rooms_in_circles(arrows: Arrows) -> list[str]:
    """스스로에게 돌아오는 방들."""
    following: dict[str, set[str]] = defaultdict(set)
    for source, target in arrows:
        following[source].add(target)
    return sorted(room for room in following if room in _reached_from(room, following))


def floors_of(arrows: Arrows) -> dict[str, int]:
    """방마다의 층: 아무도 부르지 않으면 1층, 부르는 방은 불리는 방보다 위다. 도는 길이 없어야 한다."""
    following: dict[str, set[str]] = defaultdict(set)
    for source, target in arrows:
        following[source].add(target)
    rooms = sorted({room for pair in arrows for room in pair})

    def floor(room: str) -> int:
        return 1 + max((floor(below) for below in following[room]), default=0)

    return {room: floor(room) for room in rooms}


def _targets(text: str, known: Mapping[str, str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        yield from (name for name in names if name in known)


def _reached_from(room: str, following: Mapping[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = [room]
    while waiting:
        for target in following.get(waiting.pop(), ()):
            if target not in reached:
                reached.add(target)
                waiting.append(target)
    return reached


def main() -> None:
    """꾸러미마다의 수와 화살표를 찍는다."""
    for package in PACKAGES:
        arrows = arrows_of(package)
        floors = floors_of(arrows)
        print(f"{package}: 방 {len(floors)}, 화살표 {len(arrows)}, 층 {max(floors.values())}")  # noqa: T201
        for source in sorted(floors, key=lambda room: (-floors[room], room)):
            targets = sorted(target for room, target in arrows if room == source)
            print(f"  {floors[source]}층 {source} → {', '.join(targets) or '없음'}")  # noqa: T201


if __name__ == "__main__":
    main()
