"""비밀이 들 수 있는 파일은 처음부터, 그리고 있던 것도 주인만 읽는다."""

from __future__ import annotations

from pathlib import Path

import pytest

from stack.private_files import close_to_others, write_private


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.mark.parametrize("existed", [True, False])
def test_a_private_file_is_closed_whether_it_was_there_or_not(tmp_path: Path, existed: bool) -> None:
    path = tmp_path / "setup.log"
    if existed:
        path.write_text("앞의 긴 내용", encoding="utf-8")
        path.chmod(0o644)
    write_private(path, "새것")
    assert (path.read_text(encoding="utf-8"), mode(path)) == ("새것", 0o600)


def test_files_left_open_to_others_are_closed_and_folders_left_alone(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    before = mode(tmp_path / "folder")
    for name in ("a.log", "a.log.1"):
        (tmp_path / name).touch(0o644)
    close_to_others(tmp_path)
    assert [mode(tmp_path / name) for name in ("a.log", "a.log.1", "folder")] == [0o600, 0o600, before]
