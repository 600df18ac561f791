"""지도와 README가 가리키는 길은 정말 있다."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MAP = (ROOT / "design" / "00-map.md").read_text(encoding="utf-8")
PATHS_IN_MAP = sorted(
    {path for path in re.findall(r"`([\w./-]+/[\w./-]+|\.\w+)`", MAP) if not path.startswith("/")}
)
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("design/**/*.md"), *ROOT.glob("clients/*/README.md")]
LINKS = sorted(
    {
        (document.relative_to(ROOT).as_posix(), link)
        for document in DOCUMENTS
        for link in re.findall(r"\]\(([^)#\s]+)\)", document.read_text(encoding="utf-8"))
        if "://" not in link
    }
)


def test_every_path_of_the_map_exists() -> None:
    assert len(PATHS_IN_MAP) > 50
    assert [path for path in PATHS_IN_MAP if not (ROOT / path).exists()] == []


def test_every_link_of_a_document_leads_somewhere() -> None:
    assert LINKS
    assert [
        (document, link) for document, link in LINKS if not ((ROOT / document).parent / link).exists()
    ] == []
