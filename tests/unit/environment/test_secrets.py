"""키 폴더의 비밀: 처음에 만들고, 남이 못 읽고, 함께 떠도 하나만 남는다."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from environment.secrets import append_private, read_secret


def test_a_secret_is_made_once_and_nobody_else_reads_it(tmp_path: Path) -> None:
    made = read_secret(tmp_path / "keys", "web")
    assert len(made) >= 48
    assert read_secret(tmp_path / "keys", "web") == made
    assert read_secret(tmp_path / "keys", "device") != made
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()} == {0o600}
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700


def test_a_secret_that_was_put_there_is_used(tmp_path: Path) -> None:
    (tmp_path / "web").write_text("given\n", encoding="ascii")
    assert read_secret(tmp_path, "web") == "given"


def test_of_two_that_start_together_the_first_secret_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def link_after_another(draft: Path, path: Path) -> None:
        path.write_text("another", encoding="ascii")
        link(draft, path)

    monkeypatch.setattr(os, "link", link_after_another)
    assert read_secret(tmp_path, "web") == "another"
    assert [path.name for path in tmp_path.iterdir()] == ["web"]


@pytest.mark.parametrize("mode", [None, 0o644])
def test_what_is_appended_is_read_by_its_owner_only(tmp_path: Path, mode: int | None) -> None:
    path = tmp_path / "keys" / "demo"
    if mode is not None:
        path.parent.mkdir()
        path.touch(mode)
    append_private(path, "one\n")
    append_private(path, "two\n")
    assert (path.read_text(encoding="utf-8"), path.stat().st_mode & 0o777) == ("one\ntwo\n", 0o600)
