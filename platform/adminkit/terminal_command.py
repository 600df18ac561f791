"""우리 명령들의 바탕: 도움말도 터미널의 언어로 말한다(언어는 manage.py가 켠다)."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandParser
from django.utils import translation


class TerminalCommand(BaseCommand):
    """`help`는 `gettext_noop`으로 적은 원문이다. argparse가 게으른 글을 받지 않아 여기서 옮긴다."""

    requires_system_checks = ()

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        self.help = translation.gettext(self.help)
        return super().create_parser(prog_name, subcommand, **kwargs)
