"""Compose 파일의 변수 치환: ${이름}, ${이름:-기본값}, ${이름-기본값}, ${이름:?문구}, $$.

순수하다: 파일도 환경도 읽지 않고 주어진 변수만 쓴다.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from stack.errors import StackError
from stack.words import told

_PATTERN = re.compile(
    r"\$(?:(?P<escaped>\$)|(?P<bare>[A-Za-z_]\w*)|"
    r"\{(?P<name>[A-Za-z_]\w*)(?:(?P<operator>:?[-?])(?P<argument>[^}]*))?\}|(?P<invalid>))"
)


def interpolate_text(text: str, variables: Mapping[str, str]) -> str:
    """글 하나의 변수를 값으로 바꾼다. 기본값 없이 빠진 이름은 빈 글이다(Compose와 같다).

    Raises:
        StackError: 잘못된 표기이거나 `:?`가 요구한 값이 없다.
    """

    def replace(match: re.Match[str]) -> str:
        if match["escaped"]:
            return "$"
        name = match["bare"] or match["name"]
        if name is None:
            raise StackError(told("Compose 파일의 변수 표기가 잘못되었습니다: {text}", text=repr(text)))
        return _value(name, match["operator"] or "", match["argument"] or "", variables)

    return _PATTERN.sub(replace, text)


def _value(name: str, operator: str, argument: str, variables: Mapping[str, str]) -> str:
    value = variables.get(name)
    missing = value is None or (operator.startswith(":") and value == "")
    if not missing:
        return value or ""
    if operator.endswith("-"):
        return argument
    if operator.endswith("?"):
        raise StackError(
            told("Compose 변수 {name}이(가) 필요합니다: {argument}", name=name, argument=argument)
        )
    return ""


def interpolate(node: Any, variables: Mapping[str, str]) -> Any:
    """YAML에서 읽은 나무의 모든 글 값을 치환한다. 열쇠(이름)는 그대로 둔다."""
    if isinstance(node, str):
        return interpolate_text(node, variables)
    if isinstance(node, dict):
        return {key: interpolate(value, variables) for key, value in node.items()}
    if isinstance(node, list):
        return [interpolate(value, variables) for value in node]
    return node
