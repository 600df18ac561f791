"""끝난 판의 결과 한 벌: 모양, 규칙, 지문, 일지에 적는 글. 순수하다.

session이 만들고, 일지(Redis)를 지나, finalize가 받는다.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final, Literal

import msgspec

from kernel.errors import InvalidArgument
from kernel.ids import is_id

Status = Literal["finalized", "aborted"]
MODE_PATTERN: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}")
ABORT_CODE_PATTERN: Final = re.compile(r"[A-Z][A-Z0-9_]{0,31}")
PLAYERS_MAX: Final = 1000
SCORE_LIMIT: Final = 2**31
TICKS_MAX: Final = 2**31 - 1
SEED_MAX: Final = 2**63 - 1
TIME_MAX_MS: Final = 4_102_444_800_000  # 2100년


class PlayerOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """선수 한 사람의 등수와 점수. 등수는 1부터이고 비기면 나눈다(1, 1, 3).

    `conceded`는 판을 포기했는가다. v1.5.0이 적은 일지에는 없다.
    """

    player_id: str
    place: int
    score: int
    conceded: bool = False


class MatchOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """끝난 판. `players`는 등수, 선수 순이고 시각은 1970년부터의 밀리초다.

    시작 전에 중단되면 `started_at_ms`는 0이다. `queued_at_ms`는 가장 먼저 줄 선 선수의 때이고, 줄을 거치지
    않은 판이면 0이다.
    """

    match_id: str
    mode: str
    region: str
    server_id: str
    status: Status
    abort_code: str
    players: tuple[PlayerOutcome, ...]
    created_at_ms: int
    started_at_ms: int
    ended_at_ms: int
    ticks: int
    seed: int
    queued_at_ms: int = 0
    traceparent: str = ""

    def digest(self) -> str:
        """같은 결과인지 견주는 지문(sha256, 16진).

        어느 서버가 언제 적었는지는 결과가 아니므로 들지 않는다. 중단은 누가 앉았는지만 본다:
        두 서버가 다른 까닭으로 같은 판을 중단해도 같은 중단이고, 먼저 쓴 까닭이 남는다.
        포기했는가도 들지 않는다: 등수와 점수가 결과이고 포기는 그 사연이다(v1.5.0이 적은 지문과도 같다).
        """
        if self.status == "aborted":
            facts: list[object] = [
                self.match_id,
                self.mode,
                self.status,
                sorted(p.player_id for p in self.players),
            ]
        else:
            rows = [[p.place, p.player_id, p.score] for p in in_order(self.players)]
            facts = [self.match_id, self.mode, self.status, rows]
        return hashlib.sha256(msgspec.json.encode(facts)).hexdigest()

    def encode(self) -> bytes:
        """일지에 적을 JSON."""
        return msgspec.json.encode(self)

    def check(self) -> None:
        """쓰기 전에 규칙을 본다.

        Raises:
            InvalidArgument: 칸의 범위, 선수의 겹침, 등수의 순서가 틀렸다.
        """
        _check_fields(self)
        if self.status == "finalized":
            _check_places(self.players)


@dataclass(frozen=True, slots=True)
class EndTimes:
    """쓰일 시각들(1970년부터의 밀리초). 줄을 거치지 않았거나 시작하지 않았으면 None이다."""

    queued_at_ms: int | None
    created_at_ms: int
    started_at_ms: int | None
    ended_at_ms: int

    @classmethod
    def of(cls, outcome: MatchOutcome) -> EndTimes:
        """판이 도는 동안 벽시계가 뒤로 가도 결과를 잃지 않는다: 순서만 바로잡는다."""
        created_at_ms = outcome.created_at_ms
        started_at_ms = max(outcome.started_at_ms, created_at_ms) if outcome.started_at_ms else None
        return cls(
            queued_at_ms=min(outcome.queued_at_ms, created_at_ms) or None,
            created_at_ms=created_at_ms,
            started_at_ms=started_at_ms,
            ended_at_ms=max(outcome.ended_at_ms, started_at_ms or created_at_ms),
        )


@dataclass(frozen=True, slots=True)
class StoredResult:
    """선수 한 사람의 결과. 레이팅이 바뀌지 않았으면 둘 다 None이다."""

    player_id: str
    place: int
    score: int
    rating_before: float | None
    rating_after: float | None
    conceded: bool


@dataclass(frozen=True, slots=True)
class StoredChange:
    """선수 한 사람의 레이팅 변화 전체."""

    player_id: str
    mu_before: float
    sigma_before: float
    mu_after: float
    sigma_after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMatch:
    """MariaDB에 있는 끝난 판.

    `results`는 등수, 선수 순이고 중단된 판에서는 비어 있다. `player_ids`는 어느 판에나 있다. `changes`는 선수
    순이다. `already_finalized`가 거짓이면 지금 막 쓰였다.
    """

    match_id: str
    status: str
    abort_code: str
    mode: str
    region: str
    server_id: str
    digest: str
    created_at_ms: int
    started_at_ms: int | None
    ended_at_ms: int
    player_ids: tuple[str, ...]
    results: tuple[StoredResult, ...]
    changes: tuple[StoredChange, ...]
    already_finalized: bool = True


@dataclass(frozen=True, slots=True)
class Settlement:
    """판의 끝이 어떻게 정해졌는가. `abort_code`가 있으면 무효가 된 판이고 `results`는 비어 있다.

    끝내 쓰지 못한 판도 이것으로 끝난다(그때의 `abort_code`는 INTERNAL이다).
    """

    match_id: str
    abort_code: str
    player_ids: tuple[str, ...]
    results: tuple[StoredResult, ...]

    @classmethod
    def of(cls, stored: StoredMatch) -> Settlement:
        """저장된 판의 끝."""
        return cls(stored.match_id, stored.abort_code, stored.player_ids, stored.results)


_decoder = msgspec.json.Decoder(MatchOutcome)


def decode_outcome(payload: bytes | str) -> MatchOutcome:
    """일지의 글을 결과로 되돌린다.

    Raises:
        InvalidArgument: 우리가 적은 글이 아니다.
    """
    try:
        return _decoder.decode(payload)
    except msgspec.DecodeError as error:
        raise InvalidArgument("판의 결과를 읽을 수 없습니다") from error


def in_order(players: tuple[PlayerOutcome, ...]) -> list[PlayerOutcome]:
    """등수, 선수의 순서. 밖에 보이는 results가 늘 이 순서다."""
    return sorted(players, key=lambda player: (player.place, player.player_id))


def _check_fields(outcome: MatchOutcome) -> None:
    ids = [player.player_id for player in outcome.players]
    times_ms = (outcome.queued_at_ms, outcome.created_at_ms, outcome.started_at_ms, outcome.ended_at_ms)
    problems = {
        "match_id": not is_id(outcome.match_id),
        "mode": not MODE_PATTERN.fullmatch(outcome.mode),
        "region": not 0 < len(outcome.region) <= 32,
        "server_id": not 0 < len(outcome.server_id) <= 64,
        "players": not 0 < len(ids) <= PLAYERS_MAX or len(set(ids)) != len(ids),
        "player_id": not all(is_id(player_id) for player_id in ids),
        "score": any(abs(player.score) >= SCORE_LIMIT for player in outcome.players),
        "abort_code": not _abort_code_fits(outcome),
        "time": any(not 0 <= time_ms <= TIME_MAX_MS for time_ms in times_ms) or not outcome.created_at_ms,
        "ticks": not 0 <= outcome.ticks <= TICKS_MAX,
        "seed": not 0 <= outcome.seed <= SEED_MAX,
    }
    if wrong := [name for name, is_wrong in problems.items() if is_wrong]:
        raise InvalidArgument("판의 결과가 올바르지 않습니다: {fields}", fields=", ".join(wrong))


def _abort_code_fits(outcome: MatchOutcome) -> bool:
    if outcome.status == "finalized":
        return outcome.abort_code == ""
    return ABORT_CODE_PATTERN.fullmatch(outcome.abort_code) is not None


def _check_places(players: tuple[PlayerOutcome, ...]) -> None:
    places = sorted(player.place for player in players)
    expected = 1
    for index, place in enumerate(places):
        if index and place == places[index - 1]:
            continue
        expected = index + 1
        if place != expected:
            raise InvalidArgument("등수는 1부터이고, 비기면 나누고 다음 등수를 건너뜁니다(1, 1, 3)")
