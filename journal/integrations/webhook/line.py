"""One try: a message posted to its endpoint, and what the receiver made of it.

Redirects aren't followed, cookies aren't kept, proxies named by the environment aren't asked, and of an answer no more
than its beginning is read.
"""

import ssl
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from time import monotonic

import httpcore

from journal.domain.webhooks.addresses import Network
from journal.domain.webhooks.outcomes import Outcome, Try, answered
from journal.domain.webhooks.url import Target, UnusableUrl, parse_url
from journal.integrations.webhook.connection import (
    Deadline,
    Forbidden,
    GuardedBackend,
    NoSuchName,
    OutOfTime,
    Resolve,
    resolve,
)

LIMIT = 15.0  # seconds for a try as a whole
BEGINNING = 2_000  # bytes of an answer that are read and kept
AGENT = "Entitlement-Desk-Webhooks/1.0"
_BROKEN = (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError)


@cache
def trusted() -> ssl.SSLContext:
    """The certificates this machine trusts; names are checked."""
    return ssl.create_default_context()


class Line:
    """A line to one address, kept open from message to message. It serves one thread, and ends with `close`."""

    def __init__(
        self,
        url: str,
        *,
        networks: Sequence[Network] = (),
        limit: float = LIMIT,
        resolver: Resolve = resolve,
        trust: Callable[[], ssl.SSLContext] = trusted,
    ) -> None:
        self._url, self._networks, self._resolver, self._trust = url, networks, resolver, trust
        self._deadline = Deadline(limit)
        self._pool: httpcore.ConnectionPool | None = None

    def post(self, body: bytes, *, headers: Mapping[str, str], at: datetime) -> Try:
        """Sent, or not: whatever goes wrong is an answer too."""
        self._deadline.restart()
        begun = monotonic()

        def failed(outcome: Outcome, error: str) -> Try:
            return Try(outcome, _took(begun), error=error)

        try:
            target = parse_url(self._url, networks=self._networks)
            status, told, beginning = self._posted(target, body, headers)
        except (UnusableUrl, Forbidden) as error:
            return failed(Outcome.FORBIDDEN, str(error))
        except OutOfTime:
            return failed(Outcome.TIMED_OUT, f"Nothing answered within {self._deadline.seconds:g} seconds.")
        except NoSuchName as error:
            return failed(Outcome.UNREACHABLE, str(error))
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
            return failed(Outcome.UNREACHABLE, str(error) or "The line broke before it answered.")
        return answered(status, headers=told, response=_text(beginning), took_ms=_took(begun), at=at)

    def close(self) -> None:
        if self._pool is not None:
            self._pool.close()
            self._pool = None

    def _posted(self, target: Target, body: bytes, headers: Mapping[str, str]) -> tuple[int, dict[str, str], bytes]:
        """A line that was kept open may have been closed at the other end meanwhile: then once more, on a new one."""
        kept_open = self._pool is not None
        try:
            return self._asked(target, body, headers)
        except _BROKEN:
            self.close()
            if not kept_open:
                raise
            return self._asked(target, body, headers)
        except BaseException:
            self.close()
            raise

    def _asked(self, target: Target, body: bytes, headers: Mapping[str, str]) -> tuple[int, dict[str, str], bytes]:
        if self._pool is None:
            self._pool = self._new_pool(target)
        whole = {
            "Host": target.netloc,
            "User-Agent": AGENT,
            "Content-Type": "application/json",
            "Accept": "*/*",
            "Content-Length": str(len(body)),
            **headers,
        }
        url = httpcore.URL(
            scheme=target.scheme.encode(), host=target.host.encode(), port=target.port, target=target.path.encode()
        )
        with self._pool.stream("POST", url, headers=list(whole.items()), content=body) as response:
            told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            return response.status, told, _beginning(response)

    def _new_pool(self, target: Target) -> httpcore.ConnectionPool:
        backend = GuardedBackend(
            self._deadline, secure=target.is_secure, networks=self._networks, resolver=self._resolver
        )
        return httpcore.ConnectionPool(
            ssl_context=self._trust() if target.is_secure else None,
            max_connections=1,
            http1=True,
            http2=False,
            network_backend=backend,
        )


def _beginning(response: httpcore.Response) -> bytes:
    """As much as is kept. Leaving the rest unread closes the line."""
    found = b""
    for part in response.iter_stream():
        found += part[:BEGINNING]
        if len(found) >= BEGINNING:
            break
    return found[:BEGINNING]


def _text(beginning: bytes) -> str:
    return beginning.decode("utf-8", "replace").replace("\x00", "�")


def _took(begun: float) -> int:
    return int((monotonic() - begun) * 1000)
