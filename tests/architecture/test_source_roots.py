"""소스 루트가 서로와 표준 라이브러리를 가리지 않는지 지킨다."""

from __future__ import annotations

import platform
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_standard_library_platform_is_not_shadowed() -> None:
    stdlib = Path(sysconfig.get_paths()["stdlib"])
    assert Path(platform.__file__).resolve() == (stdlib / "platform.py").resolve()


def test_the_platform_source_root_is_not_a_package() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists()


def test_a_process_started_in_the_repository_still_finds_the_standard_platform() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", "import platform; print(platform.python_version())"],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=30,
    )  # fmt: skip
    assert answer.stdout.strip() == platform.python_version()
