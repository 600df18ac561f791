"""요청이 온 주소를 정한다: X-Forwarded-For는 믿는 프록시가 붙인 것만 본다. 순수하다."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Final

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# 한 사람이 /64 하나를 통째로 가지므로, IPv6는 그만큼을 한 주소로 센다.
IPV6_SUBJECT_PREFIX: Final = 64


def parse_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """CIDR 글들을 망으로 만든다.

    Raises:
        ValueError: CIDR이 아니다.
    """
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


def is_trusted(peer: str, trusted: tuple[Network, ...]) -> bool:
    """TCP 상대가 믿는 프록시인가. 주소가 아닌 글은 아니다."""
    address = _parse(peer)
    return address is not None and _is_within(address, trusted)


def client_address(peer: str, forwarded_for: str, trusted: tuple[Network, ...]) -> str:
    """속도 제한이 셀 주소.

    `peer`는 TCP 상대, `forwarded_for`는 X-Forwarded-For 전체다. 오른쪽(가까운 쪽)부터 믿는 프록시인 동안만
    왼쪽으로 간다. 주소가 아닌 글이 나오면 거기서 멈춘다: 그 왼쪽은 아무나 지어낼 수 있다.
    """
    current = _parse(peer)
    if current is None:
        return "unknown"
    for hop in reversed([part.strip() for part in forwarded_for.split(",")]):
        following = _parse(hop)
        if following is None or not _is_within(current, trusted):
            break
        current = following
    return _subject(current)


def _is_within(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)


def _parse(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address


def _subject(address: Address) -> str:
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, IPV6_SUBJECT_PREFIX), strict=False))
    return str(address)
