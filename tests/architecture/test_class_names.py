"""클래스의 이름은 저장소에 하나뿐이다: 이름만 읽고 무엇인지 안다."""

from __future__ import annotations

import ast
from collections import defaultdict

from tests.architecture.rooms import ROOT

# 틀이 정한 이름, 밖으로 나가는 이름(직렬기의 이름은 OpenAPI의 것이다), 모듈 안에서만 보이는 이름.
FRAMEWORK_NAMES = {"Command", "Migration", "Meta"}
OUTSIDE_NAMES = "serializers.py"


def _classes() -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for top in ("platform", "gameservices"):
        for path in (ROOT / top).rglob("*.py"):
            if path.name == OUTSIDE_NAMES:
                continue
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef):
                    found[node.name].add(path.relative_to(ROOT).as_posix())
    return found


def test_a_class_name_means_one_thing_in_the_repository() -> None:
    classes = _classes()
    assert len(classes) > 300
    shared = {
        name: sorted(places)
        for name, places in classes.items()
        if len(places) > 1 and name not in FRAMEWORK_NAMES and not name.startswith("_")
    }
    assert shared == {}
