"""Where webhooks go, read strictly: what two programs might read in two ways is refused.

A host that spells an address is taken for that address, however it is spelt (`0x7f000001`, `2130706433`, `0177.1`,
`１２７.0.0.1`), as the WHATWG's URL standard reads it. A name is judged only when it is resolved, for each connection
anew (`integrations/webhook/connection.py`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from journal.domain.webhooks.addresses import Address, Network, may_be_sent_to

LONGEST = 500
LONGEST_HOST = 253
PORTS = {"https": 443, "http": 80}
_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<path>/[^?#]*)?(?P<query>\?[^#]*)?")
_AUTHORITY = re.compile(r"(?P<host>\[[^\]]*\]|[^:\[\]]*)(?::(?P<port>[0-9]{1,5}))?")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")
_PLAIN = re.compile(r"[!-~]*")
_INNER = ("localhost", "local", "internal", "intranet", "lan", "home.arpa", "onion")


class UnusableUrl(ValueError):
    """Nothing may be sent to this; the message says why to who typed it."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect and what to ask for. `address` is set where the host is one, rather than a name."""

    scheme: str
    host: str
    port: int
    path: str
    address: Address | None = None

    @property
    def is_secure(self) -> bool:
        return self.scheme == "https"

    @property
    def netloc(self) -> str:
        """Host and port as they stand in an URL and in `Host`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc}{self.path}"


def parse_url(text: str, *, networks: Sequence[Network] = ()) -> Target:
    """Where this leads; UnusableUrl where it leads nowhere that webhooks may go.

    `networks`: private ones that the desk may send to, in the clear too.
    """
    if len(text) > LONGEST:
        raise UnusableUrl(f"An address may have {LONGEST} characters at most.")
    parts = _URL.fullmatch(text)
    if parts is None or re.search(r"[\s\x00-\x1f\x7f\\]", text):
        raise UnusableUrl("Write the whole address without spaces, such as https://shop.example/webhooks.")
    scheme = parts["scheme"].lower()
    if scheme not in PORTS or (scheme == "http" and not networks):
        raise UnusableUrl("The address has to begin with https://, so that nobody reads along.")
    if "@" in parts["authority"]:
        raise UnusableUrl("Leave out the user name and password: messages are signed instead.")
    host, port = _host_and_port(parts["authority"], scheme)
    path = (parts["path"] or "/") + (parts["query"] or "")
    if not _PLAIN.fullmatch(path):
        raise UnusableUrl("Write other letters in the path as %-codes.")
    address = _address_in(host)
    target = Target(scheme, str(address) if address else _name_in(host), port, path, address)
    _refuse_inner(target, networks)
    return target


def _host_and_port(authority: str, scheme: str) -> tuple[str, int]:
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None or not parts["host"]:
        raise UnusableUrl("The address names no server, or none that can be read.")
    port = int(parts["port"]) if parts["port"] else PORTS[scheme]
    if not 0 < port < 65_536:
        raise UnusableUrl("A port is a number from 1 to 65535.")
    return parts["host"], port


def _address_in(host: str) -> Address | None:
    """The address that a host spells; None for a name."""
    if host.startswith("["):
        try:
            return IPv6Address(host[1:-1])
        except AddressValueError:
            raise UnusableUrl("Between the brackets stands no IPv6 address.") from None
    labels = _in_letters(host).removesuffix(".").split(".")
    if not _NUMBER.fullmatch(labels[-1]):
        return None
    return _ipv4(labels)


def _ipv4(labels: list[str]) -> IPv4Address:
    """One to four numbers, in octal after 0 and in hex after 0x; the last fills the bytes that are left."""
    wrong = UnusableUrl("The server's name ends in a number, and yet it is no address.")
    if len(labels) > 4 or not all(_NUMBER.fullmatch(label) for label in labels):
        raise wrong
    try:
        *first, last = (_number(label) for label in labels)
    except ValueError:
        raise wrong from None
    if any(number > 255 for number in first) or last >= 256 ** (5 - len(labels)):
        raise wrong
    whole = sum(number * 256 ** (3 - place) for place, number in enumerate(first))
    return IPv4Address(whole + last)


def _number(label: str) -> int:
    if label[:2] in ("0x", "0X"):
        return int(label[2:] or "0", 16)
    return int(label, 8) if len(label) > 1 and label[0] == "0" else int(label)


def _name_in(host: str) -> str:
    name = _in_letters(host).removesuffix(".")
    if not name or len(name) > LONGEST_HOST or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise UnusableUrl("The address names no server, or none that can be read.")
    return name


def _in_letters(host: str) -> str:
    """The host in ASCII and in small letters: other scripts as punycode, other digits and full stops as plain ones."""
    if "%" in host:
        raise UnusableUrl("Write the server's name without %-codes.")
    try:
        return host.lower() if host.isascii() else host.encode("idna").decode().lower()
    except UnicodeError:
        raise UnusableUrl("The address names no server, or none that can be read.") from None


def _refuse_inner(target: Target, networks: Sequence[Network]) -> None:
    """What can be seen to lead inwards without asking anybody. Where networks are given, a name may lead to them."""
    if target.address is not None:
        if not may_be_sent_to(target.address, secure=target.is_secure, networks=networks):
            raise UnusableUrl(
                f"{target.address} isn't an address on the public internet, so the desk doesn't send to it."
            )
    elif not networks and ("." not in target.host or target.host.endswith(tuple(f".{name}" for name in _INNER))):
        raise UnusableUrl(
            f"“{target.host}” is a name inside a network. The desk sends only to servers on the public internet."
        )
