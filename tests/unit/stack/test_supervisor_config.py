"""supervisord.conf와 실행 스크립트의 내용."""

from __future__ import annotations

import configparser
import shlex
from pathlib import Path

from stack.supervisor_config import render_launcher, render_supervisord
from tests.unit.stack.topologies import project, topology

TREE = {
    "setup": {"command": ["python", "manage.py", "setup"]},
    "api": {
        "command": ["serve", "--name", "it's 100%"],
        "environment": {"MODES": '{"duel":{"duration_ms":4000}}', "PLAIN": "1"},
        "restart": "unless-stopped",
        "stop_grace_period": "15s",
        "stop_signal": "SIGUSR1",
    },
}


def rendered(root: Path = Path("/repo"), *, as_root: bool = False) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser()
    text = render_supervisord(
        topology(TREE).services.values(),
        project=project("it", root),
        one_shots=frozenset({"setup"}),
        socket_path=Path("/run/s.sock"),
        as_root=as_root,
    )
    parser.read_string(text)
    return parser


def test_a_service_restarts_and_stops_as_its_compose_file_says() -> None:
    api = rendered()["program:api"]
    assert (api["autostart"], api["autorestart"], api["startsecs"]) == ("false", "true", "1")
    assert (api["stopsignal"], api["stopwaitsecs"]) == ("USR1", "15")
    assert api["stdout_logfile"] == "/repo/var/it/logs/api.log"


def test_a_one_shot_may_end_at_once_and_is_not_started_again() -> None:
    setup = rendered()["program:setup"]
    assert (setup["autorestart"], setup["startsecs"], setup["startretries"]) == ("false", "0", "0")


def test_logs_are_read_by_their_owner_only() -> None:
    assert rendered()["supervisord"]["umask"] == "077"


def test_only_root_names_its_user() -> None:
    assert "user" not in rendered()["supervisord"]
    assert rendered(as_root=True)["supervisord"]["user"] == "root"


def test_a_folder_with_odd_letters_is_escaped() -> None:
    command = rendered(Path("/my repo/100%"))["program:api"]["command"]
    assert shlex.split(command.replace("%%", "%")) == ["/bin/sh", "/my repo/100%/var/it/run/api.sh"]


def test_the_launcher_becomes_the_service_in_a_clean_environment() -> None:
    text = render_launcher(
        topology(TREE).services["api"], root=Path("/my repo"), base_environment={"PATH": "/bin", "PLAIN": "0"}
    )
    assert "cd '/my repo' || exit 1" in text
    command = shlex.split(text.partition("exec ")[2].replace("\\\n", " "))
    assert command == [
        "env", "-i", "PATH=/bin", "PLAIN=1", 'MODES={"duel":{"duration_ms":4000}}',
        "serve", "--name", "it's 100%",
    ]  # fmt: skip
