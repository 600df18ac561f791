"""낱말의 표(design/glossary.md): 가리키는 길이 있고, 낱말이 겹치지 않고, 쓰지 않는 말이 화면에 없다."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = (ROOT / "design" / "glossary.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in GLOSSARY.splitlines()
    if line.startswith("| ") and not line.startswith(("| ---", "| 영어"))
]
CATALOGS = [
    path
    for path in ROOT.glob("platform/**/*.po")
    if path.name != "borrowed.po" and "/ko/" not in path.as_posix()
]
PLAY_TEXTS = ROOT / "platform" / "play" / "static" / "play" / "texts.js"


def words_to_avoid() -> list[str]:
    return [word.strip() for row in ROWS for word in row[4].split(",") if word.strip()]


def texts_of_screens() -> list[str]:
    """사람이 읽는 모든 글: 번역 원문과 놀이 쪽의 글."""
    sources = [
        "".join(re.findall(r'"(.*)"', block))
        for path in CATALOGS
        for block in re.findall(r'^msgid ((?:".*"\n)+)', path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    return [*sources, *re.findall(r'": "(.*)"', PLAY_TEXTS.read_text(encoding="utf-8"))]


def test_the_table_is_whole() -> None:
    assert len(ROWS) > 40
    assert [row for row in ROWS if len(row) != 5 or not all(row[:4])] == []


def test_every_place_of_a_word_exists() -> None:
    places = [place for row in ROWS for place in re.findall(r"`([\w./-]+/[\w./-]+)`", row[3])]
    assert len(places) == len(ROWS)
    assert [place for place in places if not (ROOT / place).exists()] == []


@pytest.mark.parametrize("column", [0, 1])
def test_a_word_stands_once(column: int) -> None:
    words = Counter(word.strip() for row in ROWS for word in row[column].split(","))
    assert [word for word, count in words.items() if count > 1] == []


def test_no_screen_uses_a_word_to_avoid() -> None:
    texts = texts_of_screens()
    assert len(texts) > 600
    found = {word: [text for text in texts if is_used(word, text)] for word in words_to_avoid()}
    assert {word: uses for word, uses in found.items() if uses} == {}


def is_used(word: str, text: str) -> bool:
    """낱말이 글에서 낱말로 쓰이는가: 다른 낱말의 가운데는 아니고, 뒤에는 조사가 올 수 있다."""
    return re.search(rf"(?<![가-힣]){re.escape(word)}", text) is not None


def test_the_search_knows_words_from_parts_of_words() -> None:
    assert is_used("비우기", "서버의 비우기를 거두었습니다")
    assert is_used("큐", "큐에서 기다립니다")
    assert not is_used("큐", "바베큐를 먹습니다")
