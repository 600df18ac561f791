"""프로젝트의 자리: 주소, 폴더, Compose 변수."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stack.errors import StackError
from stack.project import (
    address_block,
    assign_addresses,
    find_compose_file,
    local_addresses,
    local_variables,
    resolve_local,
)
from tests.unit.stack.topologies import compose, project

TREE = {
    "lb": {"ports": ["${PUBLIC_BIND:-127.0.0.1}:8080:8080"], "command": ["lb", "${LB_PUBLIC_BIND:-0.0.0.0}"]},
    "gateway-1": {"command": ["gateway", "${GATEWAY_1_BIND:-0.0.0.0}"]},
    "mariadb": {"ports": ["127.0.0.1:13306:3306"], "command": ["db", "${MARIADB_DATA:-/data}"]},
}


def test_every_service_has_its_own_address_in_the_order_of_the_file() -> None:
    assert assign_addresses("127.3.4", ("a", "b")) == {"a": "127.3.4.10", "b": "127.3.4.11"}


def test_too_many_services_are_refused() -> None:
    assert len(assign_addresses("127.3.4", tuple(map(str, range(245))))) == 245
    with pytest.raises(StackError, match="너무 많아"):
        assign_addresses("127.3.4", tuple(map(str, range(246))))


@given(st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20))
def test_a_block_is_loopback_stable_and_never_the_common_one(root: str, name: str) -> None:
    block = address_block(Path(root), name)
    assert block == address_block(Path(root), name)
    assert ip_address(f"{block}.10").is_loopback
    assert not block.startswith("127.0.")


def test_projects_and_clones_do_not_share_addresses() -> None:
    blocks = {address_block(Path(root), name) for root in ("/a", "/b") for name in ("it", "e2e", "hanpan")}
    assert len(blocks) == 6


def test_the_local_runtime_fills_hosts_binds_and_volumes() -> None:
    place = project("it")
    block = address_block(place.root, "it")
    variables = local_variables(compose(TREE, volumes={"mariadb-data": {}}), place, {})
    assert variables == {
        "LB_HOST": f"{block}.10",
        "LB_BIND": f"{block}.10",
        "LB_PUBLIC_BIND": "127.0.0.1",
        "GATEWAY_1_HOST": f"{block}.11",
        "GATEWAY_1_BIND": f"{block}.11",
        "MARIADB_HOST": f"{block}.12",
        "MARIADB_BIND": f"{block}.12",
        "MARIADB_DATA": "/repo/var/it/volumes/mariadb-data",
    }


def test_the_public_address_can_be_chosen_from_outside() -> None:
    built = resolve_local(compose(TREE), project(), {"PUBLIC_BIND": "10.1.1.1"})
    assert built.services["lb"].command == ("lb", "10.1.1.1")


def test_two_projects_differ_in_every_place() -> None:
    tree = compose(TREE)
    one, other = project("it"), project("e2e")
    assert not set(local_addresses(tree, one).values()) & set(local_addresses(tree, other).values())
    assert one.var_dir != other.var_dir
    assert one.log_path("lb") == Path("/repo/var/it/logs/lb.log")


def test_an_unknown_compose_file_lists_the_known_ones() -> None:
    assert find_compose_file("e2e").name == "e2e.yml"
    with pytest.raises(StackError, match=r"nothing.*e2e, it"):
        find_compose_file("nothing")
