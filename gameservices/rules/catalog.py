"""이 폴더의 규칙들을 찾아 모드의 표를 만들고, 설정으로 덮어쓴다.

규칙은 `RULES` 클래스를 가진 모듈이다. 세 번째 모드는 새 파일 하나를 더하는 것으로 끝난다.
"""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gameservices import rules as rules_package
from gameservices.rules.base import GameRules, ModeError, ModeSpec, WindowSpec


@dataclass(frozen=True, slots=True)
class Mode:
    """모드의 설정과 그것을 도는 규칙."""

    spec: ModeSpec
    rules: type[GameRules]


def load_modes(overrides: Mapping[str, Any]) -> dict[str, Mode]:
    """모든 모드를 이름으로. `overrides`는 `{"duel": {"duration_ms": 5000}}` 모양이다.

    Raises:
        ModeError: 모르는 모드나 칸, 정수가 아닌 값, 앞뒤가 맞지 않는 설정, 겹치는 이름.
    """
    modes: dict[str, Mode] = {}
    for rules_class in _rules_classes():
        for spec in rules_class.modes:
            if spec.name in modes:
                raise ModeError(f"모드 {spec.name}을(를) 두 규칙이 함께 정했습니다")
            modes[spec.name] = Mode(spec, rules_class)
    unknown = sorted(set(overrides) - set(modes))
    if unknown:
        raise ModeError(f"모르는 모드: {', '.join(unknown)} (있는 모드: {', '.join(sorted(modes))})")
    return {
        name: Mode(_overridden(mode.spec, name, overrides.get(name, {})), mode.rules)
        for name, mode in modes.items()
    }


def _rules_classes() -> Iterator[type[GameRules]]:
    for module_info in sorted(pkgutil.iter_modules(rules_package.__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{rules_package.__name__}.{module_info.name}")
        rules_class = getattr(module, "RULES", None)
        if rules_class is not None:
            yield rules_class


def _overridden(spec: ModeSpec, path: str, values: object) -> ModeSpec:
    changes = _checked_fields(values, path, allowed=_field_names(ModeSpec) - {"name"})
    window = changes.pop("rating_window", None)
    if window is not None:
        fields = _integers(
            _checked_fields(window, f"{path}.rating_window", allowed=_field_names(WindowSpec)),
            f"{path}.rating_window",
        )
        changes["rating_window"] = dataclasses.replace(spec.rating_window, **fields)
    integers = {name: value for name, value in changes.items() if name != "rating_window"}
    _integers(integers, path)
    return dataclasses.replace(spec, **changes)


def _field_names(spec: type[ModeSpec] | type[WindowSpec]) -> set[str]:
    return {field.name for field in dataclasses.fields(spec)}


def _checked_fields(values: object, path: str, *, allowed: set[str]) -> dict[str, Any]:
    if not isinstance(values, Mapping):
        raise ModeError(f"{path}: JSON 객체여야 합니다")
    unknown = sorted(set(values) - allowed)
    if unknown:
        raise ModeError(f"{path}: 모르는 칸 {', '.join(unknown)} (있는 칸: {', '.join(sorted(allowed))})")
    return dict(values)


def _integers(values: dict[str, Any], path: str) -> dict[str, int]:
    for name, value in values.items():
        if not isinstance(value, int) or isinstance(value, bool):
            raise ModeError(f"{path}.{name}: 정수여야 합니다")
    return values
