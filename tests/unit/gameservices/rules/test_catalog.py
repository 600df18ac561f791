"""모드의 표와 설정으로 덮어쓰기."""

from __future__ import annotations

import pkgutil
import sys
from types import ModuleType

import pytest

from gameservices import rules as rules_package
from gameservices.rules.base import ModeError, ModeSpec, WindowSpec
from gameservices.rules.catalog import load_modes
from gameservices.rules.star_collect import StarCollect


def test_the_built_in_game_opens_duel_and_arena() -> None:
    modes = load_modes({})
    duel, arena = modes["duel"].spec, modes["arena"].spec
    assert (duel.min_players, duel.max_players, duel.duration_ms, duel.fill_wait_ms) == (2, 2, 20_000, 0)
    assert (arena.min_players, arena.max_players, arena.duration_ms) == (2, 100, 60_000)
    assert arena.fill_wait_ms == 10_000
    assert {mode.spec.tick_rate_hz for mode in modes.values()} == {20}
    assert modes["duel"].rules is StarCollect


def test_settings_change_a_mode_without_touching_the_others() -> None:
    modes = load_modes({"duel": {"duration_ms": 5_000, "rating_window": {"base": 50}}})
    assert modes["duel"].spec.duration_ms == 5_000
    assert modes["duel"].spec.rating_window.base == 50
    assert modes["duel"].spec.rating_window.cap == 1000
    assert modes["duel"].spec.rating_window.open_after_ms == 45_000
    wide = load_modes({"arena": {"rating_window": {"cap": 5_000, "open_after_ms": 9_000}}})
    assert wide["arena"].spec.rating_window == WindowSpec(cap=5_000, open_after_ms=9_000)
    assert modes["arena"].spec.duration_ms == 60_000


@pytest.mark.parametrize(
    ("overrides", "named"),
    [
        ({"chess": {}}, "chess"),
        ({"duel": {"length": 3}}, "length"),
        ({"duel": {"name": "other"}}, "name"),
        ({"duel": {"rating_window": {"width": 3}}}, "width"),
        ({"duel": {"duration_ms": "5000"}}, "duel.duration_ms"),
        ({"duel": {"max_players": True}}, "duel.max_players"),
        ({"duel": {"rating_window": {"base": 1.5}}}, "duel.rating_window.base"),
        ({"duel": 5}, "duel"),
        ({"duel": {"duration_ms": -1}}, "duration_ms"),
    ],
)
def test_a_wrong_override_is_refused_with_its_place_named(overrides: dict[str, object], named: str) -> None:
    with pytest.raises(ModeError, match=named):
        load_modes(overrides)


def _add_rules_module(monkeypatch: pytest.MonkeyPatch, name: str, *modes: ModeSpec) -> None:
    """규칙 폴더에 파일 하나가 더해진 것처럼 만든다."""

    class Rules(StarCollect):
        pass

    Rules.modes = modes
    module = ModuleType(f"gameservices.rules.{name}")
    module.RULES = Rules  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    listed = list(pkgutil.iter_modules(rules_package.__path__))
    added = pkgutil.ModuleInfo(listed[0].module_finder, name, False)
    monkeypatch.setattr(pkgutil, "iter_modules", lambda _path: [*listed, added])


def test_a_third_mode_is_one_new_file(monkeypatch: pytest.MonkeyPatch) -> None:
    race = ModeSpec(name="race", min_players=2, max_players=4, duration_ms=30_000)
    _add_rules_module(monkeypatch, "race", race)
    assert load_modes({"race": {"max_players": 3}})["race"].spec.max_players == 3


def test_two_rules_cannot_share_a_mode_name(monkeypatch: pytest.MonkeyPatch) -> None:
    _add_rules_module(
        monkeypatch, "twin", ModeSpec(name="duel", min_players=2, max_players=2, duration_ms=1_000)
    )
    with pytest.raises(ModeError, match="duel"):
        load_modes({})
