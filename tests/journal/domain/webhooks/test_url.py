"""Which addresses are taken, and by their meaning: however an inner address is spelt, it is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.domain.webhooks.addresses import is_public, parse_networks
from journal.domain.webhooks.url import LONGEST, UnusableUrl, parse_url

INNER = """
https://127.0.0.1/ https://127.1/ https://127.0.1/ https://0/ https://0.0.0.0/ https://2130706433/ https://0x7f000001/
https://0x7f.1/ https://0x7F.0x0.0x0.0x1/ https://0177.0.0.1/ https://0177.1/ https://017700000001/ https://127.0.0.1./
https://0x/ https://10.0.0.1/ https://0xa000001/ https://012.0.0.1/ https://167772161/ https://10.1/
https://172.16.0.1/ https://192.168.1.1/ https://3232235777/ https://0300.0250.1.1/ https://169.254.169.254/
https://2852039166/ https://0xa9fea9fe/ https://0251.0376.0251.0376/ https://169.254.43518/ https://100.64.0.1/
https://198.18.0.1/ https://224.0.0.1/ https://255.255.255.255/ https://[::1]/ https://[0:0:0:0:0:0:0:1]/
https://[::]/ https://[::ffff:127.0.0.1]/ https://[::ffff:7f00:1]/ https://[::127.0.0.1]/ https://[fe80::1]/
https://[fc00::1]/ https://[fd00:ec2::254]/ https://[64:ff9b::7f00:1]/ https://[64:ff9b::169.254.169.254]/
https://[64:ff9b:1::a00:1]/ https://[2002:7f00:1::]/ https://[2001:0:a00:1::]/ https://[ff02::1]/ https://[2001:db8::1]/
https://localhost/ https://LOCALHOST/ https://localhost./ https://localhost:8443/ https://api.localhost/
https://db.internal/ https://metadata.google.internal/ https://printer.local/ https://router.lan/ https://intranet/
https://redis/ https://nas.home.arpa/ https://１２７.０.０.１/ https://127。0。0。1/ https://①②⑦.0.0.1/
https://ⓛocalhost/ https://ｌｏｃａｌｈｏｓｔ/
"""
UNREADABLE = [
    "",
    "shop.example/hook",
    "//shop.example/hook",
    "http://shop.example/hook",
    "ftp://shop.example/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "javascript:alert(1)",
    "https://",
    "https:///hook",
    "https://user@shop.example/",
    "https://user:password@shop.example/",
    "https://shop.example@127.0.0.1/",
    "https://127.0.0.1\\@shop.example/",
    "https://shop.example\\.evil.example/",
    "https://shop.example#@127.0.0.1/",
    "https://shop.example/#part",
    "https://shop.example:0/",
    "https://shop.example:65536/",
    "https://shop.example:99999999999/",
    "https://shop.example:-1/",
    "https://shop.example:http/",
    "https://shop.example:/",
    "https://shop.example:80:80/",
    "https://shop example/",
    " https://shop.example/",
    "https://shop.example/a b",
    "https://shop.example/\r\nX-Evil: 1",
    "https://shop.example\t/",
    "https://shop.example/\x00",
    "https://shop..example/",
    "https://.shop.example/",
    "https://-shop.example/",
    "https://sh%6fp.example/",
    "https://127.0.0.1%00.example/",
    "https://shop.example/bücher",
    "https://[::1/",
    "https://[::1]x/",
    "https://[fe80::1%25eth0]/",
    "https://[127.0.0.1]/",
    "https://::1/",
    "https://256.1.1.1/",
    "https://1.2.3.4.5/",
    "https://1.2.3.0x/x".replace("0x/x", "09/"),
    "https://4294967296/",
    "https://shop.1/",
    "https://1.1.1.shop.0x1/",
    "https://" + "a" * 64 + ".example/",
    "https://" + "a." * 130 + "example/",
    "https://shop.example/" + "a" * LONGEST,
]
OUTER = {
    "https://shop.example": "https://shop.example/",
    "https://shop.example/hook?to=1&from=2": "https://shop.example/hook?to=1&from=2",
    "https://shop.example?to=1": "https://shop.example/?to=1",
    "HTTPS://Shop.Example:443/Hook": "https://shop.example/Hook",
    "https://shop.example.:8443/": "https://shop.example:8443/",
    "https://bücher.example/": "https://xn--bcher-kva.example/",
    "https://xn--bcher-kva.example/": "https://xn--bcher-kva.example/",
    "https://134744072/": "https://8.8.8.8/",
    "https://8.8.8.8:8443/": "https://8.8.8.8:8443/",
    "https://[2606:4700:4700::1111]:8443/a": "https://[2606:4700:4700::1111]:8443/a",
    "https://127.0.0.1.nip.example/": "https://127.0.0.1.nip.example/",  # a name; judged when it is resolved
    "https://hooks_1.shop.example/": "https://hooks_1.shop.example/",
    "https://shop.example:1/": "https://shop.example:1/",
}


@pytest.mark.parametrize("url", INNER.split())
def test_what_leads_inwards_is_refused_however_it_is_spelt(url):
    with pytest.raises(UnusableUrl, match=r"public internet|no address"):
        parse_url(url)


@pytest.mark.parametrize("url", UNREADABLE)
def test_what_can_be_read_in_two_ways_is_refused(url):
    with pytest.raises(UnusableUrl):
        parse_url(url)


@pytest.mark.parametrize(("url", "read"), OUTER.items())
def test_what_leads_to_the_internet_is_taken_in_its_one_spelling(url, read):
    assert str(parse_url(url)) == read
    assert str(parse_url(read)) == read


def test_named_networks_are_open_in_the_clear_too_and_nothing_else_is():
    networks = parse_networks(["127.0.0.1/32"])
    assert str(parse_url("http://127.1:8000/hook", networks=networks)) == "http://127.0.0.1:8000/hook"
    assert parse_url("http://redis/", networks=networks).host == "redis"  # judged when it is resolved
    for url in ("http://127.0.0.2/", "https://10.0.0.1/", "http://8.8.8.8/"):
        with pytest.raises(UnusableUrl, match="public internet"):
            parse_url(url, networks=networks)


@given(st.integers(0, 2**32 - 1), st.sampled_from(["{}", "{:#x}", "0{:o}"]))
def test_one_number_is_the_address_it_means(number, spelling):
    text = f"https://{spelling.format(number)}/"
    try:
        address = parse_url(text).address
    except UnusableUrl:
        return
    assert int(address) == number
    assert is_public(address)


@given(st.text(max_size=60))
def test_any_text_is_taken_or_refused(text):
    for url in (text, f"https://{text}", f"https://shop.example/{text}"):
        try:
            target = parse_url(url)
        except UnusableUrl:
            continue
        assert str(parse_url(str(target))) == str(target)
