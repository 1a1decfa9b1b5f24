"""The words of the audit: verbs are written `noun:verb` and read the other way round."""

import re

_SPELLED = {"api": "API", "sla": "SLA", "csv": "CSV", "crm": "CRM"}
# "call off" still wants to know what; "change plan" names its object itself.
_PARTICLES = {"off", "out", "back", "over", "up", "down", "on"}
_VERB = re.compile(r"[a-z][a-z0-9_]*:[a-z][a-z0-9_]*")


def checked(verb: str) -> str:
    """The verb itself, or ValueError where it is not `noun:verb` in lower case."""
    if not _VERB.fullmatch(verb):
        raise ValueError(f"{verb!r} is not an audit verb: write noun:verb in lower case, such as override:grant.")
    return verb


def in_words(verb: str) -> str:
    """ "plan_version:publish" -> "Publish plan version"; "subscription:change_plan" -> "Change plan"."""
    noun, _, act = verb.partition(":")
    told = "_" in act and act.rpartition("_")[2] not in _PARTICLES
    words = (act if told else f"{act} {noun}").replace("_", " ").strip().capitalize()
    return " ".join(_SPELLED.get(word.lower(), word) for word in words.split(" "))
