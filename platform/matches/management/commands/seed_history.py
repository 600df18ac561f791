"""`manage.py seed_history`: 재어 볼 만큼 많은 선수와 끝난 판을 넣는다. 빈 데이터베이스에만 넣는다.

운영 화면의 빠르기를 재는 데이터다(reports/v1.4.0.md). 여러 값의 INSERT로 묶어 넣고, 같은 씨앗은 같은 데이터를
만든다. 레이팅의 값은 그럴듯할 뿐 셈으로 이어지지는 않는다.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from django.core.management import CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from adminkit.terminal_command import TerminalCommand
from kernel.ids import new_id
from matches.models import AbortedSeat, MatchResult, MatchStatus, Rating, RatingChange
from players.models import Player

CHUNK = 2_000
START = datetime(2025, 1, 1, tzinfo=UTC)
MODES = ("duel", "duel", "duel", "arena")
ABORTED_SHARE = 0.01
DUEL_S = 20


@dataclass(frozen=True, slots=True)
class Sizes:
    """넣을 수."""

    players: int
    matches: int


class Command(TerminalCommand):
    """많은 이력."""

    help = gettext_noop("재어 볼 만큼 많은 선수와 끝난 판을 빈 데이터베이스에 넣는다")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--players", type=int, default=200_000, help=_("선수의 수"))
        parser.add_argument("--matches", type=int, default=1_000_000, help=_("판의 수"))
        parser.add_argument("--seed", type=int, default=1, help=_("씨앗"))

    def handle(self, *_args: Any, **options: Any) -> None:
        sizes = Sizes(options["players"], options["matches"])
        if sizes.players < 2 or sizes.matches < 0:
            raise CommandError(_("선수는 둘 이상, 판은 0 이상이어야 합니다"))
        if MatchResult.objects.exists() or Player.objects.exists():
            raise CommandError(_("이미 선수나 판이 있습니다. 빈 데이터베이스에만 넣습니다"))
        dice = random.Random(options["seed"])  # noqa: S311 - 재현할 수 있어야 하는 데이터다
        player_ids = self._players(sizes.players, dice)
        self._matches(sizes.matches, player_ids, dice)
        told = _("선수 %(players)d명과 판 %(matches)d개를 넣었습니다")
        self.stdout.write(told % {"players": sizes.players, "matches": sizes.matches})

    def _players(self, count: int, dice: random.Random) -> list[str]:
        """앞의 1/4이 네 배 자주 둔다. 모두 duel의 레이팅을 가진다."""
        ids = []
        for chunk in _chunks(range(count)):
            rows = [Player(id=new_id(_at_ms(index)), name=f"seed-{index:06}") for index in chunk]
            ids += [str(row.pk) for row in rows]
            with transaction.atomic():
                Player.objects.bulk_create(rows)
                Rating.objects.bulk_create(
                    Rating(
                        player=row, mode="duel", mu=dice.gauss(1500, 250),
                        sigma=dice.uniform(60, 300), games=dice.randint(1, 60),
                    )
                    for row in rows
                )  # fmt: skip
        return ids

    def _matches(self, count: int, player_ids: list[str], dice: random.Random) -> None:
        regulars = player_ids[: max(2, len(player_ids) // 4)]
        for done, chunk in enumerate(_chunks(range(count))):
            rows = [_match(index, _pair(player_ids, regulars, dice), dice) for index in chunk]
            with transaction.atomic():
                MatchResult.objects.bulk_create(rows)
                RatingChange.objects.bulk_create(_changes(rows, dice))
                AbortedSeat.objects.bulk_create(_seats(rows))
            if done % 50 == 49:
                self.stdout.write(_("  판 %(matches)d개") % {"matches": (done + 1) * CHUNK})


def _chunks(numbers: range) -> Iterator[list[int]]:
    walking = iter(numbers)
    while chunk := list(islice(walking, CHUNK)):
        yield chunk


def _at_ms(index: int) -> int:
    return round(START.timestamp() * 1000) + index


def _pair(player_ids: list[str], regulars: list[str], dice: random.Random) -> tuple[str, str]:
    one = dice.choice(regulars)
    while (other := dice.choice(regulars if dice.random() < 0.5 else player_ids)) == one:
        pass
    return one, other


def _match(index: int, pair: tuple[str, str], dice: random.Random) -> MatchResult:
    at = START + timedelta(seconds=10 * index)
    is_aborted = dice.random() < ABORTED_SHARE
    return MatchResult(
        match_id=new_id(_at_ms(index)),
        status=MatchStatus.ABORTED if is_aborted else MatchStatus.FINALIZED,
        abort_code="SESSION_LOST" if is_aborted else "",
        mode=dice.choice(MODES),
        region="local",
        server_id=f"session{dice.randint(1, 8)}",
        digest="0" * 64,
        players=[
            {"player_id": player, "place": n, "score": dice.randint(0, 40)}
            for n, player in enumerate(pair, 1)
        ],
        queued_at=at,
        created_at=at + timedelta(seconds=dice.uniform(0.05, 8)),
        started_at=at + timedelta(seconds=9),
        ended_at=at + timedelta(seconds=9 + DUEL_S),
        finalized_at=at + timedelta(seconds=9.02 + DUEL_S),
        ticks=20 * DUEL_S,
        seed=dice.getrandbits(32),
    )


def _changes(rows: list[MatchResult], dice: random.Random) -> Iterator[RatingChange]:
    for row in rows:
        if row.status == MatchStatus.FINALIZED:
            for place, seat in enumerate(row.players):
                before, swing = dice.gauss(1500, 250), dice.uniform(1, 40)
                yield RatingChange(
                    match_id=row.match_id, player_id=seat["player_id"], mode=row.mode, mu_before=before,
                    sigma_before=120.0, mu_after=before + (-swing if place else swing), sigma_after=119.0,
                )  # fmt: skip


def _seats(rows: list[MatchResult]) -> Iterator[AbortedSeat]:
    for row in rows:
        if row.status == MatchStatus.ABORTED:
            for seat in row.players:
                yield AbortedSeat(match_id=row.match_id, player_id=seat["player_id"], mode=row.mode)
