"""The words of the audit: verbs are written `noun:verb` and read the other way round."""

import re

_SPELLED = {"api": "API", "sla": "SLA", "csv": "CSV"}
_VERB = re.compile(r"[a-z][a-z0-9_]*:[a-z][a-z0-9_]*")


def checked(verb: str) -> str:
    """The verb itself, or ValueError where it is not `noun:verb` in lower case."""
    if not _VERB.fullmatch(verb):
        raise ValueError(f"{verb!r} is not an audit verb: write noun:verb in lower case, such as override:grant.")
    return verb


def in_words(verb: str) -> str:
    """ "plan_version:publish" -> "Publish plan version"."""
    noun, _, act = verb.partition(":")
    words = f"{act} {noun}".replace("_", " ").strip().capitalize()
    return " ".join(_SPELLED.get(word.lower(), word) for word in words.split(" "))
