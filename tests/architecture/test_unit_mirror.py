"""단위 시험은 소스 나무를 비추고, 부르는 데가 하나뿐인 조각 모듈은 접는다."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from tests.architecture.mirror import (
    UNIT,
    UNMIRRORED,
    importers,
    names_a_module,
    own_test,
    shipped_modules,
    unit_tests,
    unmirrored,
)
from tests.architecture.rooms import ROOT

# 모듈 하나가 아니라 꾸러미의 모든 글이나 여러 모듈이 함께 하는 일을 본다.
WIDER_TESTS = {
    "bots/test_bots_command",
    "environment/test_defaults",
    "gateway/queueing/test_ticket_takeover",
    "kernel/test_korean_texts",
    "ops/test_command_help",
    "ops/test_format",
    "play/test_play_view",
}
MIN_LINES = 40


@dataclass(frozen=True)
class Kept:
    """작아도 따로 두는 까닭과, 그것을 지키는 시험. 시험이 제 이름이면 적지 않는다."""

    why: str
    test: str = ""


SMALL_WITH_A_REASON = {
    "bots.accounts": Kept("명령은 얇게 둔다: 봇의 계정을 만드는 HTTP", "tests/it/bots/test_accounts.py"),
    "concurrency.stall_tolerant_timeout": Kept("시계만 아는 규칙: 기다리는 것이 Redis인 줄 모른다"),
    "environment.version": Kept("버전은 이 파일 하나에만 있다"),
    "gameservices.matchmaking.director.match_spans": Kept("만드는 일은 추적의 모양을 모른다"),
    "gameservices.runtime.django_boot": Kept(
        "시험과 부하 도구도 깨운다: launch와 달리 gRPC를 들이지 않는다", "tests/faults/finalize_forks.py"
    ),
    "gameservices.session.rooms.match_spans": Kept("도는 방은 추적을 모른다"),
    "gameservices.session.rooms.outcomes": Kept("방은 저장되는 모양을 모른다"),
    "matches.api.bot_views": Kept("다루는 것마다 뷰 모듈 하나", "tests/it/matches/test_bot_opponent.py"),
    "ops.api.schema": Kept("다루는 것마다 뷰 모듈 하나"),
    "ops.live.rates": Kept("시각을 받는 순수한 셈"),
    "ops.translations": Kept("글의 파일들을 시험이 앱 없이 읽는다"),
    "ops.views.dashboard": Kept("쪽마다 뷰 모듈 하나", "tests/it/ops/test_access.py"),
    "ops.views.results": Kept("쪽마다 뷰 모듈 하나", "tests/it/ops/test_results_page.py"),
    "play.views": Kept("urls는 길만 안다", "tests/unit/play/test_play_view.py"),
    "config.cookie_bounds": Kept("갖가지 머리글로 보는 순수한 셈: 입구는 조립만 한다"),
    "webserver.cors": Kept("브라우저의 규칙(Fetch 표준)은 한자리에", "tests/it/front/test_cors.py"),
    "webserver.cors_rules": Kept("설정이 읽는 값이라 Django를 들이지 않는다", "tests/it/front/test_cors.py"),
}


def test_every_module_without_a_test_of_its_name_is_on_the_list_that_only_shrinks() -> None:
    listed = UNMIRRORED.read_text(encoding="utf-8").split()
    assert listed == sorted(set(listed), key=listed.index)
    missing = sorted(set(unmirrored()) - set(listed))
    assert missing == [], "tests/unit/<길>/test_<모듈>.py가 없다"


def test_every_unit_test_names_a_module_of_the_tree() -> None:
    modules = shipped_modules()
    tests = unit_tests(module.parts[0] for module in modules)
    assert len(tests) > 100
    assert [
        str(test) for test in tests if not names_a_module(test, modules) and str(test) not in WIDER_TESTS
    ] == []


def _fragments() -> set[str]:
    """짧고, 들이는 모듈이 하나뿐인 모듈들."""
    calls = importers()
    return {
        name
        for module, path in shipped_modules().items()
        if len(calls[name := ".".join(module.parts)]) == 1
        and path.read_text(encoding="utf-8").count("\n") < MIN_LINES
    }


def test_a_fragment_with_one_importer_is_folded_unless_there_is_a_reason() -> None:
    fragments = _fragments()
    assert sorted(fragments - set(SMALL_WITH_A_REASON)) == []
    assert sorted(set(SMALL_WITH_A_REASON) - fragments) == [], "이제 조각이 아니다: 까닭을 지운다"


def test_a_fragment_that_stays_has_a_test() -> None:
    own = {".".join(module.parts): UNIT / f"{own_test(module)}.py" for module in shipped_modules()}
    tests = {name: ROOT / kept.test if kept.test else own[name] for name, kept in SMALL_WITH_A_REASON.items()}
    assert {name: path for name, path in tests.items() if not path.is_file()} == {}


def test_a_test_may_add_what_it_looks_at_to_the_name_of_its_module() -> None:
    modules = [PurePosixPath("gateway/seats/seat")]
    assert names_a_module(PurePosixPath("gateway/seats/test_seat"), modules)
    assert names_a_module(PurePosixPath("gateway/seats/test_seat_leaving"), modules)
    assert not names_a_module(PurePosixPath("gateway/seats/test_seats"), modules)
    assert not names_a_module(PurePosixPath("gateway/test_seat"), modules)
