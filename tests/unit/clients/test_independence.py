"""SDK는 혼자 쓸 수 있어야 한다: 서버의 꾸러미를 하나도 부르지 않는다."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

SDK = Path(__file__).resolve().parents[3] / "clients" / "python" / "hanpan_client"
ALLOWED = {"hanpan_client", "msgspec", "websockets", "httptools"}


def test_the_sdk_imports_only_the_standard_library_and_three_packages() -> None:
    roots = {
        name.split(".")[0]
        for path in SDK.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in _imported(node)
    }
    assert roots - set(sys.stdlib_module_names) <= ALLOWED


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
        return [node.module]
    return []
