"""Compose 파일은 서비스의 유일한 목록이고, 문서가 정한 것만 담는다."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from environment.env import PREFIX, env_table
from ops.live.targets import parse_targets
from stack.compose import ComposeFile, Condition, Topology

ROOT = Path(__file__).parents[2]
TOPOLOGIES = {
    "it": {"mariadb", "redis"},
    "e2e": {
        "lb", "platform", "gateway1", "gateway2", "matchmaking", "session1", "session2",
        "mariadb", "redis", "setup",
    },
}  # fmt: skip
GRPC, HTTP, MARIADB, REDIS = 7000, 8000, 3306, 6379
# env.py가 아니라 infra의 스크립트와 설정, glibc가 읽는 것.
NOT_FROM_ENV = {
    "MARIADB_BIND", "MARIADB_DATA", "MARIADB_TESTING", "LB_PUBLIC_BIND", "LB_BIND",
    "LB_TLS", "LB_CERT", "LB_RUN", "TRUSTED_FRONT",
    "MALLOC_ARENA_MAX", "MALLOC_MMAP_THRESHOLD_", "LANG", "LC_ALL",
}  # fmt: skip


def load(name: str) -> Topology:
    return ComposeFile.read(ROOT / "infra" / "compose" / f"{name}.yml").resolve({})


@pytest.mark.parametrize("name", TOPOLOGIES)
def test_a_compose_file_holds_exactly_the_documented_services(name: str) -> None:
    assert set(load(name).services) == TOPOLOGIES[name]


def test_only_the_load_balancer_is_open_to_the_outside() -> None:
    published = {
        name: service.published for name, service in load("e2e").services.items() if service.published
    }
    assert {name: [port.host_port for port in ports] for name, ports in published.items()} == {"lb": [8080]}


PUBLIC, OBSERVED = "203.0.113.5", "203.0.113.6"


@pytest.mark.parametrize(
    ("variables", "hosts"),
    [
        ({}, ("127.0.0.1", "127.0.0.1")),
        ({"PUBLIC_BIND": PUBLIC}, (PUBLIC, "127.0.0.1")),
        ({"OBSERVABILITY_BIND": OBSERVED}, ("127.0.0.1", OBSERVED)),
    ],
)
def test_only_the_ports_of_the_load_balancer_follow_the_public_address(
    variables: dict[str, str], hosts: tuple[str, str]
) -> None:
    of_players, of_operators = hosts
    for path in (ROOT / "infra" / "compose").glob("*.yml"):
        for name, service in ComposeFile.read(path).all_services({"LB_CERTS": "/certs", **variables}).items():
            expected = of_players if name == "lb" else of_operators if service.profiles else "127.0.0.1"
            opened = {(name, port.container_port, port.host) for port in service.published}
            assert opened == {(name, port.container_port, expected) for port in service.published}


def test_grafana_lets_nobody_in_without_a_password_of_its_own() -> None:
    grafana = ComposeFile.read(ROOT / "infra" / "compose" / "e2e.yml").all_services({})["grafana"]
    assert grafana.environment["GF_AUTH_ANONYMOUS_ENABLED"] == "false"
    assert grafana.environment["GF_SECURITY_ADMIN_PASSWORD"] == ""
    node = yaml.safe_load((ROOT / "infra" / "compose" / "e2e.yml").read_text(encoding="utf-8"))
    assert node["services"]["grafana"]["entrypoint"][:2] == ["sh", "/etc/hanpan/start.sh"]


def test_ports_are_the_documented_ones() -> None:
    services = load("e2e").services
    assert {name: set(service.exposed) for name, service in services.items()} == {
        "lb": {HTTP},
        "platform": {HTTP},
        "gateway1": {HTTP},
        "gateway2": {HTTP},
        "matchmaking": {GRPC, HTTP},
        "session1": {GRPC, HTTP},
        "session2": {GRPC, HTTP},
        "mariadb": {MARIADB},
        "redis": {REDIS},
        "setup": set(),
    }


def test_every_long_running_service_has_a_healthcheck() -> None:
    for name in TOPOLOGIES:
        built = load(name)
        without = {key for key, service in built.services.items() if service.healthcheck is None}
        assert without == built.one_shots()


def test_no_application_starts_before_the_schema_is_there() -> None:
    built = load("e2e")
    applications = set(built.services) - {"lb", "mariadb", "redis", "setup"}
    for name in applications:
        assert built.services[name].depends_on == {"setup": Condition.COMPLETED}


def test_only_setup_holds_the_schema_account() -> None:
    for name, service in load("e2e").services.items():
        holds = "HANPAN_DB_MIGRATE_PASSWORD" in service.environment
        assert holds == (name in {"setup", "mariadb"})
        assert ("HANPAN_DB_ROLE" in service.environment) == (name == "setup")


def test_instances_are_named_after_their_service() -> None:
    for name, service in load("e2e").services.items():
        if "HANPAN_INSTANCE" in service.environment:
            assert service.environment["HANPAN_INSTANCE"] == name


def test_the_dashboard_asks_every_python_process_for_its_metrics() -> None:
    services = load("e2e").services
    python = {name for name, service in services.items() if "HANPAN_INSTANCE" in service.environment}
    targets = parse_targets(services["platform"].environment["HANPAN_METRICS_TARGETS"].split(","))
    assert {target.name for target in targets} == python - {"setup"}
    assert {target.port for target in targets} == {HTTP}


@pytest.mark.parametrize("name", TOPOLOGIES)
def test_every_setting_is_one_that_something_reads(name: str) -> None:
    known = {PREFIX + variable.name for variable in env_table()} | NOT_FROM_ENV
    for service in load(name).services.values():
        hosts = {key for key in service.environment if key.endswith("_HOST") and not key.startswith(PREFIX)}
        assert set(service.environment) - hosts <= known


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_the_defaults_of_the_compose_file_are_those_of_the_environment_table(topology: str) -> None:
    fixed = {variable.name: variable.default for variable in env_table()}
    places = {"INSTANCE", "KEYS_DIR", "BIND_HOST", "ADVERTISE_HOST", "DB_HOST", "REDIS_HOST",
              "MATCHMAKING_ADDRESSES", "TRUSTED_PROXIES", "DB_ROLE", "METRICS_TARGETS",
              "PROMETHEUS_URL"}  # fmt: skip
    for service in load(topology).services.values():
        for key, value in service.environment.items():
            name = key.removeprefix(PREFIX)
            if key.startswith(PREFIX) and name not in places:
                assert (name, value) == (name, fixed[name])
