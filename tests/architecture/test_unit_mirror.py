"""단위 시험은 소스 나무를 비추고, 부르는 데가 하나뿐인 조각 모듈은 접는다."""

from __future__ import annotations

from pathlib import PurePosixPath

from tests.architecture.mirror import (
    UNMIRRORED,
    importers,
    names_a_module,
    own_test,
    shipped_modules,
    unit_tests,
    unmirrored,
)

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
# 제 이름의 시험이 없고 부르는 데가 하나뿐이어도 따로 두는 까닭.
SMALL_WITH_A_REASON = {
    "accounts.demo": "명령은 얇게 둔다: 시연 직원은 계정의 일이다",
    "bots.accounts": "명령은 얇게 둔다: 봇의 계정을 만드는 HTTP",
    "gameservices.runtime.django_boot": "Django를 깨우는 이름을 정하는 자리",
    "environment.secrets": "비밀을 읽는 자리는 하나다",
    "matches.api.bot_views": "주소마다의 뷰",
    "matches.ratings.stored_ratings": "matchmaking이 MariaDB에 닿는 유일한 문",
    "ops.live.wiring": "소켓의 조립은 config가 모른다",
    "ops.queries.queue": "쪽마다 쿼리 모듈 하나",
    "ops.views.dashboard": "쪽마다 뷰 모듈 하나",
    "ops.views.results": "쪽마다 뷰 모듈 하나",
    "play.views": "Django 앱의 모양",
    "webserver.cors": "브라우저의 규칙(Fetch 표준)은 한자리에",
    "webserver.cors_rules": "설정이 읽는 값이라 Django를 들이지 않는다",
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


def test_a_fragment_with_one_importer_is_folded_unless_it_has_a_test_or_a_reason() -> None:
    modules, calls = shipped_modules(), importers()
    tests = set(unit_tests(module.parts[0] for module in modules))
    fragments = {
        ".".join(module.parts)
        for module, path in modules.items()
        if path.read_text(encoding="utf-8").count("\n") < MIN_LINES
        and len(calls[".".join(module.parts)]) == 1
        and own_test(module) not in tests
    }
    assert sorted(fragments - set(SMALL_WITH_A_REASON)) == []


def test_a_test_may_add_what_it_looks_at_to_the_name_of_its_module() -> None:
    modules = [PurePosixPath("gateway/seats/seat")]
    assert names_a_module(PurePosixPath("gateway/seats/test_seat"), modules)
    assert names_a_module(PurePosixPath("gateway/seats/test_seat_leaving"), modules)
    assert not names_a_module(PurePosixPath("gateway/seats/test_seats"), modules)
    assert not names_a_module(PurePosixPath("gateway/test_seat"), modules)
