"""`manage.py render_lb_errors`: 로드 밸런서의 오류 본문을 infra/lb/errors에 그려 낸다."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation
from django.utils.translation import gettext_noop

from front.lb_errors import rendered_errors

FOLDER = Path(__file__).resolve().parents[4] / "infra" / "lb" / "errors"


class Command(BaseCommand):
    """오류의 글이나 실패의 쪽을 고쳤으면 부른다."""

    help = gettext_noop("로드 밸런서의 오류 본문을 코드에서 그린다.")

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        self.help = translation.gettext(self.help)  # argparse는 게으른 글을 받지 않는다
        return super().create_parser(prog_name, subcommand, **kwargs)

    def handle(self, *args: Any, **options: Any) -> None:
        FOLDER.mkdir(parents=True, exist_ok=True)
        for name, text in rendered_errors():
            (FOLDER / name).write_text(text, "utf-8")
            self.stdout.write(name)
