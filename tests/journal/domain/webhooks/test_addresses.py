from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.domain.webhooks.addresses import is_public, is_within, may_be_sent_to, parse_networks

PUBLIC = """
8.8.8.8 1.1.1.1 93.184.216.34 100.63.255.255 100.128.0.0 172.15.255.255 172.32.0.0 192.167.255.255 192.169.0.0
169.253.255.255 198.17.255.255 198.20.0.0 223.255.255.255 11.0.0.0 9.255.255.255
2606:4700:4700::1111 2a00:1450:4001:81b::200e 2001:4860:4860::8888 2001:200::1 64:ff9b::808:808 2620:fe::fe
"""
NOT_PUBLIC = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.254 169.254.169.254
172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.170 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 198.19.255.255
198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
:: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:8.8.8.8 ::ffff:0:7f00:1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe
64:ff9b::10.0.0.1 64:ff9b:1::1 64:ff9b:1::808:808 100::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:10::1
2001:20::1 2001:db8::1 2002:7f00:1:: 2002:a00:1::1 2002:808:808::1 3fff::1 4000::1 5f00::1 fc00::1 fd00:ec2::254
fe80::1 fe80::1%eth0 2606:4700:4700::1111%eth0 fec0::1 ff02::1 ff0e::1
"""


@pytest.mark.parametrize("text", PUBLIC.split())
def test_anybody_on_the_internet_may_have_it(text):
    assert is_public(ip_address(text))


@pytest.mark.parametrize("text", NOT_PUBLIC.split())
def test_it_leads_inwards_or_nowhere(text):
    assert not is_public(ip_address(text))


@given(st.ip_addresses())
def test_what_the_standard_library_takes_for_private_is_never_public(address):
    """Its list may be shorter than ours, never longer, but for NAT64, which it knows only as a whole."""
    if address.is_private or address.is_loopback or address.is_link_local or address.is_multicast:
        assert not is_public(address) or str(address).startswith("64:ff9b::")


def test_private_networks_are_open_only_where_the_settings_name_them():
    inner, outer = ip_address("10.20.1.5"), ip_address("8.8.8.8")
    networks = parse_networks(["10.20.0.0/16", "fd00::/8"])
    assert may_be_sent_to(inner, secure=False, networks=networks)
    assert not may_be_sent_to(inner, secure=True, networks=())
    assert may_be_sent_to(outer, secure=True, networks=networks)
    assert not may_be_sent_to(outer, secure=False, networks=networks)  # in the clear only to networks of our own
    assert is_within(ip_address("fd00::7"), networks)
    assert not is_within(ip_address("10.21.0.1"), networks)
