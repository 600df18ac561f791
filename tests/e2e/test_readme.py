"""README와 SDK 안내의 예가 적힌 그대로 돈다."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from stack.runtime import Runtime
from tests.e2e.fleet_desk import FleetDesk
from tests.e2e.players import MATCH_WAIT_S

ROOT = Path(__file__).resolve().parents[2]
SDK_README = ROOT / "clients" / "python" / "README.md"
COMMANDS_LIMIT_S = 110.0
OPERATING, OUTSIDE = "manage roll", "my-game"


def _commands(holding: str) -> str:
    blocks = re.findall(r"```bash\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    (block,) = [block for block in blocks if holding in block]
    return str(block)


def _run(stack: Runtime, shell: str, commands: str) -> str:
    """명령들을 셸에서 그대로 돌린다. 하나라도 실패하면 진다. 구성의 이름만 이 시험의 것으로 바꾼다."""
    project, python = stack.project, sys.executable
    ours = f"{shlex.quote(python)} -m stack --file {shlex.quote(str(project.compose_path))}"
    text = commands.replace("./scripts/up.sh exec", f"{ours} --project {project.name} exec")
    assert text != commands
    done = subprocess.run(
        [*shlex.split(shell), "-c", f"set -e\n{text}"],
        cwd=ROOT, capture_output=True, text=True, timeout=COMMANDS_LIMIT_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh -f"])
def test_the_commands_for_a_game_server_of_ones_own_write_a_result(stack: Runtime, shell: str) -> None:
    answer = json.loads(_run(stack, shell, _commands(OUTSIDE)))
    assert (answer["status"], answer["already_finalized"]) == ("finalized", False)
    assert [row["place"] for row in answer["results"]] == [1, 2]


def test_the_commands_of_the_operator_run_as_printed(stack: Runtime, fleet: FleetDesk) -> None:
    """갈아 끼우기까지: 끝나면 두 서버가 다시 판을 받는다."""
    output = _run(stack, "zsh -f", _commands(OPERATING))
    servers = json.loads(output.splitlines()[-1])["servers"]
    assert {row["server_id"]: row["state"] for row in servers} == {"session1": "ready", "session2": "ready"}


def test_the_table_of_settings_is_printed_by_up_sh() -> None:
    table = subprocess.run(
        ["./scripts/up.sh", "env"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    ).stdout
    assert "`HANPAN_TICKET_TIMEOUT_MS`" in table


async def test_the_example_of_the_sdk_plays_a_match() -> None:
    example = re.findall(r"```python\n(.*?)```", SDK_README.read_text(encoding="utf-8"), re.DOTALL)[0]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", example, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        async with asyncio.timeout(MATCH_WAIT_S):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    lines = output.decode().splitlines()
    assert process.returncode == 0, output.decode()
    assert len(lines) == 2
    assert all("status='finalized'" in line for line in lines)
