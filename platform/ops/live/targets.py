"""지표를 물어볼 프로세스들의 목록. 설정의 글을 읽기만 하는 순수한 코드다."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_TARGET = re.compile(r"(?P<name>[a-z][a-z0-9-]*)=(?P<host>[^\s:=]+|\[[0-9a-f:]+\]):(?P<port>[0-9]{1,5})")
_ORDINAL = re.compile(r"-?[0-9]+$")


class TargetError(ValueError):
    """`이름=주소:포트`가 아닌 글. 어느 것인지 문구에 있다."""


@dataclass(frozen=True, slots=True)
class Target:
    """지표를 여는 프로세스 하나. 역할은 이름에서 끝의 번호를 뗀 것이다(gateway2 → gateway)."""

    name: str
    host: str
    port: int

    @property
    def role(self) -> str:
        return _ORDINAL.sub("", self.name)


def parse_targets(texts: Iterable[str]) -> tuple[Target, ...]:
    """`gateway1=127.0.0.1:8000` 꼴의 글들을 이름순의 목록으로.

    Raises:
        TargetError: 꼴이 틀렸거나 이름이 겹친다.
    """
    targets: dict[str, Target] = {}
    for text in texts:
        found = _TARGET.fullmatch(text)
        if found is None or found["name"] in targets:
            raise TargetError(f"지표의 주소는 서로 다른 `이름=주소:포트`여야 합니다: {text!r}")
        targets[found["name"]] = Target(found["name"], found["host"].strip("[]"), int(found["port"]))
    return tuple(targets[name] for name in sorted(targets))
