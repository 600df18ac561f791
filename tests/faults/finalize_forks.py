"""finalize를 하다가 SIGKILL로 죽는 프로세스들. Django를 한 번 세운 부모가 갈라 내므로 수백 번 죽여도 빠르다.

`python -m tests.faults.finalize_forks steps`: 줄마다 {point, outcome}을 받아, 그 자리에서 죽는 자식을 돌린다.
`python -m tests.faults.finalize_forks shares FILE SEED`: FILE의 판들을 네 자식이 나눠 하고, 부모는
0.1~0.3초마다 아무 자식이나 죽이고 다시 세운다. 판마다 두 자식이 부른다. 끝나면 센 것을 JSON으로 알린다.
데이터베이스는 환경 변수(HANPAN_DB_*)가 가리킨다.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, NoReturn

from gameservices.runtime.django_boot import boot_django

boot_django()

from django.db import connection  # noqa: E402
from django.db.backends.base.base import BaseDatabaseWrapper  # noqa: E402

from kernel.errors import Unavailable  # noqa: E402
from matches.outcome import MatchOutcome, decode_outcome  # noqa: E402
from matches.results.finalize import finalize_match  # noqa: E402
from tests.faults.finalize_probes import STATEMENTS  # noqa: E402

SHARES = 4
KILL_EVERY_S = (0.04, 0.12)
LIMIT_S = 240.0


def main() -> None:
    """명령의 입구."""
    mode, *rest = sys.argv[1:]
    if mode == "steps":
        for line in sys.stdin:
            asked = json.loads(line)
            _tell(_ended(_fork(partial(_die_at, asked["point"], asked["outcome"]))))
    else:
        _tell(_run_shares(Path(rest[0]), Random(int(rest[1]))))


def _tell(answer: object) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _fork(work: Callable[[], None]) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        work()
        os._exit(0)
    except BaseException as failure:  # noqa: BLE001 - 자식의 마지막 말이다
        sys.stderr.write(f"{type(failure).__name__}: {failure}\n")
        sys.stderr.flush()
        os._exit(1)


def _ended(pid: int) -> int:
    """자식이 끝나기를 기다린다. 신호로 죽었으면 그 번호의 음수다."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("SIGKILL 뒤에 올 수 없다")


def _die_at(point: str, payload: str) -> None:
    name, when = point.split(":")
    seen = 0

    def around(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal seen
        is_here = seen < len(STATEMENTS) and STATEMENTS[seen] == name
        seen += 1
        if is_here and when == "before":
            _die()
        answer = execute(sql, params, many, context)
        if is_here:
            _die()
        return answer

    if name == "commit":
        BaseDatabaseWrapper._commit = _commit_and_die if when == "after" else _send_commit_and_die  # type: ignore[attr-defined]
    with connection.execute_wrapper(around):
        finalize_match(decode_outcome(payload))


_commit: Any = BaseDatabaseWrapper._commit  # type: ignore[attr-defined]


def _commit_and_die(wrapper: BaseDatabaseWrapper) -> NoReturn:
    _commit(wrapper)
    _die()


def _send_commit_and_die(wrapper: BaseDatabaseWrapper) -> NoReturn:
    wrapper.connection.send_query(b"COMMIT")
    _die()


def _run_shares(plan: Path, random: Random) -> dict[str, int]:
    outcomes = [decode_outcome(line) for line in plan.read_text(encoding="utf-8").splitlines()]
    children = {_start_share(share, outcomes, plan): share for share in range(SHARES)}
    kills, until_s = 0, time.monotonic() + LIMIT_S
    next_kill_s = time.monotonic() + random.uniform(*KILL_EVERY_S)
    while children:
        if time.monotonic() > until_s:
            _kill_all(children)
            raise SystemExit("판을 나누어 하는 자식들이 시간 안에 끝나지 않았다")
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid:
            del children[pid]
            if status:
                _kill_all(children)
                raise SystemExit(f"자식이 스스로 실패했다: {os.waitstatus_to_exitcode(status)}")
        elif time.monotonic() >= next_kill_s:
            victim = random.choice(sorted(children))
            os.kill(victim, signal.SIGKILL)
            # 일을 마치고 막 끝난 자식이면 죽인 것이 아니다.
            if _ended(victim) == -signal.SIGKILL:
                kills += 1
                children[_start_share(children[victim], outcomes, plan)] = children[victim]
            del children[victim]
            next_kill_s = time.monotonic() + random.uniform(*KILL_EVERY_S)
        else:
            time.sleep(0.005)
    told = Counter(
        line.split()[1]
        for share in range(SHARES)
        for line in _progress(plan, share).read_text(encoding="utf-8").splitlines()
    )
    return {"kills": kills, **told}


def _kill_all(children: dict[int, int]) -> None:
    for pid in children:
        os.kill(pid, signal.SIGKILL)


def _progress(plan: Path, share: int) -> Path:
    return plan.with_suffix(f".{share}")


def _start_share(share: int, outcomes: list[MatchOutcome], plan: Path) -> int:
    path = _progress(plan, share)
    done = len(path.read_text(encoding="utf-8").splitlines()) if path.exists() else 0
    mine = [
        outcome for index, outcome in enumerate(outcomes) if share in (index % SHARES, (index + 1) % SHARES)
    ]
    return _fork(lambda: _do_share(mine[done:], path))


def _do_share(outcomes: list[MatchOutcome], path: Path) -> None:
    """제 몫을 차례로 한다. 적기 전에 죽으면 다시 뜬 자식이 그 판을 또 부른다."""
    with path.open("a", encoding="utf-8", buffering=1) as progress:
        for outcome in outcomes:
            progress.write(f"{outcome.match_id} {_finalize_until_done(outcome)}\n")


def _finalize_until_done(outcome: MatchOutcome) -> str:
    while True:
        try:
            return "already" if finalize_match(outcome).already_finalized else "fresh"
        except Unavailable:
            time.sleep(0.02)  # 일지처럼 다시 한다


if __name__ == "__main__":
    main()
