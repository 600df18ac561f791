"""플릿의 명령들의 바탕: 오류 나무의 오류를 사람이 읽는 한 줄과 실패한 끝냄 값으로 옮긴다."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NoReturn

from django.core.management import CommandError
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from adminkit.terminal_command import TerminalCommand
from fleet.orders import OrderReceipt
from kernel.errors import HanpanError

POLL_S = 0.5


class FleetCommand(TerminalCommand):
    """`act`를 돌린다."""

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            self.act(**options)
        except HanpanError as error:
            raise CommandError(f"{error.code}: {error.detail_in(get_language())}") from error

    def act(self, **options: Any) -> None:
        """명령의 일."""
        raise NotImplementedError

    def warn_unless_applied(self, receipt: OrderReceipt) -> None:
        """뜻이 Redis에 아직 닿지 못했으면 그렇다고 말한다."""
        if not receipt.applied:
            self.stderr.write(_("Redis에 아직 닿지 못했습니다. 적힌 뜻은 서버가 5초 안에 따릅니다"))

    def wait(self, is_done: Callable[[], bool], limit_s: float) -> bool:
        """`is_done`을 되풀이해 물어 그렇다고 할 때까지 기다린다. `limit_s`가 다하면 False다."""
        deadline_s = time.monotonic() + limit_s
        while time.monotonic() < deadline_s:
            if is_done():
                return True
            time.sleep(POLL_S)
        return False

    def fail(self, message: str) -> NoReturn:
        """까닭을 말하고 실패로 끝낸다."""
        raise CommandError(message)
