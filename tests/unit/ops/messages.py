"""코드와 템플릿에서 번역할 글을 모은다. makemessages와 같은 눈(templatize)을 쓴다."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation.template import templatize

PLATFORM = Path(__file__).resolve().parents[3] / "platform"


class NotConstant(Exception):
    """번역할 글이 상수가 아니다."""


@dataclass(frozen=True)
class Shape:
    """번역 함수의 인자들이 무엇인지: 문맥, 원문, 여러 꼴의 자리."""

    source: int = 0
    context: int | None = None
    plural: int | None = None


SHAPES = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), Shape()),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), Shape(source=1, context=0)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), Shape(plural=1)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), Shape(source=1, context=0, plural=2)),
}


@dataclass(frozen=True)
class Used:
    """쓰인 글 하나. 문맥과 여러 꼴은 없으면 빈 글이다."""

    source: str
    context: str = ""
    plural: str = ""


def used_messages(
    root: Path = PLATFORM, skip: str = "migrations", *, is_ours: bool = True
) -> dict[Used, str]:
    """{글: 처음 쓰인 파일과 줄}. 이름이 `skip`인 폴더는 보지 않는다."""
    found: dict[Used, str] = {}
    for path in sorted((*root.rglob("*.html"), *root.rglob("*.py"))):
        if skip in path.relative_to(root).parts:
            continue
        text = path.read_text(encoding="utf-8")
        code = _as_python(text) if path.suffix == ".html" else text
        for used, line in messages_in(code, is_ours=is_ours):
            found.setdefault(used, f"{path.relative_to(root).as_posix()}:{line}")
    return found


def messages_in(code: str, *, is_ours: bool = True) -> Iterator[tuple[Used, int]]:
    """파이썬 코드에서. 번역할 글이 상수가 아니면 거절한다."""
    for node in ast.walk(ast.parse(code)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        shape = SHAPES.get(node.func.id)
        if shape is None or not node.args:
            continue
        try:
            used = Used(
                source=_text(node, shape.source),
                context=_text(node, shape.context),
                plural=_text(node, shape.plural),
            )
        except NotConstant:
            if is_ours:
                raise
        else:
            yield used, node.lineno


def _text(node: ast.Call, place: int | None) -> str:
    if place is None:
        return ""
    argument = node.args[place]
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return argument.value
    raise NotConstant(f"{node.lineno}째 줄: 번역할 글은 상수여야 합니다: {ast.unparse(node)}")


def _as_python(template: str) -> str:
    """templatize는 글이 아닌 자리를 X로 바꾼다. 번역 함수의 부름만 남긴다."""
    lines = []
    for line in templatize(template).splitlines():
        start = 0
        while (call := _next_call(line, start)) is not None:
            begin, end = call
            lines.append(line[begin:end])
            start = end
    return "\n".join(lines)


def _next_call(line: str, start: int) -> tuple[int, int] | None:
    """`gettext(...)` 하나의 자리. 파이썬으로 읽히는 가장 짧은 끝을 찾는다."""
    begins = [
        place
        for name in (" _(", " gettext(", " pgettext(", " ngettext(", " npgettext(")
        if (place := line.find(name, start)) >= 0
    ]
    if not begins:
        return None
    begin = min(begins) + 1
    for end in (place + 1 for place, char in enumerate(line) if char == ")" and place > begin):
        try:
            ast.parse(line[begin:end])
        except SyntaxError:
            continue
        return begin, end
    return None
