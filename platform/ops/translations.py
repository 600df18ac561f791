"""Django 쪽의 번역. 한국어가 원문이고, 영어는 커밋된 .po를 앱이 뜰 때 바로 읽는다(.mo가 없다: kernel/po.py).

화면, 관리 화면, 명령의 글은 이 앱의 django.po에, 오류의 글은 kernel의 en.po에 있다. 둘 다 Django에 더한다.
"""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import trans_real

from kernel.messages import CATALOG_FILES
from kernel.po import load_catalog

_LOCALE = Path(__file__).parent / "locale"
PO_FILES = {"en": _LOCALE / "en" / "LC_MESSAGES" / "django.po"}
# 빌린 꾸러미의 한국어. 여기서만 원문이 영어다.
BORROWED_FILES = {"ko": _LOCALE / "ko" / "LC_MESSAGES" / "borrowed.po"}


def install_translations() -> None:
    """Django의 번역에 우리 글을 더한다. 여러 번 불러도 같다."""
    for files in (CATALOG_FILES, PO_FILES, BORROWED_FILES):
        for language, path in files.items():
            trans_real.translation(language).merge(load_catalog(path))
