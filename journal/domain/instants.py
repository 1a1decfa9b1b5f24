"""Instants within a text, as what was done is noted with them."""

import re
from collections.abc import Callable
from datetime import datetime

INSTANT = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)")


def said_in(text: str, say: Callable[[datetime], str]) -> str:
    """The text with each of its instants said by `say`; what only looks like one stays."""
    return INSTANT.sub(lambda found: _said(found[0], say), text)


def _said(text: str, say: Callable[[datetime], str]) -> str:
    try:
        return say(datetime.fromisoformat(text))
    except ValueError:
        return text
