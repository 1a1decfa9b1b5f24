"""A connection that looks at where it leads: the name is resolved once, every address it has must be one that webhooks
may be sent to, and the connection goes to an address that was looked at. So a name that answers otherwise the second
time (DNS rebinding) changes nothing. TLS still asks for a certificate of the name.

All of it, from resolving to the last byte read, ends at one deadline: a server that drips bytes gains nothing.
"""

import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Sequence
from time import monotonic
from typing import Any

import httpcore

from journal.domain.webhooks.addresses import Address, Network, may_be_sent_to, parse_address

Resolve = Callable[[str, int], list[str]]


class Forbidden(Exception):
    """The name has an address that webhooks may not be sent to."""


class OutOfTime(Exception):
    """The deadline passed."""


class NoSuchName(Exception):
    """The server's name has no address."""


class Deadline:
    """Seconds left of a try; `restart` begins the next one."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.restart()

    def restart(self) -> None:
        self._ends = monotonic() + self.seconds

    def left(self) -> float:
        left = self._ends - monotonic()
        if left <= 0:
            raise OutOfTime
        return left


def resolve(host: str, port: int) -> list[str]:
    """Every address of a name, as the system knows it."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class GuardedBackend(httpcore.NetworkBackend):
    """Opens connections for httpcore. One of these serves one thread."""

    def __init__(self, deadline: Deadline, *, secure: bool, networks: Sequence[Network], resolver: Resolve) -> None:
        self._deadline, self._secure, self._networks, self._resolver = deadline, secure, networks, resolver

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failed: OSError = OSError("The name has no address.")
        for address in self._looked_at(host, port):
            try:
                return TimedStream(self._connected(address, port), self._deadline)
            except TimeoutError:
                raise OutOfTime from None
            except OSError as error:
                failed = error
        raise httpcore.ConnectError(str(failed)) from failed

    def connect_unix_socket(self, *told: Any, **named: Any) -> httpcore.NetworkStream:
        raise Forbidden("Webhooks go over the network.")

    def _looked_at(self, host: str, port: int) -> list[Address]:
        addresses = [parse_address(text) for text in self._resolved(host, port)]
        for address in addresses:
            if not may_be_sent_to(address, secure=self._secure, networks=self._networks):
                raise Forbidden(f"{host} leads to {address}, which webhooks may not be sent to.")
        return addresses

    def _resolved(self, host: str, port: int) -> list[str]:
        """The system's resolver knows no deadline, so it is asked beside us and left behind where it takes too long."""
        found: list[list[str] | Exception] = []

        def ask() -> None:
            try:
                found.append(self._resolver(host, port))
            except (OSError, UnicodeError) as error:
                found.append(error)

        asking = threading.Thread(target=ask, name="desk-webhook-name", daemon=True)
        asking.start()
        asking.join(self._deadline.left())
        if not found:
            raise OutOfTime
        if isinstance(found[0], Exception):
            raise NoSuchName(f"The name {host} has no address.") from found[0]
        return found[0]

    def _connected(self, address: Address, port: int) -> socket.socket:
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6
        line = socket.socket(family, socket.SOCK_STREAM)
        try:
            line.settimeout(self._deadline.left())
            line.connect((str(address), port))
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except BaseException:
            line.close()
            raise
        return line


class TimedStream(httpcore.NetworkStream):
    """A line on which every wait ends at the deadline, whatever httpcore's own timeouts say."""

    def __init__(self, line: socket.socket, deadline: Deadline) -> None:
        self._line, self._deadline = line, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            self._line.settimeout(self._deadline.left())
            return self._line.recv(max_bytes)
        except TimeoutError:
            raise OutOfTime from None
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        rest = memoryview(buffer)
        try:
            while rest:
                self._line.settimeout(self._deadline.left())
                rest = rest[self._line.send(rest) :]
        except TimeoutError:
            raise OutOfTime from None
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        self._line.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            self._line.settimeout(self._deadline.left())
            secured = ssl_context.wrap_socket(self._line, server_hostname=server_hostname)
        except TimeoutError:
            self.close()
            raise OutOfTime from None
        except OSError as error:  # ssl.SSLError is one
            self.close()
            raise httpcore.ConnectError(_why(error)) from error
        return TimedStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Of everything httpcore may ask, only whether an idle line was closed at the other end."""
        if info == "is_readable":
            return _has_something(self._line)
        return None


def _has_something(line: socket.socket) -> bool:
    if line.fileno() < 0:
        return True
    asked = select.poll()
    asked.register(line.fileno(), select.POLLIN)
    return bool(asked.poll(0))


def _why(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"Its certificate can't be trusted: {error.verify_message}."
    return f"No secure line: {error.reason if isinstance(error, ssl.SSLError) else error}."
