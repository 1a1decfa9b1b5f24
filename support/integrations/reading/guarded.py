"""The line to a language model: the providers’ own packages speak over it, and it looks at where it leads.

It is the line by which webhooks go out: every address is looked at when it is connected to, no redirect is followed, no
proxy is asked, and all of it, to the last byte read, ends at one deadline. The packages put headers into a request that
the environment of this process names, tokens and organisations among them: what isn’t needed stays here.
"""

from collections.abc import Callable, Sequence
from typing import Any

import httpcore

from journal.domain.webhooks.addresses import Network
from journal.domain.webhooks.url import UnusableUrl, parse_url
from journal.integrations.webhook.connection import (
    Deadline,
    Forbidden,
    GuardedBackend,
    NoSuchName,
    OutOfTime,
    Resolve,
    resolve,
)
from journal.integrations.webhook.line import trusted

LARGEST = 200_000  # bytes of an answer
NEEDED = frozenset({b"host", b"accept", b"content-type", b"content-length", b"user-agent", b"anthropic-version"})
BEARING = frozenset({b"authorization", b"x-api-key"})  # only with the key that was given for this address


class TooMuch(Exception):
    """The answer is larger than any answer to what was asked."""


def client_for(deadline: Deadline, *, key: str, networks: Sequence[Network], resolver: Resolve = resolve) -> Any:
    """A client of the kind that both packages take. ImportError where neither is installed, for it comes with them."""
    import httpx2

    def answered(request: httpx2.Request) -> httpx2.Response:
        body = b"".join(request.stream)  # type: ignore[arg-type]  # a synchronous client has no other
        headers = [(name, value) for name, value in request.headers.raw if _goes(name.lower(), value, key=key)]
        try:
            status, told, content = _asked(
                request.method, str(request.url), headers, body, deadline=deadline, networks=networks, resolver=resolver
            )
        except (OutOfTime, httpcore.TimeoutException) as late:
            raise httpx2.ReadTimeout("The deadline passed.", request=request) from late
        return httpx2.Response(status, headers=told, content=content, request=request)

    transport = type("Guarded", (httpx2.BaseTransport,), {"handle_request": lambda self, request: answered(request)})
    return httpx2.Client(transport=transport(), follow_redirects=False, trust_env=False)


def _goes(name: bytes, value: bytes, *, key: str) -> bool:
    return name in NEEDED or (name in BEARING and value.removeprefix(b"Bearer ") == key.encode("utf-8", "replace"))


def _asked(
    method: str, url: str, headers: list[tuple[bytes, bytes]], body: bytes, *, deadline: Deadline,
    networks: Sequence[Network], resolver: Resolve,
) -> tuple[int, list[tuple[bytes, bytes]], bytes]:  # fmt: skip
    target = parse_url(url, networks=networks)
    backend = GuardedBackend(deadline, secure=target.is_secure, networks=networks, resolver=resolver)
    address = httpcore.URL(
        scheme=target.scheme.encode(), host=target.host.encode(), port=target.port, target=target.path.encode()
    )
    whole = [*headers, (b"accept-encoding", b"identity")]
    trust = trusted() if target.is_secure else None
    with (
        httpcore.ConnectionPool(ssl_context=trust, max_connections=1, network_backend=backend) as pool,
        pool.stream(method, address, headers=whole, content=body) as answer,
    ):
        told = [(name, value) for name, value in answer.headers if name.lower() in (b"content-type", b"request-id")]
        if any(name.lower() == b"content-encoding" for name, _ in answer.headers):
            raise TooMuch("It came packed, which nobody asked for.")
        return answer.status, told, _read(answer)


def _read(answer: httpcore.Response) -> bytes:
    found = b""
    for part in answer.iter_stream():
        found += part
        if len(found) > LARGEST:
            raise TooMuch(f"It has more than {LARGEST:,} bytes.")
    return found


def why(failure: BaseException) -> str:
    """What went wrong, in words that hold nothing of what was sent: neither the key nor the ticket."""
    causes: dict[type[BaseException] | tuple[type[BaseException], ...], Callable[[Any], str]] = {
        (UnusableUrl, Forbidden): lambda found: str(found),
        NoSuchName: lambda found: str(found),
        TooMuch: lambda found: str(found),
        httpcore.NetworkError: lambda found: "The line to it broke.",
        httpcore.ProtocolError: lambda found: "It doesn’t speak HTTP.",
    }
    found: BaseException | None = failure
    while found is not None:
        for kind, words in causes.items():
            if isinstance(found, kind):
                return words(found)
        found = found.__cause__
    return f"{type(failure).__name__}."
