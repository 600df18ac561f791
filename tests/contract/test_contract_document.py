"""contract.md의 표가 코드와 같은지: 오류 코드와 모드."""

from __future__ import annotations

from pathlib import Path

import grpc

from gameservices.rules.catalog import load_modes
from kernel.errors import ERRORS_BY_CODE

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = (ROOT / "design" / "protocol" / "contract.md").read_text(encoding="utf-8")


def table_rows(heading: str) -> list[list[str]]:
    """`heading`이 든 절의 첫 표의 줄들. 칸의 백틱은 벗긴다."""
    _, _, rest = CONTRACT.partition(f"{heading}\n")
    assert rest, f"'{heading}' 절이 없다"
    section = rest.split("\n#", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_error_table_is_the_error_tree() -> None:
    documented = {row[0]: tuple(row[1:4]) for row in table_rows("## 5. 오류 코드")}
    in_code = {
        code: (str(error.http_status), error.grpc_code, str(error.close_code or ""))
        for code, error in ERRORS_BY_CODE.items()
    }
    assert documented == in_code


def test_every_grpc_code_of_the_tree_exists() -> None:
    for error in ERRORS_BY_CODE.values():
        assert getattr(grpc.StatusCode, error.grpc_code)


def test_every_close_code_of_an_error_is_in_the_close_code_table() -> None:
    documented = {int(row[0]) for row in table_rows("### 2.4 닫힘 코드")}
    assert {error.close_code for error in ERRORS_BY_CODE.values() if error.close_code} <= documented


def test_the_mode_table_is_the_catalog() -> None:
    documented = {row[0]: (row[1], row[2]) for row in table_rows("## 4. 모드")}
    in_code = {}
    for name, mode in load_modes({}).items():
        spec = mode.spec
        players = (
            f"{spec.min_players}"
            if spec.min_players == spec.max_players
            else f"{spec.min_players}–{spec.max_players}"
        )
        in_code[name] = (players, f"{spec.duration_ms // 1000}초")
    assert documented == in_code
