"""`manage.py render_sql`: 우리 앱의 마이그레이션을 SQL 글로 infra/db/migrations/에 적는다.

`--check`는 적지 않고, 파일이 마이그레이션과 다르면 실패한다. 정본은 Django의 마이그레이션이다.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management import CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from adminkit.terminal_command import TerminalCommand
from environment.env import REPO_ROOT

SQL_DIR = REPO_ROOT / "infra" / "db" / "migrations"
SOURCE_DIR = REPO_ROOT / "platform"
HEADER = "-- {app}.{name}: manage.py render_sql이 적은 글이다. 고치지 말고 Django 마이그레이션을 고친다.\n"


class Command(TerminalCommand):
    """마이그레이션의 SQL 글."""

    help = gettext_noop("마이그레이션을 infra/db/migrations/*.sql로 적거나(--check) 맞춰 본다")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help=_("적지 않고 다르면 실패한다"))
        parser.add_argument("--dir", type=Path, default=SQL_DIR, help=_("SQL 글의 폴더"))

    def handle(self, *_args: Any, **options: Any) -> None:
        folder: Path = options["dir"]
        wanted = rendered_migrations()
        found = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.sql")}
        if not options["check"]:
            self._write(folder, wanted, found)
        elif drifted := sorted(
            name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name)
        ):
            raise CommandError(
                _("마이그레이션과 다릅니다(manage.py render_sql): %(files)s") % {"files": ", ".join(drifted)}
            )

    def _write(self, folder: Path, wanted: dict[str, str], found: dict[str, str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for stale in found.keys() - wanted.keys():
            (folder / stale).unlink()
        for name, text in wanted.items():
            (folder / name).write_text(text, encoding="utf-8")
        told = ngettext(
            "%(count)d개를 적었습니다: %(folder)s", "%(count)d개를 적었습니다: %(folder)s", len(wanted)
        )
        self.stdout.write(told % {"count": len(wanted), "folder": folder})


def rendered_migrations() -> dict[str, str]:
    """{파일 이름: SQL 글}. 우리 앱의 마이그레이션만, 반영되는 순서와 상관없이 이름으로."""
    ours = {config.label for config in apps.get_app_configs() if SOURCE_DIR in Path(config.path).parents}
    loader = MigrationExecutor(connection).loader
    rendered = {}
    for (app, name), migration in loader.disk_migrations.items():
        if app not in ours:
            continue
        statements = loader.collect_sql([(migration, False)])
        body = "\n".join(statements)
        rendered[f"{app}_{name}.sql"] = f"{HEADER.format(app=app, name=name)}BEGIN;\n{body}\nCOMMIT;\n"
    return rendered
