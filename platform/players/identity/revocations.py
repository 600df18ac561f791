"""HTTP에서 접근 토큰이 아직 사는가: 선수의 epoch와 들어온 기록을 MariaDB에서 보고 잠깐 기억한다.

MariaDB가 멈추면 `stance`를 따르고, 닫는다(FAIL CLOSED, 503): 로그아웃한 토큰인지 모르는 채 열지 않는다.
기억하는 동안은 다른 platform에서 한 로그아웃을 늦게 안다(기본 5초). 이 프로세스에서 한 것은 곧바로 안다.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.db import Error as DatabaseFailure
from django.db.models import Exists, OuterRef

from kernel.errors import Unauthenticated
from players.identity.tokens import PlayerClaims
from players.models import Player, SignIn
from resilience.stance import Stance

REMEMBERED: Final = 20_000


@dataclass(frozen=True, slots=True)
class SignInStanding:
    """선수의 epoch와, 물은 들어온 기록이 살아 있는가."""

    epoch: int
    is_alive: bool


def read_standing(player_id: str, sign_in_id: str) -> SignInStanding | None:
    """지금의 것. 없는 선수면 None이다."""
    players = Player.objects.filter(pk=player_id)
    if not sign_in_id:  # v1.5.0의 토큰
        epoch = players.values_list("token_epoch", flat=True).first()
        return None if epoch is None else SignInStanding(epoch, True)
    alive = SignIn.objects.filter(pk=sign_in_id, player_id=OuterRef("pk"), ended_at=None)
    row = players.values_list("token_epoch", Exists(alive)).first()
    return None if row is None else SignInStanding(row[0], bool(row[1]))


class Revocations:
    """토큰을 견준다. 여러 스레드가 함께 쓴다."""

    def __init__(
        self,
        *,
        keep_s: float,
        stance: Stance,
        read: Callable[[str, str], SignInStanding | None] = read_standing,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._keep_s = keep_s
        self._stance = stance
        self._read = read
        self._monotonic_s = monotonic_s
        self._known: OrderedDict[tuple[str, str], tuple[float, SignInStanding]] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, claims: PlayerClaims) -> None:
        """토큰이 아직 사는지 본다.

        Raises:
            Unauthenticated: 로그아웃했거나 선수가 없다.
            DatabaseError: MariaDB에 닿지 않고, 닫는 몸가짐이다(부르는 쪽이 503으로 옮긴다).
        """
        try:
            standing = self._standing(claims.player_id, claims.sign_in_id)
        except DatabaseFailure as error:
            standing = self._stance.answer(error, lambda: SignInStanding(claims.epoch, is_alive=True))
        if standing is None:
            raise Unauthenticated("이 토큰의 선수는 더 이상 없습니다")
        if claims.epoch < standing.epoch or not standing.is_alive:
            raise Unauthenticated("로그아웃한 접근 토큰입니다")

    def forget(self, player_id: str) -> None:
        """이 선수에 대해 기억한 것을 버린다."""
        with self._lock:
            for key in [key for key in self._known if key[0] == player_id]:
                del self._known[key]

    def _standing(self, player_id: str, sign_in_id: str) -> SignInStanding | None:
        key, now_s = (player_id, sign_in_id), self._monotonic_s()
        with self._lock:
            known = self._known.get(key)
        if known is not None and now_s - known[0] < self._keep_s:
            return known[1]
        standing = self._read(player_id, sign_in_id)
        if standing is not None:
            with self._lock:
                self._known[key] = (now_s, standing)
                self._known.move_to_end(key)
                if len(self._known) > REMEMBERED:
                    self._known.popitem(last=False)
        return standing
