"""What a cell may name beside its own feature: whose seats multiply it, which add-on sells it, what use is told
apart by.

Keys always name the same thing; a name does where only one thing bears it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from catalog.domain.amounts import UnreadableCell

Names = Mapping[str, str]  # the names by key

_QUOTED = re.compile(r'"((?:[^"]|"")*)"')
_UNSAFE = re.compile(r'[,;:"$€£%]|^\s|\s$|^$')
_MOST = 8


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Names by key; `choices` by feature, each spelled "dimension.choice"."""

    counted: Names = field(default_factory=dict)  # the features with an amount
    add_ons: Names = field(default_factory=dict)
    choices: Mapping[str, Names] = field(default_factory=dict)


def spell(key: str, names: Names) -> str:
    """The name where it can be read back as this key, else the key itself."""
    name = names.get(key, key)
    if _UNSAFE.search(name) or keys_of(name, names) != {key}:
        return key
    return name


def keys_of(words: str, names: Names) -> set[str]:
    """What these words name; more than one where a name is borne twice."""
    if words in names:
        return {words}
    folded = words.casefold()
    return {key for key, name in names.items() if name.casefold() == folded or key.casefold() == folded}


def named_at(text: str, position: int, names: Names) -> tuple[str, int] | None:
    """The key of what is named at this place in the text, and where the name ends; the longest name wins."""
    quoted = _QUOTED.match(text, position)
    if quoted is not None:
        return _one(quoted[1].replace('""', '"'), names, end=quoted.end())
    for word in sorted({*names, *names.values()}, key=len, reverse=True):
        end = position + len(word)
        if word and text[position:end].casefold() == word.casefold() and not re.match(r"[\w.]", text[end : end + 1]):
            return _one(text[position:end], names, end=end)
    return None


def listed(names: Iterable[str]) -> str:
    """Some of the names, for a sentence that says what could have been written."""
    known = list(names)
    more = f", and {len(known) - _MOST} more" if len(known) > _MOST else ""
    return ", ".join(known[:_MOST]) + more


def _one(words: str, names: Names, *, end: int) -> tuple[str, int] | None:
    keys = keys_of(words, names)
    if len(keys) > 1:
        raise UnreadableCell(f"'{words}' names several things; write the key of one: {', '.join(sorted(keys))}.")
    return (keys.pop(), end) if keys else None
