"""코드와 템플릿에서 번역할 글을 모은다. makemessages와 같은 눈(templatize)을 쓴다."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from django.utils.translation.template import templatize

OPS = Path(__file__).resolve().parents[3] / "platform" / "ops"
NAMES = {"_", "gettext", "gettext_lazy"}
_IN_TEMPLATE = re.compile(r"gettext\(u?((?:'(?:\\.|[^'\\])*')|(?:\"(?:\\.|[^\"\\])*\"))\)", re.DOTALL)


def used_messages() -> dict[str, str]:
    """{글: 처음 쓰인 파일}."""
    found: dict[str, str] = {}
    for path in sorted(OPS.rglob("*.html")):
        for text in _template_messages(path.read_text(encoding="utf-8")):
            found.setdefault(text, path.relative_to(OPS).as_posix())
    for path in sorted(OPS.rglob("*.py")):
        for text in _python_messages(path.read_text(encoding="utf-8")):
            found.setdefault(text, path.relative_to(OPS).as_posix())
    return found


def _template_messages(source: str) -> list[str]:
    code = templatize(source)
    plain = re.findall(r"\b_\((u?(?:'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"))\)", code)
    return [ast.literal_eval(text.lstrip("u")) for text in [*_IN_TEMPLATE.findall(code), *plain]]


def _python_messages(source: str) -> list[str]:
    return [
        node.args[0].value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in NAMES
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ]
