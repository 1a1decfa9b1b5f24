"""Language models that are none: servers on this machine that speak enough of the two providers’ protocols.

The providers’ own packages talk to them. Each is well-behaved, or misbehaves in the one way it is told to.
"""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Said = Sequence[Sequence[dict[str, Any]]]  # the candidates of each request


class Manner(Enum):
    NORMAL = "answers in the form it was asked for"
    SLOW = "answers after the deadline"
    HANGS_MID_BODY = "sends half of its answer, and then nothing"
    DRIPS = "sends a byte now and then, for ever"
    NONSENSE = "answers in verse"
    HTML = "answers 200 with a page for people"
    TOO_FEW = "tells of no request"
    UNFINISHED = "thinks until its room is used up"
    HUGE = "answers more than anybody reads"
    THROTTLES = 429
    BREAKS = 500
    REDIRECTS = 307
    REPEATS_THE_KEY = 401


@dataclass
class Asked:
    """One request, as it came."""

    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Pretended:
    """A server, where it stands, and what it was asked."""

    url: str = ""
    manner: Manner = Manner.NORMAL
    said: Said = ()
    calls_itself: str = "pretended-1"
    asked: list[Asked] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


def meant(feature: str, confidence: float = 0.97, quote: str = "") -> dict[str, Any]:
    return {"feature": feature, "confidence": confidence, "quote": quote}


@contextmanager
def pretended_model(manner: Manner = Manner.NORMAL, *, said: Said = ()) -> Iterator[Pretended]:
    """Both protocols at one address: `/v1/messages`, and `/v1/chat/completions`."""
    told = Pretended(manner=manner, said=said)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(told))
    server.daemon_threads = True
    told.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield told
    finally:
        told.over.set()
        server.shutdown()
        server.server_close()
        thread.join(10)


def _handler(told: Pretended) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *words: Any) -> None:
            """Quietly."""

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            told.asked.append(Asked(self.path, {name.lower(): one for name, one in self.headers.items()}, body))
            _answer(self, told, messages="messages" in self.path and "completions" not in self.path)

    return Handler


def _answer(line: BaseHTTPRequestHandler, told: Pretended, *, messages: bool) -> None:
    manner = told.manner
    form = {"requests": [{"candidates": list(one)} for one in told.said]}
    if manner is Manner.SLOW:
        told.over.wait(5)
    if isinstance(manner.value, int):
        key = line.headers.get("x-api-key") or line.headers.get("authorization")
        _send(line, json.dumps({"error": {"message": f"No: {key}", "type": "no"}}).encode(), status=manner.value)
        return
    if manner is Manner.HTML:
        _send(line, b"<html>Sign in</html>", kind="text/html")
        return
    verse = "Roses are red" if manner is Manner.NONSENSE else ""
    whole = (_message if messages else _completion)({} if manner is Manner.TOO_FEW else form, verse)
    whole["model"] = told.calls_itself
    if manner is Manner.UNFINISHED:
        whole |= _unfinished(messages=messages)
    if manner is Manner.HUGE:
        whole["padding"] = "x" * 1_000_000
    _send(line, json.dumps(whole).encode(), manner=manner, over=told.over)


def _send(
    line: BaseHTTPRequestHandler, body: bytes, *, status: int = 200, kind: str = "application/json",
    manner: Manner = Manner.NORMAL, over: threading.Event | None = None,
) -> None:  # fmt: skip
    line.send_response(status)
    line.send_header("Content-Type", kind)
    line.send_header("Content-Length", str(len(body)))
    if status == 307:
        line.send_header("Location", "http://127.0.0.1:1/elsewhere")
    line.end_headers()
    try:
        if manner is Manner.HANGS_MID_BODY and over is not None:
            line.wfile.write(body[: len(body) // 2])
            line.wfile.flush()
            over.wait(5)
        elif manner is Manner.DRIPS and over is not None:
            for place in range(len(body)):
                line.wfile.write(body[place : place + 1])
                line.wfile.flush()
                if over.wait(0.05):
                    return
        else:
            line.wfile.write(body)
    except OSError:  # whoever asked has gone
        return


def _message(form: Any, verse: str) -> dict[str, Any]:
    used = {"type": "tool_use", "id": "toolu_1", "name": "name_features", "input": form}
    content = [{"type": "text", "text": verse}] if verse else [used]
    usage = {"input_tokens": 1, "output_tokens": 1}
    return {
        "id": "msg_1", "type": "message", "role": "assistant", "content": content, "stop_reason": "tool_use", "stop_sequence": None, "usage": usage,
    }  # fmt: skip


def _completion(form: Any, verse: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": verse or json.dumps(form)}
    return {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1,
        "choices": [{"index": 0, "finish_reason": "stop", "message": message, "logprobs": None}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }  # fmt: skip


def _unfinished(*, messages: bool) -> dict[str, Any]:
    if messages:
        return {"content": [], "stop_reason": "max_tokens"}
    message = {"role": "assistant", "content": ""}
    return {"choices": [{"index": 0, "finish_reason": "length", "message": message, "logprobs": None}]}
