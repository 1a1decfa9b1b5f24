"""Which addresses of the internet the desk may speak to: public ones, so that nobody reaches inwards through it.

Written out from IANA's registries of special-purpose addresses rather than asked of the standard library, whose own
opinion changes with its version. Of IPv6 only global unicast is public; tunnels (6to4, Teredo) are refused as a whole,
for where they lead stands inside the address. An address of NAT64 is as public as the IPv4 address in it.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NOT_PUBLIC_4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # behind a carrier's NAT
        "127.0.0.0/8",  # this machine
        "169.254.0.0/16",  # this link, and what clouds tell of themselves
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_NOT_PUBLIC_6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)


def is_public(address: Address) -> bool:
    """Whether anybody on the internet may have this address."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    if address.scope_id is not None:
        return False
    if address in _NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    return address in _GLOBAL_UNICAST and not any(address in network for network in _NOT_PUBLIC_6)


def is_within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def may_be_sent_to(address: Address, *, secure: bool, networks: Iterable[Network]) -> bool:
    """Public addresses over TLS only; the networks that the desk was given, in the clear too."""
    return is_within(address, networks) or (secure and is_public(address))


def parse_address(text: str) -> Address:
    """An address as a resolver spells it; ValueError for anything else."""
    return ip_address(text)


def parse_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks as the settings name them; ValueError names the one that can't be read."""
    return tuple(ip_network(text, strict=False) for text in texts)
