"""How the desk is asked: one request, one deadline, and every failure by its name."""

import json
import threading
import time
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx

from entitlement_client.errors import KeyRefused, RequestRefused, ScopeMissing, TooManyRequests, Unreachable
from entitlement_client.instants import write_instant

MOST_BYTES = 20_000_000
STALE = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)  # a kept connection that the desk has closed


class Told(NamedTuple):
    status: int
    etag: str
    body: Any


class Transport:
    """Every request may be sent twice: the desk counts each id once."""

    def __init__(self, url: str, api_key: str, *, timeout: float) -> None:
        self.url, self.timeout = url.rstrip("/"), timeout
        self._headers = {"Authorization": f"Bearer {api_key}", "User-Agent": "entitlement-client/0.5"}
        self._lock = threading.Lock()
        self._http: httpx.Client | None = None

    def whole_set(self, account: str, *, etag: str = "", at: float | None = None) -> Told:
        """RequestRefused with status 404 where the desk knows no such account."""
        path = f"/api/v1/accounts/{quote(account, safe=':')}/entitlements"
        more = {"If-None-Match": etag} if etag else {}
        return self._ask("GET", path, headers=more, params={} if at is None else {"at": write_instant(at) or ""})

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        content = json.dumps(body).encode() if body is not None else b""
        return self._ask("POST", path, headers={"Content-Type": "application/json"}, content=content).body

    def close(self) -> None:
        with self._lock:
            if self._http is not None:
                self._http.close()
            self._http = None

    def forked(self) -> None:
        """In a forked child: the connections are the parent's."""
        self._lock = threading.Lock()
        self._http = None

    def _client(self) -> httpx.Client:
        with self._lock:
            if self._http is None:
                limits = httpx.Limits(max_connections=64, max_keepalive_connections=16, keepalive_expiry=30)
                self._http = httpx.Client(
                    base_url=self.url, headers=self._headers, timeout=self.timeout, limits=limits,
                    follow_redirects=False,
                )  # fmt: skip
            return self._http

    def _ask(self, method: str, path: str, **sent: Any) -> Told:
        began = time.monotonic()
        try:
            try:
                told = self._sent(method, path, began=began, **sent)
            except STALE:
                if time.monotonic() - began > self.timeout / 2:
                    raise
                told = self._sent(method, path, began=began, **sent)
        except httpx.TimeoutException:
            raise Unreachable(f"The desk at {self.url} gave no answer in {self.timeout:g} s.", dead=True) from None
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError) as fault:
            said = str(fault).rstrip(".") or type(fault).__name__
            words = f"The desk at {self.url} can't be reached: {said}."
            raise Unreachable(words, dead=True) from None
        return told

    def _sent(self, method: str, path: str, *, began: float, **sent: Any) -> Told:
        with self._client().stream(method, path, **sent) as response:
            parts, size = [], 0
            for part in response.iter_bytes():
                parts.append(part)
                size += len(part)
                if time.monotonic() - began > self.timeout:
                    raise httpx.ReadTimeout("It drips.")
                if size > MOST_BYTES:
                    raise Unreachable(f"The desk at {self.url} answered with more than {MOST_BYTES:,} bytes.")
            return self._read(response, b"".join(parts))

    def _read(self, response: httpx.Response, content: bytes) -> Told:
        status = response.status_code
        if status == httpx.codes.NOT_MODIFIED:
            return Told(status, response.headers.get("etag", ""), None)
        body = _json(content)
        if status == httpx.codes.OK and isinstance(body, dict):
            return Told(status, response.headers.get("etag", ""), body)
        raise self._problem(response, body if isinstance(body, dict) else {})

    def _problem(self, response: httpx.Response, body: Mapping[str, Any]) -> Exception:
        status, again = response.status_code, _retry_after(response)
        detail, code = str(body.get("detail", "")), str(body.get("code", ""))
        match status:
            case 401:
                return KeyRefused(f"The desk at {self.url} doesn't accept this API key (401): {detail}", dead=True)
            case 403:
                return ScopeMissing(f"The API key may not ask this of {self.url} (403): {detail}")
            case 429:
                words = f"This key asks {self.url} more often than it may (429): {detail}"
                return TooManyRequests(words, retry_after=1.0 if again is None else again)
        if 400 <= status < 500 and code:
            return RequestRefused(detail, status=status, code=code, fields=_fields(body))
        if status == httpx.codes.OK or 300 <= status < 500:
            return Unreachable(f"What answers at {self.url} is no Entitlement Desk ({status}, and no answer of one).")
        return Unreachable(f"The desk at {self.url} is in trouble ({status}): {detail}", retry_after=again)


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _fields(body: Mapping[str, Any]) -> tuple[str, ...]:
    faults = body.get("errors")
    return (
        tuple(str(one.get("field", "")) for one in faults if isinstance(one, dict)) if isinstance(faults, list) else ()
    )


def _retry_after(response: httpx.Response) -> float | None:
    told = response.headers.get("retry-after", "")
    return float(told) if told.isascii() and told.isdigit() and len(told) < 6 else None
