"""finalize를 하던 프로세스를 SIGKILL로 죽인다: 모든 문장의 앞뒤에서, 그리고 아무 때나."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest
from django.db import connection

from matches.outcome import MatchOutcome, PlayerOutcome
from matches.results.finalize import finalize_match
from stack.runtime import Runtime
from tests.faults.finalize_probes import MATCHES, POINTS, ROUNDS, assert_counted_once, written
from tests.faults.ledger import assert_exact
from tests.it.matches.outcomes import finished, make_players

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "tests.faults.finalize_forks"]
LIMIT_S = 300.0


@pytest.fixture
def environment(stack: Runtime) -> dict[str, str]:
    """시험 데이터베이스를 응용 계정으로 쓰는 프로세스의 환경."""
    database = connection.settings_dict
    return os.environ | {
        "HANPAN_DB_HOST": database["HOST"],
        "HANPAN_DB_PORT": str(database["PORT"]),
        "HANPAN_DB_NAME": database["NAME"],
    }


class Forker:
    """갈라 내는 부모. `run`은 자식 하나를 그 자리까지 돌린다."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, point: str, outcome: MatchOutcome) -> int:
        """끝냄 값. 신호로 죽었으면 그 번호의 음수다."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"point": point, "outcome": outcome.encode().decode()}) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def forking(environment: Mapping[str, str]) -> Iterator[Forker]:
    with subprocess.Popen(
        [*COMMAND, "steps"], cwd=ROOT, env=environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        yield Forker(process)
    assert process.returncode == 0


def test_a_process_killed_at_any_point_leaves_all_or_nothing_and_the_next_call_counts_it_once(
    environment: dict[str, str],
) -> None:
    players = make_players(2)
    outcomes = [finished(players)]
    finalize_match(outcomes[0])
    with forking(environment) as forker:
        for point in POINTS * ROUNDS:
            outcome = finished(players)
            outcomes.append(outcome)
            assert forker.run(point, outcome) == -signal.SIGKILL, point
            left = written(outcome)
            if point == "commit:after":
                assert left == (1, 2), point
            elif point != "commit:sent":
                assert left == (0, 0), point
            report = finalize_match(outcome)
            if point != "commit:sent":
                assert report.already_finalized == (left == (1, 2)), point
            assert_counted_once(outcome, games=len(outcomes))
    assert_exact(outcomes)


def test_processes_killed_at_random_finalize_every_match_exactly_once(
    environment: dict[str, str], tmp_path: Path
) -> None:
    players, random = make_players(200), Random(MATCHES)
    outcomes = [some_outcome(random, players) for _ in range(MATCHES)]
    plan = tmp_path / "plan.jsonl"
    plan.write_text("".join(outcome.encode().decode() + "\n" for outcome in outcomes), encoding="utf-8")
    ended = subprocess.run(
        [*COMMAND, "shares", str(plan), "7"], cwd=ROOT, env=environment, text=True,
        stdout=subprocess.PIPE, timeout=LIMIT_S, check=True,
    )  # fmt: skip
    told = json.loads(ended.stdout.splitlines()[-1])
    # 쓰고 나서 적기 전에 죽으면 다시 부른 쪽은 이미 쓰인 것을 본다.
    assert MATCHES - told["kills"] <= told["fresh"] <= MATCHES
    assert told["fresh"] + told["already"] == 2 * MATCHES
    assert told["kills"] >= MATCHES // 100
    assert_exact(outcomes)


def some_outcome(random: Random, players: list[str]) -> MatchOutcome:
    """둘에서 넷이 둔 판. 가끔 비긴다."""
    seated = random.sample(players, random.choice((2, 2, 3, 4)))
    is_tied = random.random() < 0.2
    return finished(
        seated,
        players=tuple(
            PlayerOutcome(player_id=player_id, place=1 if is_tied else place, score=0 if is_tied else -place)
            for place, player_id in enumerate(seated, start=1)
        ),
    )
