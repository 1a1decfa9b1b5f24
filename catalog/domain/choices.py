"""Choices from a list and free text: how they are found in a cell, and how they are written so that they are found.

A word in double quotes always means itself. So a role called "custom" can be told from the cell "Custom", which
means that it is set for each customer.
"""

import re

from catalog.domain.amounts import UnreadableCell
from catalog.domain.sayings import saying_of
from catalog.domain.trial_ends import mentions_trial_end
from catalog.domain.values import Choice, FeatureShape

NO_CHOICES = "nothing from the list"
_QUOTED = re.compile(r'"((?:[^"]|"")*)"')
_UNSAFE = re.compile(r'[,;"$€£]|\b(?:USD|EUR|GBP|CHF)\s?[0-9]|:|^$')
_SEPARATOR = re.compile(r"\s*(?:[,;]\s*|$)")


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def unquoted(text: str) -> str | None:
    """What stands between quotes, if the whole text is one quoted word."""
    found = _QUOTED.fullmatch(text)
    return None if found is None else found[1].replace('""', '"')


def spell_text(text: str) -> str:
    """A text as it can be typed again: in quotes where it would otherwise mean something else."""
    plain = (
        bool(text)
        and text == text.strip()
        and saying_of(text) is None
        and not text.startswith(tuple('"=+@-\u2212'))
        and not mentions_trial_end(text)
    )
    return text if plain else quoted(text)


def spell_choice(key: str, *, shape: FeatureShape) -> str:
    """The label of a choice as it can be typed again; the key where two labels look alike."""
    name = _spell_listed(key, shape=shape)
    return name if name.startswith('"') else spell_text(name)


def spell_choices(keys: frozenset[str], *, shape: FeatureShape) -> str:
    """The labels of some choices, in the order of the list."""
    names = [_spell_listed(choice.key, shape=shape) for choice in shape.choices if choice.key in keys]
    listed = ", ".join(names) or NO_CHOICES
    # The first word may make the whole look like something else: "custom" alone, or a formula.
    if names and not names[0].startswith('"') and spell_text(listed) != listed:
        return ", ".join((quoted(names[0]), *names[1:]))
    return listed


def _spell_listed(key: str, *, shape: FeatureShape) -> str:
    """A choice as it can stand in a list: quoted only where it would fall apart or name another choice."""
    label = shape.label(key)
    name = label if _find(label, shape=shape) == key else key
    plain = _UNSAFE.search(name) is None and name.casefold() != NO_CHOICES and name == name.strip()
    plain = plain and not mentions_trial_end(name)
    return name if plain and _find(name, shape=shape) == key else quoted(name)


def read_choice(text: str, *, shape: FeatureShape) -> str:
    """The key of the one choice a text names."""
    literal = unquoted(text)
    found = _find(text if literal is None else literal, shape=shape)
    if found is None:
        raise _not_listed(text, shape=shape)
    return found


def read_choices(text: str, *, shape: FeatureShape) -> frozenset[str]:
    """The keys of the choices a text lists; labels may hold parentheses and, in this page's manner, commas."""
    if text.casefold() == NO_CHOICES:
        return frozenset()
    keys, position = set(), 0
    while position < len(text):
        key, position = _next_choice(text, position, shape=shape)
        keys.add(key)
    return frozenset(keys)


def _next_choice(text: str, position: int, *, shape: FeatureShape) -> tuple[str, int]:
    for key, length in _candidates(text, position, shape=shape):
        separator = _SEPARATOR.match(text, position + length)
        if separator is not None:
            return key, separator.end()
    raise _not_listed(re.split(r"[,;]", text[position:], maxsplit=1)[0].strip(), shape=shape)


def _candidates(text: str, position: int, *, shape: FeatureShape) -> list[tuple[str, int]]:
    """The choices that may stand at this place in the text, the longest first."""
    literal = _QUOTED.match(text, position)
    if literal is not None:
        key = _find(literal[1].replace('""', '"'), shape=shape)
        return [] if key is None else [(key, len(literal[0]))]
    names = sorted({name for choice in shape.choices for name in (choice.key, choice.label)}, key=len, reverse=True)
    here = [text[position : position + len(name)] for name in names]
    found = [(_find(piece, shape=shape), len(piece)) for piece in here]
    return [(key, length) for key, length in found if key is not None]


def _find(name: str, *, shape: FeatureShape) -> str | None:
    """A key exactly as it stands wins; then a label, then a key, whatever their capitals."""
    if any(choice.key == name for choice in shape.choices):
        return name
    folded = name.strip().casefold()
    by_label = _first(shape.choices, label=folded)
    return by_label if by_label is not None else _first(shape.choices, key=folded)


def _first(choices: tuple[Choice, ...], *, label: str | None = None, key: str | None = None) -> str | None:
    for choice in choices:
        if choice.label.strip().casefold() == label or choice.key.casefold() == key:
            return choice.key
    return None


def _not_listed(text: str, *, shape: FeatureShape) -> UnreadableCell:
    listed = ", ".join(choice.label for choice in shape.choices)
    return UnreadableCell(f"'{text}' is not one of the choices of {shape.name}; write one of: {listed}.")
