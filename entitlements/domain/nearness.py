"""How near what somebody typed is to a name: a letter missing, doubled, wrong or swapped with its neighbour.

A database offers candidates by groups of three letters, each in its own way (queries/accounts.py); which of them are
near, and which is nearest, is decided here, so that every engine says the same.

The distance counts single letters left out, added or changed, and two neighbours swapped, each as one (the "optimal
string alignment" of Damerau and Levenshtein). A word of up to two letters has to be right, up to five one letter may be
wrong, beyond that two. Every word typed has to be near some word of the name, or the beginning of one; or the whole is
near the whole without its spaces. Legal forms and accents count for nothing (domain/likeness.py).
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from entitlements.domain.likeness import plain_name, words_of

SHORT = 5  # a word as short as this has few groups of letters left once two of them are swapped
GROUP = 3
MOST_GROUPS = 60


def nearness(typed: str, name: str) -> int | None:
    """How many letters are amiss; 0: none, None: it isn't near."""
    wanted, words = _wanted(typed), words_of(name)  # a legal form may be mistyped as well
    if not wanted or not words:
        return None
    together = _within("".join(wanted), "".join(words))
    apart = 0
    for word in wanted:
        if (found := _nearest(word, words)) is None:
            return together
        apart += found
    return apart if together is None else min(apart, together)


@lru_cache(maxsize=16)
def _wanted(typed: str) -> tuple[str, ...]:
    """Read once for all the names it is held against."""
    return tuple(plain_name(typed).split())


def allowed(word: str) -> int:
    """How many letters of a word may be amiss."""
    return 0 if len(word) <= 2 else 1 if len(word) <= SHORT else 2


def spellings(typed: str) -> tuple[str, ...]:
    """What was typed, with its accents and without, and for each short word the same with two neighbours swapped."""
    return (*as_typed(typed), *with_neighbours_swapped(typed))


def as_typed(typed: str) -> tuple[str, ...]:
    """Without its accents, then with them."""
    found = (plain_name(typed), " ".join(typed.lower().split()))
    return tuple(dict.fromkeys(each for each in found if each))


def with_neighbours_swapped(typed: str) -> tuple[str, ...]:
    """Each short word in turn; what was typed is none of them."""
    words = plain_name(typed).split()
    found = [
        " ".join([*words[:place], other, *words[place + 1 :]])
        for place, word in enumerate(words)
        if GROUP <= len(word) <= SHORT
        for other in _swapped(word)
    ]
    return tuple(each for each in dict.fromkeys(found) if each not in as_typed(typed))


def letter_groups(typed: str) -> tuple[str, ...]:
    """Every three letters in a row of each spelling, a space before and behind each word."""
    groups = dict.fromkeys(group for spelling in spellings(typed) for group in _groups(f" {spelling} "))
    return tuple(groups)[:MOST_GROUPS]


def _groups(text: str) -> Iterator[str]:
    return (text[start : start + GROUP] for start in range(len(text) - GROUP + 1))


def _swapped(word: str) -> Iterator[str]:
    for place, (one, other) in enumerate(pairwise(word)):
        yield word[:place] + other + one + word[place + 2 :]


def _nearest(word: str, words: list[str]) -> int | None:
    found = (_within(word, other) for other in words)
    return min((each for each in found if each is not None), default=None)


def _within(word: str, other: str) -> int | None:
    """The distance to the other word, or to its beginning where enough was typed to tell by; None beyond what may be."""
    most = allowed(word)
    if len(word) - len(other) > most or (len(word) < GROUP and len(other) > len(word) + most):
        return None
    found = _distance(word, other, most=most)
    return found if found <= most else None


def _distance(word: str, other: str, *, most: int) -> int:
    """From the word to the nearest beginning of the other, as far as `most`; beyond that only that it is beyond.

    Each letter the other goes on by counts for nothing, but a word of up to three letters is compared as a whole: it
    begins too much. Only what is at most so far from the diagonal can come to so little, and once a line has nothing
    that does, no later one has.
    """
    width, beyond = len(other), most + 1
    before, last = [beyond] * (width + 1), [min(column, beyond) for column in range(width + 1)]
    for row, letter in enumerate(word, start=1):
        line = [beyond] * (width + 1)
        line[0] = min(row, beyond)
        for column in range(max(1, row - most), min(width, row + most) + 1):
            its = other[column - 1]
            cost = min(last[column] + 1, line[column - 1] + 1, last[column - 1] + (letter != its))
            if row > 1 and column > 1 and letter == other[column - 2] and word[row - 2] == its:
                cost = min(cost, before[column - 2] + 1)
            line[column] = cost
        if min(line) > most and min(last) >= most:
            return beyond
        before, last = last, line
    return last[-1] if len(word) <= GROUP else min(last[-1], *last[len(word) - most :])
