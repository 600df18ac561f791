"""커밋을 꺼내 돌리기: 상태의 글에서 프로세스 번호, 소스의 자리, 명령의 입구."""

from __future__ import annotations

from pathlib import Path

from load.checkouts import entry_points, pids_of, source_roots

STATUS = """\
lb           돎         pid 4711     /x/var/compare/logs/lb.log
gateway1     running    pid 12       /x/var/compare/logs/gateway1.log
setup        끝남                    /x/var/compare/logs/setup.log
"""


def test_every_running_service_has_its_process() -> None:
    assert pids_of(STATUS) == {"lb": 4711, "gateway1": 12}


def test_sources_come_from_the_checkout() -> None:
    pyproject = {"tool": {"hatch": {"build": {"targets": {"wheel": {"dev-mode-dirs": [".", "platform"]}}}}}}
    assert source_roots(pyproject, Path("/checkout")) == ["/checkout", "/checkout/platform"]


def test_a_command_calls_the_function_its_checkout_names() -> None:
    texts = entry_points({"project": {"scripts": {"gateway": "gateway.__main__:main"}}})
    assert list(texts) == ["gateway"]
    compile(texts["gateway"], "gateway", "exec")
    assert "from gateway.__main__ import main\n" in texts["gateway"]
