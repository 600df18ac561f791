"""나란히 도는 시험의 일꾼마다의 벌."""

from __future__ import annotations

from stack.session import copy_name


def test_each_worker_has_a_copy_of_its_own_and_finds_it_again() -> None:
    assert copy_name("it", "gw0") == "it-gw0"
    assert copy_name("it-gw0", "gw0") == "it-gw0", "벌에 붙은 뒤의 환경 변수로 다시 물어도 같은 벌이다"
    assert copy_name("it", "gw1") != copy_name("it", "gw10")
