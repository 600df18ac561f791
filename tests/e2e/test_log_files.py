"""setup이 만든 비밀번호는 어느 로그에도 없고, 로그 파일은 주인만 읽는다."""

from __future__ import annotations

from stack.runtime import Runtime
from tests.e2e.ops_browser import DEMO_STAFF, demo_passwords


def test_no_log_holds_a_password_and_no_log_file_is_open_to_others(stack: Runtime) -> None:
    passwords = demo_passwords(stack)
    assert set(passwords) >= {"viewer", "operator", "admin"}
    logs = {name: stack.logs(name) for name in stack.topology.services}
    files = [path for path in stack.project.logs_dir.rglob("*") if path.is_file()]
    logs |= {str(path): path.read_text(encoding="utf-8", errors="replace") for path in files}
    assert DEMO_STAFF in logs["setup"]
    leaks = [(name, user) for name, text in logs.items() for user, it in passwords.items() if it in text]
    assert leaks == []
    assert {path.name: oct(path.stat().st_mode & 0o777) for path in files} == {
        path.name: "0o600" for path in files
    }


def test_the_passwords_are_read_by_their_owner_only(stack: Runtime) -> None:
    keys = stack.topology.services["platform"].environment["HANPAN_KEYS_DIR"]
    assert stack.execute("platform", ["stat", "-c", "%a", f"{keys}/{DEMO_STAFF}"]).strip() == "600"
