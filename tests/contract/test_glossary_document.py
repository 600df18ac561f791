"""낱말의 표(design/glossary.md): 가리키는 길이 있고, 낱말이 겹치지 않고, 쓰지 않는 말이 없다."""

from __future__ import annotations

import re
import subprocess
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
# 옛말이 뜻이 있어 남는 곳: 지난 판의 기록, 낱말의 표와 그 시험, 남의 꾸러미의 글.
SPOKEN_OTHERWISE = re.compile(
    r"reports/|CHANGELOG\.md|VERSIONING\.md|design/glossary\.md|tests/contract/test_glossary_document\.py"
    r"|.*/locale/ko/|.*/borrowed\.po"
)
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


def files_of_the_project() -> list[Path]:
    """옛말이 나타나면 안 되는 모든 글: 코드, 문서, 구성."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    names = [name for name in listed.stdout.split("\0") if name and not SPOKEN_OTHERWISE.match(name)]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def old_words(text: str) -> list[tuple[int, str]]:
    """글의 줄마다 나타난 쓰지 않는 말."""
    pattern = re.compile("|".join(rf"(?<![가-힣]){re.escape(word)}" for word in words_to_avoid()))
    return [
        (number, found)
        for number, line in enumerate(text.splitlines(), start=1)
        for found in pattern.findall(line)
    ]


def test_no_comment_and_no_document_uses_a_word_to_avoid() -> None:
    files = files_of_the_project()
    assert len(files) > 800
    found = {
        f"{path.relative_to(ROOT)}:{number}": word
        for path in files
        for number, word in old_words(path.read_text(encoding="utf-8", errors="replace"))
    }
    assert found == {}


def test_an_old_word_is_found_in_a_comment_by_its_line() -> None:
    assert old_words("seen = 1\nage = 2  # 마지막 소식의 나이") == [(2, "소식")]
    assert old_words("# Redis가 비워졌다. 자리를 비운 선수") == []


def test_the_search_knows_words_from_parts_of_words() -> None:
    assert is_used("비우기", "서버의 비우기를 거두었습니다")
    assert is_used("큐", "큐에서 기다립니다")
    assert not is_used("큐", "바베큐를 먹습니다")
