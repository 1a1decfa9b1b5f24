"""Several requests in one: with references from later ones to earlier, all or none; or side by side as a batch."""

import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.salesforce.errors import Refused, Wrong
from tests.fakes.salesforce.routes import Call, Reply, answered, route

MOST = 25
REFERENCE = re.compile(r"@\{([A-Za-z]\w*)((?:\.\w+|\[\d+\])+)\}")
HALTED = Wrong(
    "PROCESSING_HALTED",
    "The transaction was rolled back since another operation in the same transaction failed.",
)


class Halted(Exception):
    """Nothing of it stays."""


@route("POST", "/composite")
def composite(call: Call) -> Reply:
    form = call.form("allOrNone", "collateSubrequests", need=("compositeRequest",))
    asked, whole = _few(form["compositeRequest"]), bool(form.get("allOrNone"))
    given = [one.get("referenceId") for one in asked]
    names = [name if isinstance(name, str) else "" for name in given]
    if len(set(names)) < len(names) or "" in names:
        raise Refused(Wrong("INVALID_REFERENCE_ID" if "" not in names else "MISSING_ARGUMENT", "referenceId has to be there, and once only"))  # fmt: skip
    said: dict[str, dict[str, Any]] = {}
    try:
        with call.state.transaction():
            for one in asked:
                said[one["referenceId"]] = _part(call, one, said)
                if whole and said[one["referenceId"]]["httpStatusCode"] >= 300:
                    raise Halted
    except Halted:
        failed = names[len(said) - 1]
        said |= {name: _halted(name) for name in names if name != failed}
    return Reply(body={"compositeResponse": [said[name] for name in names]})


def _few(asked: Any) -> list[dict[str, Any]]:
    """Parts that say at least how and where."""
    parts = asked if isinstance(asked, list) else [None]
    if not all(
        isinstance(one, dict) and all(isinstance(one.get(name), str) for name in ("method", "url")) for one in parts
    ):
        raise Refused(Wrong("JSON_PARSER_ERROR", "Each part has to be an object with a method and a url"))
    if len(asked) > MOST:
        message = f"Limit exceeded: a request may have {MOST} parts at most"
        raise Refused(Wrong("LIMIT_EXCEEDED", message))
    return asked


def _halted(name: str) -> dict[str, Any]:
    return {"body": [HALTED.of_request()], "httpHeaders": {}, "httpStatusCode": 400, "referenceId": name}


def _part(call: Call, one: dict[str, Any], said: dict[str, dict[str, Any]]) -> dict[str, Any]:
    unknown = set(one) - {"method", "url", "referenceId", "body", "httpHeaders"}
    if unknown:
        raise Refused(Wrong("JSON_PARSER_ERROR", f'Unrecognized field "{sorted(unknown)[0]}"'))
    try:
        url, body = _filled(one["url"], said), _filled(one.get("body"), said)
        reply = _asked(call, one["method"], url, body, one.get("httpHeaders") or {})
    except Refused as no:
        reply = Reply(no.status, [wrong.of_request() for wrong in no.wrongs])
    return {
        "body": reply.body,
        "httpHeaders": reply.headers,
        "httpStatusCode": reply.status,
        "referenceId": one["referenceId"],
    }


def _asked(call: Call, method: str, url: str, body: Any, headers: dict[str, str]) -> Reply:
    split = urlsplit(url)
    path = re.sub(r"^(/services/data)?/?v\d+\.\d", "", split.path)
    if path == split.path or path.startswith(("/composite/batch", "/jobs")) or path == "/composite":
        raise Refused(Wrong("INVALID_REQUEST", f"{url} cannot be a part of a composite request"))
    raw = b"" if body is None else json.dumps(body).encode()
    small = {name.lower(): value for name, value in headers.items()}
    params = dict(parse_qsl(split.query, keep_blank_values=True))
    part = Call(call.state, call.user, call.version, method.upper(), {}, params, small, raw, inside=True)
    with call.state.transaction():
        return answered(part, path)


def _filled(value: Any, said: dict[str, dict[str, Any]]) -> Any:
    """References to what earlier parts were answered, put in."""
    if isinstance(value, dict):
        return {name: _filled(one, said) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, said) for one in value]
    return REFERENCE.sub(lambda match: str(_meant(match, said)), value) if isinstance(value, str) else value


def _meant(match: re.Match[str], said: dict[str, dict[str, Any]]) -> Any:
    at = said.get(match[1], {}).get("body")
    for step in re.findall(r"\w+", match[2]):
        at = at[int(step)] if isinstance(at, list) and step.isdigit() and int(step) < len(at) else (
            at.get(step) if isinstance(at, dict) else None
        )  # fmt: skip
    if at is None:
        message = f"Invalid reference specified. No value for {match[0][2:-1]} found in {match[1]}"
        raise Refused(Wrong("PROCESSING_HALTED", message))
    return at


@route("POST", "/composite/batch")
def batch(call: Call) -> Reply:
    """Each for itself; the first that fails may end it."""
    form = call.form("haltOnError", need=("batchRequests",))
    results: list[dict[str, Any]] = []
    for one in _few(form["batchRequests"]):
        if form.get("haltOnError") and any(result["statusCode"] >= 400 for result in results):
            skipped = Wrong("BATCH_PROCESSING_HALTED", "Batch processing halted per request")
            results.append({"statusCode": 412, "result": [skipped.of_request()]})
            continue
        try:
            reply = _asked(call, one["method"], "/" + one["url"].lstrip("/"), one.get("richInput"), {})
        except Refused as no:
            reply = Reply(no.status, [wrong.of_request() for wrong in no.wrongs])
        results.append({"statusCode": reply.status, "result": reply.body})
    return Reply(body={"hasErrors": any(one["statusCode"] >= 400 for one in results), "results": results})
