"""SDK 안내의 예제가 적힌 그대로 돈다."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

from tests.e2e.players import MATCH_WAIT_S

README = Path(__file__).resolve().parents[2] / "clients" / "python" / "README.md"


async def test_the_example_of_the_sdk_plays_a_match() -> None:
    example = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)[0]
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
