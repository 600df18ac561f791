"""요청의 주소: 믿는 프록시가 말한 것만 믿는다."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from players.addresses import client_address, is_trusted, parse_networks

TRUSTED = parse_networks(["127.0.0.0/8", "10.1.0.0/16"])


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "address"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.1, 10.1.2.3", "198.51.100.1"),
        ("127.0.0.1", "10.1.0.1", "10.1.0.1"),
        ("127.0.0.1", "6.6.6.6, nonsense", "127.0.0.1"),
        ("127.0.0.1", " , ", "127.0.0.1"),
        ("127.0.0.1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", "", "198.51.100.7"),
        ("", "198.51.100.1", "unknown"),
    ],
)
def test_the_address_is_the_nearest_one_a_trusted_proxy_vouches_for(
    peer: str, forwarded_for: str, address: str
) -> None:
    assert client_address(peer, forwarded_for, TRUSTED) == address


@given(st.text(max_size=80))
def test_an_untrusted_peer_cannot_choose_its_address(forwarded_for: str) -> None:
    assert client_address("203.0.113.9", forwarded_for, TRUSTED) == "203.0.113.9"


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        ("127.0.0.1", True), ("10.1.255.255", True), ("::ffff:10.1.0.1", True),
        ("10.2.0.1", False), ("::1", False), ("", False), ("10.1.0.1, 10.1.0.2", False),
        ("10.1.0.1:80", False),
    ],
)  # fmt: skip
def test_only_an_address_within_the_networks_is_trusted(peer: str, expected: bool) -> None:
    assert is_trusted(peer, TRUSTED) is expected


@given(st.text(max_size=80))
def test_any_header_is_answered(forwarded_for: str) -> None:
    assert client_address("127.0.0.1", forwarded_for, TRUSTED)


def test_a_network_that_is_not_cidr_is_refused_at_start() -> None:
    with pytest.raises(ValueError, match="nope"):
        parse_networks(["nope"])
