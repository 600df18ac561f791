"""README의 '내 게임 모드' 예가 적힌 그대로 돈다. 두 언어의 예와 명령은 같고, 붙여 넣으면 그대로 돈다."""

from __future__ import annotations

import re
import types
from pathlib import Path

import pytest

from gameservices.rules.catalog import Mode
from gameservices.session.rooms.room import Room, RoomPlan, RoomPlayer, RoomStatus
from tests.fakes.session_rooms import PACE

ROOT = Path(__file__).resolve().parents[2]


def _example(readme: str) -> str:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / readme).read_text(encoding="utf-8"), re.DOTALL)
    (block,) = [block for block in blocks if "RULES = " in block]
    return str(block)


@pytest.fixture
def race_mode() -> Mode:
    module = types.ModuleType("race")
    exec(compile(_example("README.md"), "README.md", "exec"), module.__dict__)  # noqa: S102 - 우리 문서다
    return Mode(spec=module.RULES.modes[0], rules=module.RULES)


def _commands(readme: str) -> list[str]:
    return re.findall(r"```bash\n(.*?)```", (ROOT / readme).read_text(encoding="utf-8"), re.DOTALL)


def test_both_readmes_show_the_same_commands() -> None:
    assert _commands("README.md") == _commands("README.en.md")
    assert len(_commands("README.md")) >= 4


@pytest.mark.parametrize("block", _commands("README.md"))
def test_a_command_can_be_pasted_into_bash_and_zsh(block: str) -> None:
    """대화형 zsh는 주석을 모르고 변수를 낱말로 나누지 않으며, 꺾쇠는 어느 셸에서나 파일이다."""
    assert "#" not in block
    assert "<" not in block
    assert not re.search(r"^\s*\$\w+ ", block, re.MULTILINE)


def test_both_readmes_show_the_same_example() -> None:
    assert _example("README.md") == _example("README.en.md")


def test_the_example_plays_a_whole_match_to_its_standings(race_mode: Mode) -> None:
    players = (RoomPlayer("a", "가", 1500.0), RoomPlayer("b", "나", 1500.0))
    plan = RoomPlan(
        match_id="m", mode=race_mode, region="local", seed=1, players=players, created_at_ms=0, queued_at_ms=0
    )
    room: Room = Room(plan, pace=PACE, created_at_s=0.0)
    room.start(now_ms=0)
    room.take_input(room.seats[1], 1, [1])
    while room.status is RoomStatus.RUNNING:
        room.step(now_ms=room.tick * 50)
    assert room.tick == race_mode.spec.duration_ticks
    assert [(row.player_id, row.place, row.score) for row in room.standings()] == [("b", 1, 200), ("a", 2, 0)]
