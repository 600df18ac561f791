"""겨루는 둘: `matches.results.finalize`와, 같은 문장을 셈도 재시도도 없이 보내는 맨 드라이버.

읽히는 때 Django를 세우고, 로그는 session 서버처럼 만들되(값은 잰다) 버린다.
"""

from __future__ import annotations

import contextlib
import os
import random
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gameservices.runtime.django_boot import boot_django
from kernel.ids import new_id
from telemetry.logs import configure_logging

boot_django()
with contextlib.redirect_stdout(Path(os.devnull).open("w", encoding="utf-8")):
    configure_logging("session", "bench")

import MySQLdb  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from database.transactions import run_transaction  # noqa: E402
from matches.models import Rating  # noqa: E402
from matches.outcome import MatchOutcome, PlayerOutcome  # noqa: E402
from matches.results.finalize import finalize_match  # noqa: E402
from players.models import Player  # noqa: E402

PLAYERS = 4_000
JOIN_LIMIT_S = 60.0

RESULT = """
INSERT INTO match_result
 (match_id, status, abort_code, mode, region, server_id, digest, players,
  queued_at, created_at, started_at, ended_at, finalized_at, ticks, seed, trace_id)
VALUES (%s, 'finalized', '', 'duel', 'local', 'bench', %s, '[]',
  NULL, '2026-01-01', '2026-01-01', '2026-01-01 00:00:20', UTC_TIMESTAMP(6), 400, 7, '')"""
LOCK = """
INSERT INTO rating (player_id, mode, mu, sigma, games)
VALUES (%s, 'duel', 1500, 500, 0), (%s, 'duel', 1500, 500, 0)
ON DUPLICATE KEY UPDATE games = games RETURNING id, player_id, mu, sigma, games"""
CHANGES = """
INSERT INTO rating_change (match_id, player_id, mode, mu_before, sigma_before, mu_after, sigma_after)
VALUES (%s, %s, 'duel', 1500, 500, 1510, 490), (%s, %s, 'duel', 1500, 500, 1490, 490)"""
RATINGS = """
INSERT INTO rating (id, player_id, mode, mu, sigma, games)
VALUES (%s, %s, 'duel', 1510, 490, 1), (%s, %s, 'duel', 1490, 490, 1)
ON DUPLICATE KEY UPDATE mu = VALUES(mu), sigma = VALUES(sigma), games = VALUES(games)"""

Contender = Callable[[Sequence[str], random.Random, float], int]


def ours(player_ids: Sequence[str], rng: random.Random, until_s: float) -> int:
    """`until_s`(단조 초)까지 finalize를 되풀이하고 끝낸 수를 준다."""
    done = 0
    while time.monotonic() < until_s:
        finalize_match(_outcome(*rng.sample(player_ids, 2)))
        done += 1
    connection.close()
    return done


def bare(player_ids: Sequence[str], rng: random.Random, until_s: float) -> int:
    """`until_s`(단조 초)까지 같은 문장들을 되풀이하고 끝낸 수를 준다."""
    driver = _bare_connection()
    done = 0
    with driver.cursor() as cursor:
        while time.monotonic() < until_s:
            first, second = sorted(rng.sample(player_ids, 2))
            match_id = new_id()
            cursor.execute(RESULT, (match_id, "0" * 64))
            cursor.execute(LOCK, (first, second))
            rows = {str(row[1]): row[0] for row in cursor.fetchall()}
            cursor.execute(CHANGES, (match_id, first, match_id, second))
            cursor.execute(RATINGS, (rows[first], first, rows[second], second))
            driver.commit()
            done += 1
    driver.close()
    return done


CONTENDERS: dict[str, Contender] = {"bare": bare, "ours": ours}


def measure(contender: Contender, player_ids: Sequence[str], workers: int, seconds: float) -> float:
    """스레드 `workers`개가 `seconds` 동안 낸 초당 트랜잭션. 하나라도 실패하면 그 실패를 알린다."""
    totals: dict[int, int] = {}
    until_s = time.monotonic() + seconds

    def run(number: int) -> None:
        totals[number] = contender(player_ids, random.Random(number), until_s)  # noqa: S311 - 부하의 난수다

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds + JOIN_LIMIT_S)
    if len(totals) < workers:
        raise RuntimeError(f"일꾼 {workers}명 가운데 {workers - len(totals)}명이 끝까지 가지 못했습니다")
    return sum(totals.values()) / seconds


def make_players() -> list[str]:
    """선수들과 그 레이팅 행. 레이팅을 처음 만드는 문장은 재지 않는다."""
    players = [Player(id=new_id(), name=f"bench{number}") for number in range(PLAYERS)]

    def insert() -> None:
        Player.objects.bulk_create(players, batch_size=1000)
        Rating.objects.bulk_create(
            [Rating(player=player, mode="duel", mu=1500, sigma=500, games=0) for player in players],
            batch_size=1000,
        )

    run_transaction(insert)
    return [str(player.id) for player in players]


def _outcome(first: str, second: str) -> MatchOutcome:
    return MatchOutcome(
        match_id=new_id(), mode="duel", region="local", server_id="bench", status="finalized", abort_code="",
        created_at_ms=1_700_000_000_000, started_at_ms=1_700_000_000_000, ended_at_ms=1_700_000_020_000,
        ticks=400, seed=7,
        players=(
            PlayerOutcome(player_id=first, place=1, score=9),
            PlayerOutcome(player_id=second, place=2, score=4),
        ),
    )  # fmt: skip


def _bare_connection() -> Any:
    database = settings.DATABASES["default"]
    made = MySQLdb.connect(
        host=database["HOST"], port=int(database["PORT"]), user=database["USER"],
        password=database["PASSWORD"], database=database["NAME"], charset="utf8mb4",
        init_command="SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
    )  # fmt: skip
    made.autocommit(False)
    return made
