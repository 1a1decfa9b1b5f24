"""A body as people read it: laid out where it is JSON, with whatever looks like a secret hidden.

What is kept stays as it came; this is for screens alone. A name is hidden whole, however deep it stands, by what it
is called, since nobody can tell a secret by its value.
"""

import json
import re
from collections.abc import Collection
from typing import Any

from journal.domain.veiled import DOTS

_SECRET = re.compile(r"secret|password|passwd|token|authori[sz]ation|api_?key|private_?key|cvc|card_number|iban", re.I)
DEEPEST = 200  # levels; what is nested deeper is no message of anybody's


def shown(body: bytes, *, hidden: Collection[str] = ()) -> str:
    """The text of a body. `hidden`: further names whose values are hidden, in any case of letters."""
    text = body.decode("utf-8", "replace")
    try:
        said = json.loads(text)
        return json.dumps(_veiled(said, {name.lower() for name in hidden}), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return _lines_veiled(text)


def without(text: str, secrets: Collection[str]) -> str:
    """The text with each of these secrets taken out, such as from the words of an error."""
    for secret in secrets:
        if len(secret) > 3:
            text = text.replace(secret, DOTS)
    return text


def _veiled(said: Any, hidden: Collection[str], depth: int = 0) -> Any:
    if depth > DEEPEST:
        return DOTS
    match said:
        case dict():
            return {
                name: DOTS
                if value and (_SECRET.search(name) or name.lower() in hidden)
                else _veiled(value, hidden, depth + 1)
                for name, value in said.items()
            }
        case list():
            return [_veiled(one, hidden, depth + 1) for one in said]
    return said


def _lines_veiled(text: str) -> str:
    """Of what is no JSON, each value behind such a name: `<sessionId>…<`, `token=…`."""
    name = r"[\w:.-]*(?:secret|password|passwd|token|session_?id|authori[sz]ation|api_?key|private_?key)[\w:.-]*"
    text = re.sub(rf"(<{name}[^>]*>)[^<]+", rf"\1{DOTS}", text, flags=re.I)
    return re.sub(rf"\b({name}\s*[=:]\s*)[^\s&<\"']+", rf"\1{DOTS}", text, flags=re.I)
