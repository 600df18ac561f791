"""`manage.py roll`: session 서버를 하나씩 드레인하고 다시 띄운다. Ctrl-C는 그만두기다.

드레인된 프로세스는 스스로 끝난다. 되살리는 것은 런타임(supervisor, 도커의 restart)이나 오케스트레이터이고,
그런 이가 없으면 `--restart-with`의 명령을 쓴다. 걸음은 platform도 뗀다: 이 터미널이 죽어도 이어진다.
"""

from __future__ import annotations

import shlex
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from django.core.management import CommandParser
from django.utils.translation import get_language, gettext_noop, ngettext
from django.utils.translation import gettext as _

from fleet.authority import CommandAuthority
from fleet.management.fleet_command import FleetCommand
from fleet.models import Roll, RollPhase
from fleet.rolls import RETURN_TIMEOUT_MS, RollRequest, Rolls, is_finished, note_in
from fleet.wiring import rolls
from kernel.errors import HanpanError, InvalidArgument, Unavailable

POLL_S = 0.5
RESTART_TIMEOUT_S = 120.0


class Command(FleetCommand):
    """갈아 끼우기."""

    help = gettext_noop("session 서버를 하나씩 드레인하고, 다시 뜨기를 기다리고, 판을 받게 한다")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("servers", nargs="*", help=_("서버의 이름들"))
        parser.add_argument("--all", action="store_true", help=_("하트비트가 있는 모든 서버(이름 대신)"))
        parser.add_argument("--grace-ms", type=int, help=_("서버마다 도는 판을 기다리는 상한"))
        parser.add_argument(
            "--return-timeout-ms", type=int, default=RETURN_TIMEOUT_MS,
            help=_("새 프로세스가 등록되기를 기다리는 상한(기본 %(ms)d)") % {"ms": RETURN_TIMEOUT_MS},
        )  # fmt: skip
        parser.add_argument("--reason", default="manage.py roll", help=_("감사에 남을 까닭"))
        parser.add_argument(
            "--restart-with",
            default="",
            help=_("드레인한 서버를 다시 띄울 명령. {server}는 서버의 이름이 된다"),
        )
        parser.add_argument("--abort", action="store_true", help=_("도는 것을 그만둔다"))

    def act(self, **options: Any) -> None:
        here = rolls()
        if options["abort"]:
            here.abort(CommandAuthority(), options["reason"])
            self.stdout.write(_("갈아 끼우기를 그만두었습니다"))
            return
        wish = RollRequest(
            reason=options["reason"],
            servers=_chosen(options["servers"], every_one=options["all"]),
            grace_ms=options["grace_ms"],
            return_timeout_ms=options["return_timeout_ms"],
        )
        with noted_interrupts() as interrupted:
            roll = here.start(wish, CommandAuthority())
            self.stdout.write(_("갈아 끼웁니다: %(servers)s") % {"servers": ", ".join(roll.servers)})
            self._watch(here, roll, options["restart_with"], interrupted)

    def _watch(self, here: Rolls, roll: Roll, restart_with: str, interrupted: threading.Event) -> None:
        said = ""
        restarted = -1
        while not is_finished(roll):
            if interrupted.is_set():
                self._abort(here)
            if (line := _progress(roll)) != said:
                self.stdout.write(line)
                said = line
            if restart_with and roll.phase == RollPhase.RETURNING and roll.position != restarted:
                restarted = roll.position
                self._restart(restart_with, roll.servers[roll.position])
            if interrupted.wait(POLL_S):
                continue
            try:
                here.advance()
                roll.refresh_from_db()
            except Unavailable as error:
                if (
                    line := "  " + _("%(why)s. 다시 합니다") % {"why": error.detail_in(get_language())}
                ) != said:
                    self.stderr.write(line)
                    said = line
        note = note_in(roll.note, get_language())
        if roll.phase != RollPhase.DONE:
            stopped = _("갈아 끼우기가 멈췄습니다(%(phase)s): %(note)s")
            self.fail(stopped % {"phase": roll.get_phase_display(), "note": note})
        count = len(roll.servers)
        rolled = ngettext("%(count)d대를 모두 갈았습니다", "%(count)d대를 모두 갈았습니다", count)
        self.stdout.write(rolled % {"count": count} + (f" ({note})" if note else ""))

    def _restart(self, template: str, server_id: str) -> None:
        command = [part.replace("{server}", server_id) for part in shlex.split(template)]
        done = subprocess.run(command, check=False, timeout=RESTART_TIMEOUT_S)  # noqa: S603 - 운영자가 준 명령이다
        if done.returncode != 0:
            ended = _("  %(command)s이 %(code)d로 끝났습니다. 그래도 기다립니다")
            self.stderr.write(ended % {"command": command[0], "code": done.returncode})

    def _abort(self, here: Rolls) -> NoReturn:
        try:
            here.abort(CommandAuthority(), "Ctrl-C")
        except HanpanError as error:
            self.fail(_("그만두지 못했습니다: %(why)s") % {"why": error.detail_in(get_language())})
        self.fail(_("갈아 끼우기를 그만두었습니다"))


@contextmanager
def noted_interrupts() -> Iterator[threading.Event]:
    """Ctrl-C를 예외가 아니라 표시로 받는다: 쓰던 트랜잭션을 반쯤에서 끊지 않고 걸음 사이에서 그만둔다."""
    noted = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: noted.set())
    try:
        yield noted
    finally:
        signal.signal(signal.SIGINT, before)


def _chosen(servers: list[str], *, every_one: bool) -> list[str] | None:
    """고른 서버들. 모두면 None이다. 고르는 글이 비어 모두를 가는 일이 없게, 모두는 `--all`로만 말한다.

    Raises:
        InvalidArgument: 이름과 `--all`이 함께 있다.
    """
    if every_one and servers:
        raise InvalidArgument("서버의 이름과 --all은 함께 쓸 수 없습니다")
    return None if every_one else servers


def _progress(roll: Roll) -> str:
    where = f"[{roll.position + 1}/{len(roll.servers)}] {roll.servers[roll.position]}"
    return f"  {where}: {roll.get_phase_display()}"
