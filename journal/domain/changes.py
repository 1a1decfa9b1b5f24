"""What changed, as plain values that read back from any database exactly as they were written.

Floats are kept as text because one of our databases rewrites them (1e2 becomes 100), which would break the
audit's digests; decimals, instants and the like are kept as the text people know.
"""

from collections.abc import Mapping
from datetime import date, datetime, time
from enum import Enum

Plain = None | bool | int | str | list["Plain"] | dict[str, "Plain"]
Changes = dict[str, list[Plain]]


def plain(value: object) -> Plain:
    """The value in terms of null, booleans, whole numbers, text, lists and maps only."""
    match value:
        case Enum():
            return plain(value.value)
        case None | bool() | int():
            return value
        case str():
            # PostgreSQL cannot store the null character in text or JSON.
            return str(value).replace("\x00", "\ufffd")
        case datetime() | date() | time():
            return value.isoformat()
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case set() | frozenset():
            return sorted((plain(item) for item in value), key=str)
        case list() | tuple():
            return [plain(item) for item in value]
    return str(value)


def changes_between(before: Mapping[str, object], after: Mapping[str, object]) -> Changes:
    """{field: [before, after]} for the fields that differ, in the order of `after`; absent counts as None."""
    fields = [*after, *(field for field in before if field not in after)]
    pairs = {field: [plain(before.get(field)), plain(after.get(field))] for field in fields}
    return {field: pair for field, pair in pairs.items() if pair[0] != pair[1]}


def plain_changes(changes: Mapping[str, object] | None) -> Changes:
    """The caller's {field: (before, after)} made plain; a pair is demanded so that no change reads ambiguously."""
    made: Changes = {}
    for field, change in (changes or {}).items():
        pair = plain(change)
        if not isinstance(pair, list) or len(pair) != 2:
            raise ValueError(f"Say what {field} was before and after, as a pair.")
        made[field] = pair
    return made
