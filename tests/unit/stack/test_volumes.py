"""데이터의 자리: 메모리에 자리가 있을 때만 그리로 잇고, 어디에 있든 지운다."""

from __future__ import annotations

from pathlib import Path

import pytest

from stack import volumes


@pytest.fixture(autouse=True)
def roomy(monkeypatch: pytest.MonkeyPatch) -> None:
    """시험하는 기계에 자리가 얼마든 있는 것으로 친다."""
    monkeypatch.setattr(volumes, "LEAST_FREE_BYTES", 1)


def test_data_goes_to_memory_through_a_link_and_both_are_removed(tmp_path: Path) -> None:
    data, memory = tmp_path / "var" / "volumes", tmp_path / "memory"
    memory.mkdir()
    assert volumes.make_in_memory(data, memory)
    (data / "kept").write_text("1")
    assert volumes.is_in_memory(data)
    assert data.resolve().parent == memory
    volumes.remove(data)
    assert not data.is_symlink()
    assert list(memory.iterdir()) == []


def test_data_stays_on_disk_when_memory_has_no_room_or_data_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "volumes"
    assert not volumes.make_in_memory(data, tmp_path / "no-such-place")
    with monkeypatch.context() as crowded:
        crowded.setattr(volumes, "LEAST_FREE_BYTES", 2**62)
        assert not volumes.make_in_memory(data, tmp_path)
    data.mkdir()
    assert not volumes.make_in_memory(data, tmp_path)
    assert not volumes.is_in_memory(data)
    (data / "kept").write_text("1")
    volumes.remove(data)
    assert not data.exists()


def test_a_link_whose_memory_is_gone_is_made_anew(tmp_path: Path) -> None:
    data, memory = tmp_path / "volumes", tmp_path / "memory"
    memory.mkdir()
    data.symlink_to(tmp_path / "gone")
    assert volumes.make_in_memory(data, memory)
    assert data.resolve().parent == memory
