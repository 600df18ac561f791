"""`manage.py issue_service_token`: 밖의 게임 서버가 들 서비스 토큰을 만들어 한 번 보여 준다.

토큰은 어디에도 저장되지 않는다. 표준 출력에는 토큰만 나가므로 변수에 바로 담을 수 있다.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import CommandError, CommandParser
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from accounts.credentials.service_tokens import TTL_DEFAULT_S, TTL_MAX_S, Scope, load_service_issuer
from accounts.credentials.signing import KeysMissing
from adminkit.terminal_command import TerminalCommand
from kernel.errors import InvalidArgument
from telemetry.logs import get_logger

log = get_logger(__name__)


class Command(TerminalCommand):
    """서비스 토큰 하나."""

    help = gettext_noop("밖의 게임 서버나 자동화가 들 서비스 토큰을 만든다")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help=_("서비스의 이름(소문자, 숫자, `.`, `_`, `-`)"))
        parser.add_argument(
            "--scope",
            action="append",
            choices=list(Scope),
            help=_("할 수 있는 일(기본 %(scope)s)") % {"scope": Scope.MATCH_FINALIZE},
        )
        parser.add_argument(
            "--ttl-s",
            type=int,
            default=TTL_DEFAULT_S,
            help=_("수명(초, 많아야 %(most)d)") % {"most": TTL_MAX_S},
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        name, ttl_s = options["name"], options["ttl_s"]
        scopes = [Scope(scope) for scope in options["scope"] or [Scope.MATCH_FINALIZE]]
        try:
            token = load_service_issuer(settings.KEYS_DIR).issue(name, scopes, ttl_s=ttl_s)
        except InvalidArgument as error:
            raise CommandError(f"{error.code}: {error.detail_in(get_language())}") from error
        except KeysMissing as error:
            raise CommandError(str(error)) from error
        log.info("service_token.issued", name=name, scopes=scopes, ttl_s=ttl_s)
        self.stdout.write(token)
