"""단위 시험이 비추는 나무: 어느 모듈에 제 이름의 시험이 있고, 어느 시험에 제 모듈이 있는가.

제 이름의 시험이 없는 모듈의 목록(`unmirrored.txt`)을 다시 쓰려면 `python -m tests.architecture.mirror`.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from tests.architecture.rooms import ROOT

UNIT = ROOT / "tests" / "unit"
UNMIRRORED = Path(__file__).with_name("unmirrored.txt")


def shipped_modules() -> dict[PurePosixPath, Path]:
    """import하는 길(`gateway/seats/seat`) → 파일. `platform/` 자체는 길에 없다."""
    return {
        PurePosixPath(path.relative_to(base).with_suffix("").as_posix()): path
        for top, base in (("platform", ROOT / "platform"), ("gameservices", ROOT))
        for path in sorted((ROOT / top).rglob("*.py"))
        if path.name != "__init__.py" and path.parent.name != "migrations"
    }


def unit_tests(packages: Iterable[str]) -> list[PurePosixPath]:
    """그 꾸러미들의 단위 시험(`gateway/seats/test_seat`)."""
    known = set(packages)
    paths = [
        PurePosixPath(path.relative_to(UNIT).with_suffix("").as_posix()) for path in UNIT.rglob("test_*.py")
    ]
    return sorted(path for path in paths if path.parts[0] in known)


def own_test(module: PurePosixPath) -> PurePosixPath:
    """모듈의 이름을 가진 시험의 자리."""
    return module.with_name(f"test_{module.name}")


def names_a_module(test: PurePosixPath, modules: Iterable[PurePosixPath]) -> bool:
    """시험이 제 모듈의 이름을 가졌는가. `test_room_leaving`처럼 뒤에 무엇을 보는지 더해도 된다."""
    subject = test.name.removeprefix("test_")
    return any(
        module.parent == test.parent and (subject == module.name or subject.startswith(f"{module.name}_"))
        for module in modules
    )


def unmirrored() -> list[str]:
    """제 이름의 시험이 없는 모듈들."""
    modules = shipped_modules()
    tests = set(unit_tests(module.parts[0] for module in modules))
    return [str(module) for module in modules if own_test(module) not in tests]


def importers() -> dict[str, set[str]]:
    """모듈(점으로 이은 이름) → 그것을 들이는 모듈들."""
    modules = {".".join(module.parts): path for module, path in shipped_modules().items()}
    found: dict[str, set[str]] = defaultdict(set)
    for source in sorted((*(ROOT / "platform").rglob("*.py"), *(ROOT / "gameservices").rglob("*.py"))):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                continue
            for name in names:
                if name in modules and modules[name] != source:
                    found[name].add(source.relative_to(ROOT).as_posix())
    return found


if __name__ == "__main__":
    UNMIRRORED.write_text("\n".join(unmirrored()) + "\n", encoding="utf-8")
