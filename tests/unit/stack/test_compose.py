"""Compose 파일을 형이 있는 값으로 읽기."""

from __future__ import annotations

from pathlib import Path

import pytest

from stack.compose import EVERYWHERE, PROFILES, ComposeFile, Condition, PublishedPort, parse_duration_s
from stack.errors import StackError
from tests.unit.stack.topologies import compose, topology


def test_a_service_is_read_with_all_it_says() -> None:
    tree = {
        "api": {
            "image": "x/api:${TAG:-1}",
            "build": {"context": "../..", "dockerfile": "infra/docker/Dockerfile", "target": "app"},
            "command": ["serve", "--host", "${API_BIND:-10.1.1.1}"],
            "environment": {"PORT": 80, "EMPTY": None, "ON": "1"},
            "depends_on": {"db": {"condition": "service_healthy"}},
            "healthcheck": {"test": ["CMD", "curl", "http://api"], "interval": "2s", "timeout": "500ms"},
            "ports": ["127.0.0.1:8080:80"],
            "expose": ["80"],
            "restart": "unless-stopped",
            "stop_grace_period": "1m10s",
            "stop_signal": "SIGUSR1",
        },
        "db": {"command": "sleep 'a b'"},
    }
    api, db = compose(tree).resolve({"TAG": "7"}).services.values()
    assert (api.image, api.command) == ("x/api:7", ("serve", "--host", "10.1.1.1"))
    assert api.environment == {"PORT": "80", "EMPTY": "", "ON": "1"}
    assert api.depends_on == {"db": Condition.HEALTHY}
    assert api.published == (PublishedPort("127.0.0.1", 8080, 80),)
    assert (api.exposed, api.restarts, api.stop_grace_s, api.stop_signal) == ((80,), True, 70.0, "USR1")
    assert api.healthcheck is not None
    assert (api.healthcheck.command, api.healthcheck.timeout_s) == (("curl", "http://api"), 0.5)
    assert api.build is not None
    assert (api.build.context, api.build.target) == (Path("/repo"), "app")
    assert api.build.dockerfile == Path("/repo/infra/docker/Dockerfile")
    assert (db.command, db.restarts, db.healthcheck) == (("sleep", "a b"), False, None)


def test_short_forms_mean_the_same() -> None:
    tree = {
        "a": {"environment": ["X=1", "Y="], "depends_on": ["b"], "restart": "no", "ports": ["80:80"]},
        "b": {"healthcheck": {"test": ["CMD-SHELL", "true && true"]}},
        "c": {"healthcheck": {"test": "true"}},
        "d": {"healthcheck": {"disable": True}},
    }
    a, b, c, d = topology(tree).services.values()
    assert a.environment == {"X": "1", "Y": ""}
    assert (a.depends_on, a.restarts) == ({"b": Condition.STARTED}, False)
    assert a.published == (PublishedPort(EVERYWHERE, 80, 80),)
    assert b.healthcheck is not None
    assert b.healthcheck.command == ("sh", "-c", "true && true")
    assert c.healthcheck is not None
    assert c.healthcheck.command == ("sh", "-c", "true")
    assert d.healthcheck is None


def test_a_service_someone_waits_to_complete_is_a_one_shot() -> None:
    condition = {"condition": "service_completed_successfully"}
    built = topology({"setup": {}, "api": {"depends_on": {"setup": condition}}})
    assert built.one_shots() == {"setup"}


def test_waiting_for_an_unknown_service_is_refused() -> None:
    with pytest.raises(StackError, match=r"api.*nothing"):
        topology({"api": {"depends_on": ["nothing"]}})


def test_a_file_without_services_is_refused() -> None:
    with pytest.raises(StackError, match="services"):
        ComposeFile(Path("x.yml"), {"volumes": {}})


def test_a_missing_or_broken_file_names_itself(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"absent\.yml"):
        ComposeFile.read(tmp_path / "absent.yml")
    broken = tmp_path / "broken.yml"
    broken.write_text("services: [", encoding="utf-8")
    with pytest.raises(StackError, match=r"broken\.yml"):
        ComposeFile.read(broken)


@pytest.mark.parametrize(
    ("text", "seconds"), [("10s", 10), ("500ms", 0.5), ("1m30s", 90), ("2h", 7200), ("1.5s", 1.5)]
)
def test_durations_are_seconds(text: str, seconds: float) -> None:
    assert parse_duration_s(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "10", "s", "10 s", "10sx", "-1s"])
def test_a_malformed_duration_is_refused(text: str) -> None:
    with pytest.raises(StackError, match="기간"):
        parse_duration_s(text)


PROFILED = {
    "api": {"command": "serve"},
    "watch": {"profiles": ["observability"], "build": {"context": "."}, "ports": ["9090:9090"]},
    "borrowed": {"profiles": ["observability"], "image": "x/y:1", "depends_on": ["watch"]},
}


@pytest.mark.parametrize(
    ("profiles", "built_only", "names"),
    [
        ("", False, ["api"]),
        ("other", False, ["api"]),
        ("observability", False, ["api", "watch", "borrowed"]),
        ("other, observability", True, ["api", "watch"]),
    ],
)
def test_a_service_with_a_profile_is_there_only_when_it_is_on(
    profiles: str, built_only: bool, names: list[str]
) -> None:
    resolved = compose(PROFILED).resolve({PROFILES: profiles}, built_only=built_only)
    assert list(resolved.services) == names


def test_services_without_a_build_or_a_profile_stay_in_the_local_runtime() -> None:
    assert list(compose({"db": {"image": "x/db:1"}}).resolve({}, built_only=True).services) == ["db"]
