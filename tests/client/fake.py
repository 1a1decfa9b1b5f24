"""A desk of a few lines behind a real socket: sets with ETags, and everything a network can do to a client."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

KEY = "ed_test"


def instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def feature(key: str, **more: Any) -> dict[str, Any]:
    """One entitlement as the desk tells it; a gate that is on, unless told otherwise."""
    return {
        "feature": key, "name": key, "kind": "gate", "granted": True, "value": True, "unlimited": False, "unit": "",
        "value_text": "on", "state": "value", "reset": None, "enforcement": None, "overage_percent": None,
        "each_seat_of": None, "sub_limits": {}, "valid_until": None, "thresholds": [], "buffer_percent": 0,
        "fallback": {"on_unreachable": "last_known", "max_age_seconds": 3600}, "use": None, **more,
    }  # fmt: skip


def calls(limit: int = 10, used: int = 0, **more: Any) -> dict[str, Any]:
    use = {"used": used, "held": 0, "left": max(limit - used, 0), "resets_at": None}
    told = {"kind": "metered", "value": limit, "enforcement": "hard", "value_text": f"{limit} calls", "use": use}
    return feature("calls", **(told | more))


def off(key: str, **more: Any) -> dict[str, Any]:
    return feature(
        key, **({"granted": False, "value": None, "value_text": "not included", "state": "not_included"} | more)
    )


def relies_on(on_unreachable: str, max_age_seconds: int | None = None) -> dict[str, Any]:
    return {"fallback": {"on_unreachable": on_unreachable, "max_age_seconds": max_age_seconds}}


class FakeDesk:
    """`sets`: the features of each account; `later`: the same from an instant on. `trouble` is a status to answer with,
    or "hang", "garbage", "drop"; `asked` is every request as it came; `counted` what each id counted."""

    def __init__(self) -> None:
        self.sets: dict[str, list[dict[str, Any]]] = {"acme": [feature("exports"), calls()]}
        self.later: dict[str, list[tuple[float, list[dict[str, Any]]]]] = {}
        self.trouble: int | str = 0
        self.retry_after = ""
        self.asked: list[tuple[str, str, Any]] = []
        self.counted: dict[str, dict[str, Any]] = {}
        self.clock = time.time
        self.slow = 0.0
        self.lose_answers = False
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None
        self._port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def up(self) -> None:
        desk = self

        class Handler(_Handler):
            fake = desk

        self._server = _Server(("127.0.0.1", self._port), Handler)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def down(self) -> None:
        """Connections are refused from now on."""
        if self._server is not None:
            self._server.shutdown()
            self._server.cut()
            self._server.server_close()
            self._server = None

    def reads(self, account: str = "acme") -> list[Any]:
        return [path for method, path, _ in self.asked if method == "GET" and f"/{account}/" in path]

    def set_of(self, account: str, at: float | None) -> list[dict[str, Any]] | None:
        found = self.sets.get(account)
        for begins, features in self.later.get(account, []):
            if begins <= (self.clock() if at is None else at):
                found = features
        return found

    def count(self, path: str, event: dict[str, Any]) -> tuple[int, Any]:
        with self._lock:
            row = next((one for one in self.sets.get(event["account"], []) if one["feature"] == event["feature"]), None)
            if row is None:
                return 404, {
                    "code": "unknown_account",
                    "detail": "No account has the key.",
                    "errors": [{"field": "account"}],
                }
            use, told = row["use"], {"act": path.rpartition("/")[2], **event}
            before = self.counted.get(event["id"])
            if before is not None and before["act"] != told["act"]:
                return 422, {"code": "event_reused", "detail": "The id named something else."}
            allowed = path.endswith("report") or before is not None or use["used"] + event["quantity"] <= row["value"]
            if allowed and before is None:
                self.counted[event["id"]] = told
                use["used"] += event["quantity"] if path != "/api/v1/reservations" else 0
                use["held"] += event["quantity"] if path == "/api/v1/reservations" else 0
                use["left"] = max(row["value"] - use["used"] - use["held"], 0)
            return 200, self._said(event, row, use, allowed, held=path == "/api/v1/reservations")

    def _said(self, event: dict[str, Any], row: Any, use: Any, allowed: bool, *, held: bool) -> dict[str, Any]:
        offer = {
            "plan": "team",
            "name": "Team",
            "kind": "plan",
            "prices": ["$25 a month"],
            "buy_url": "https://shop.example",
        }
        return {
            "id": event["id"], "source": "k", "account": event["account"], "feature": event["feature"],
            "allowed": allowed, "because": "within the limit" if allowed else "nothing is left of it",
            "why": None if allowed else "limit_reached", "quantity": event["quantity"] if allowed else 0, **use,
            "limit": row["value"], "unlimited": False, "over": 0, "replayed": False,
            "reservation": f"res_{event['id']}" if allowed and held else None, "held_until": None,
            "offers": [] if allowed else [offer], "at": instant(self.clock()),
        }  # fmt: skip


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *arguments: Any) -> None:
        self.open: set[Any] = set()
        super().__init__(*arguments)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.open.add(request)
        super().process_request(request, client_address)

    def cut(self) -> None:
        for one in list(self.open):
            try:
                one.shutdown(2)
            except OSError:
                continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class _Handler(BaseHTTPRequestHandler):
    fake: FakeDesk
    protocol_version = "HTTP/1.1"

    def log_message(self, *words: Any) -> None: ...

    def do_GET(self) -> None:
        self.fake.asked.append(("GET", self.path, None))
        address = urlsplit(self.path)
        account, asked_at = unquote(address.path.split("/")[4]), parse_qs(address.query).get("at")
        if not self._trouble():
            moment = None if asked_at is None else datetime.fromisoformat(asked_at[0]).timestamp()
            self._whole_set(account, moment)

    def _whole_set(self, account: str, at: float | None) -> None:
        features = self.fake.set_of(account, at)
        if features is None:
            self._say(404, {"code": "not_found", "detail": f"No account has the key {account!r}."})
            return
        etag = f'"{hash(json.dumps(features)) & 0xFFFFFFFF:x}"'
        if self.headers.get("If-None-Match") == etag:
            self._say(304, None, ETag=etag)
            return
        now = self.fake.clock() if at is None else at
        features = features if at is None else [{**one, "use": None} for one in features]
        self._say(200, {"account": account, "at": instant(now), "known_at": None, "entitlements": features}, ETag=etag)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"null")
        self.fake.asked.append(("POST", self.path, body))
        if self._trouble():
            return
        if self.path.endswith(("/commit", "/release")):
            key = self.path.split("/")[4]
            self.fake.counted[f"{key}:{self.path.rpartition('/')[2]}"] = body or {}
            self._say(200, {"reservation": key})
        elif self.path == "/api/v1/check":
            self._check(body)
        elif "events" in body:
            self._say(200, {"results": [self._item(event) for event in body["events"]]})
        else:
            status, told = self.fake.count(self.path, body)
            self._say(status, told)

    def _item(self, event: dict[str, Any]) -> dict[str, Any]:
        status, told = self.fake.count(self.path, event)
        return {"id": event["id"], "status": status, "answer" if status == 200 else "problem": told}

    def _check(self, body: dict[str, Any]) -> None:
        allowed = body.get("choice") != "better"
        self._say(200, {
            "account": body["account"], "feature": body["feature"], "allowed": allowed, "because": "the desk says so",
            "why": None if allowed else "limit_reached", "value": "good", "unlimited": False, "at": instant(time.time()),
            "as_of": instant(time.time()), "source": "live", "offers": [], "valid_until": None,
        })  # fmt: skip

    def _trouble(self) -> bool:
        fake = self.fake
        time.sleep(fake.slow)
        match fake.trouble:
            case 0 if self.headers.get("Authorization") != f"Bearer {KEY}":
                self._say(
                    401, {"code": "not_authenticated", "detail": "Send a key that is neither expired nor revoked."}
                )
            case 0:
                return False
            case "hang":
                time.sleep(1.0)
            case "garbage":
                self._say(200, b"<html>\xff")
            case "drop":
                self.close_connection = True
                self.connection.shutdown(2)
            case int() as status:
                self._say(status, {"code": "rate_limited" if status == 429 else "broken", "detail": "Trouble."})
        return True

    def _say(self, status: int, body: Any, **headers: str) -> None:
        if self.fake.lose_answers and self.command == "POST":
            self.close_connection = True
            self.connection.shutdown(2)
            return
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if self.fake.retry_after:
            self.send_header("Retry-After", self.fake.retry_after)
        self.send_header("Content-Type", "application/json")
        if status != 304:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def fake_desk() -> Iterator[FakeDesk]:
    desk = FakeDesk()
    desk.up()
    try:
        yield desk
    finally:
        desk.down()


def until(condition: Any, seconds: float = 5.0) -> bool:
    """Whether it came true."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if condition():
            return True
        time.sleep(0.005)
    return bool(condition())
