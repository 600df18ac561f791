"""로그아웃한 접근 토큰: 견주는 규칙과, 잠깐만 기억하는 것."""

from __future__ import annotations

import pytest
from django.db import OperationalError

from kernel.errors import Unauthenticated
from players.identity.revocations import Revocations, SignInStanding
from players.identity.tokens import PlayerClaims
from resilience.stance import Stance

KEEP_S = 5.0


class Table:
    """선수들의 지금과 흐르는 시각."""

    def __init__(self) -> None:
        self.standings: dict[tuple[str, str], SignInStanding] = {}
        self.reads = 0
        self.now_s = 100.0
        self.is_down = False

    def read(self, player_id: str, sign_in_id: str) -> SignInStanding | None:
        self.reads += 1
        if self.is_down:
            raise OperationalError(2002, "닿지 않는다")
        return self.standings.get((player_id, sign_in_id))


def claims(epoch: int = 0, sign_in_id: str = "s") -> PlayerClaims:
    return PlayerClaims("p", "가람", 0, sign_in_id=sign_in_id, epoch=epoch)


@pytest.fixture
def table() -> Table:
    return Table()


def revocations_of(table: Table, stance: Stance) -> Revocations:
    return Revocations(keep_s=KEEP_S, stance=stance, read=table.read, monotonic_s=lambda: table.now_s)


@pytest.fixture
def revocations(table: Table) -> Revocations:
    return revocations_of(table, Stance.fail_closed())


@pytest.mark.parametrize(
    ("standing", "epoch", "lives"),
    [
        (SignInStanding(0, True), 0, True),
        (SignInStanding(3, True), 3, True),
        (SignInStanding(3, True), 2, False),
        (SignInStanding(0, False), 0, False),
        (None, 0, False),
    ],
)
def test_a_token_lives_with_its_sign_in_and_the_epoch(
    table: Table, revocations: Revocations, standing: SignInStanding | None, epoch: int, lives: bool
) -> None:
    if standing is not None:
        table.standings["p", "s"] = standing
    if lives:
        revocations.check(claims(epoch))
    else:
        with pytest.raises(Unauthenticated):
            revocations.check(claims(epoch))


def test_what_was_read_is_kept_for_a_moment_only(table: Table, revocations: Revocations) -> None:
    table.standings["p", "s"] = SignInStanding(0, True)
    revocations.check(claims())
    table.standings["p", "s"] = SignInStanding(1, False)
    table.now_s += KEEP_S - 0.1
    revocations.check(claims())
    assert table.reads == 1
    table.now_s += 0.2
    with pytest.raises(Unauthenticated):
        revocations.check(claims())


def test_what_this_process_ended_is_known_at_once(table: Table, revocations: Revocations) -> None:
    table.standings["p", "s"] = SignInStanding(0, True)
    revocations.check(claims())
    table.standings["p", "s"] = SignInStanding(1, True)
    revocations.forget("p")
    with pytest.raises(Unauthenticated):
        revocations.check(claims())


def test_a_player_who_is_unknown_is_not_remembered(table: Table, revocations: Revocations) -> None:
    with pytest.raises(Unauthenticated):
        revocations.check(claims())
    table.standings["p", "s"] = SignInStanding(0, True)
    revocations.check(claims())


def test_a_stopped_database_closes_and_its_failure_passes_as_it_is(
    table: Table, revocations: Revocations
) -> None:
    table.is_down = True
    with pytest.raises(OperationalError):
        revocations.check(claims())


def test_an_open_one_would_take_the_token_and_not_remember_what_it_did_not_read(table: Table) -> None:
    counted: list[int] = []
    revocations = revocations_of(table, Stance.fail_open(counted.append))
    table.is_down = True
    revocations.check(claims(3))
    table.is_down = False
    with pytest.raises(Unauthenticated):
        revocations.check(claims(3))
    assert counted == [1]
