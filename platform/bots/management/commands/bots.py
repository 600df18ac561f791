"""`manage.py bots`: 봇들이 LB를 지나 둔다. 데이터베이스에는 계정을 봇으로 표시할 때만 닿는다.

한 줄에 지금을 보이고, Ctrl-C면 두던 판을 기권하고 깨끗이 나온다(두 번 누르면 바로 끝낸다).
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from argparse import ArgumentTypeError
from typing import Any

from django.core.management import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from adminkit.terminal_command import TerminalCommand
from bots.accounts import admit_bots
from bots.swarm import MAX_BOTS, Swarm, SwarmPlan, SwarmRefusedError
from environment.env import env
from kernel.errors import Unavailable

TTY_EVERY_S = 1.0
LOG_EVERY_S = 10.0


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ArgumentTypeError(_("1 이상이어야 합니다"))
    return number


def _bot_count(text: str) -> int:
    number = _at_least_one(text)
    if number > MAX_BOTS:
        raise ArgumentTypeError(_("많아야 %(most)d입니다") % {"most": MAX_BOTS})
    return number


def _mark(plan: SwarmPlan) -> None:
    try:
        admit_bots(plan)
    except Unavailable as error:
        raise CommandError(
            _(
                "데이터베이스에 닿지 않아 계정을 봇으로 표시할 수 없습니다."
                " 서버와 같은 설정으로 돌리거나(./scripts/up.sh exec platform …) --unmarked를 붙이세요."
            )
        ) from error


class Command(TerminalCommand):
    """봇 무리."""

    help = gettext_noop("봇들이 로드 밸런서를 지나 둔다(Ctrl-C로 멈춘다)")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--count",
            type=_bot_count,
            default=2,
            help=_("봇의 수(많아야 %(most)d)") % {"most": MAX_BOTS},
        )
        parser.add_argument("--mode", default="duel", help=_("모드의 이름"))
        parser.add_argument("--matches", type=_at_least_one, help=_("봇마다 둘 판의 수. 없으면 멈출 때까지"))
        parser.add_argument("--seed", type=int, default=0, help=_("같은 씨앗이면 같은 봇들이 온다"))
        parser.add_argument(
            "--unmarked", action="store_true",
            help=_("계정을 봇으로 표시하지 않는다. 데이터베이스에 닿지 않는 곳에서 다른 배포에 보낼 때 쓴다"),
        )  # fmt: skip
        parser.add_argument("--url", default=env.public_url, help=_("로드 밸런서의 주소"))

    def handle(self, *_args: Any, **options: Any) -> None:
        url: str = options["url"].rstrip("/")
        if not url.startswith(("http://", "https://")):
            raise CommandError(_("--url은 http:// 또는 https://로 시작해야 합니다: %(url)s") % {"url": url})
        plan = SwarmPlan(
            base_url=url,
            count=options["count"],
            mode=options["mode"],
            matches=options["matches"],
            seed=options["seed"],
        )
        if not options["unmarked"]:
            _mark(plan)
        try:
            asyncio.run(self._run(plan))
        except SwarmRefusedError as error:
            raise CommandError(str(error)) from error

    async def _run(self, plan: SwarmPlan) -> None:
        crew = Swarm(plan)
        self._stop_on_signals(crew)
        told = ngettext(
            "봇 %(count)d명이 %(url)s에서 %(mode)s를 둡니다. Ctrl-C로 멈춥니다.",
            "봇 %(count)d명이 %(url)s에서 %(mode)s를 둡니다. Ctrl-C로 멈춥니다.",
            plan.count,
        )
        self.stdout.write(told % {"count": plan.count, "url": plan.base_url, "mode": plan.mode})
        self.stdout.flush()
        telling = asyncio.create_task(self._tell(crew))
        try:
            await crew.run()
        finally:
            telling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await telling
        self.stdout.write(crew.tally.summary(time.monotonic()))

    def _stop_on_signals(self, crew: Swarm) -> None:
        loop = asyncio.get_running_loop()

        def stop() -> None:
            # 두 번째 신호는 원래대로 바로 끝낸다.
            for signum in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(signum)
            crew.stop()

        for signum in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(signum, stop)

    async def _tell(self, crew: Swarm) -> None:
        """터미널이면 한 줄을 고쳐 쓰고, 파일이면 가끔 한 줄씩 남긴다."""
        live = self.stdout.isatty()
        try:
            while True:
                await asyncio.sleep(TTY_EVERY_S if live else LOG_EVERY_S)
                line = crew.tally.line(time.monotonic())
                self.stdout.write(f"\r\033[K{line}" if live else line, ending="" if live else "\n")
                self.stdout.flush()
        finally:
            if live:
                self.stdout.write("")
