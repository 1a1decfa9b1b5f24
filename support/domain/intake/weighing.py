"""What a sentence is in the way of asking: whether it asks for something, by itself or for what was said before."""

from collections.abc import Iterable
from dataclasses import dataclass

from support.domain.intake.spans import WORD, Span, plain, words_of
from support.domain.intake.vocabulary import (
    ASKING,
    BIDDING,
    COURTESY,
    COURTESY_IF_BARE,
    EMPTY,
    EXPLETIVE,
    LEADING_IN,
    LISTING,
    MARKERS,
    REFERRING,
    TIMES_OF,
)

THIN = 2  # a sentence with fewer words that name something asks about what was said before
BARE = 5  # a sentence of courtesy names fewer things; thanks may name any
LEAD_WORDS = 60  # of a sentence, so many words are looked at
LONGEST_PHRASE = 4
_WIDE = "\u2e80"  # from here on characters are words by themselves


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence or item, and what it is in the way of asking."""

    span: Span
    asks: bool
    refers: bool  # to what was said before, or names nothing
    marked: bool  # begins something else: "also", "second"
    courtesy: bool  # "thanks in advance": asks for nothing
    item: bool = False  # of a list
    leads: bool = False  # ends in a colon
    opens: bool = False  # the first of its paragraph
    listing: bool = False  # announces questions, or problems
    names: int = 0  # how many of its words name something


def weighed(said: str, span: Span, *, item: bool, opens: bool, numbered: bool) -> Sentence:
    words = words_of(said[: LEAD_WORDS * 20])[:LEAD_WORDS]
    names, courtesy = names_in(said[: LEAD_WORDS * 20]), _is_courtesy(words, said)
    begins = _leading_in(words)
    marker = length_of(words[begins:], MARKERS)
    marked = numbered or marker > 0 or "also" in words[:4]
    bids = not item and words[begins + marker :][:1] != [] and words[begins + marker] in BIDDING
    return Sentence(
        span,
        asks=not courtesy and (bids or asks(words, said)),
        refers=(names < THIN and not item) or _refers(words[begins + marker :]),
        marked=marked,
        courtesy=courtesy,
        item=item,
        leads=said.rstrip().endswith((":", "：")),
        opens=opens,
        listing=any(word in LISTING for word in words),
        names=names,
    )


def asks_alone(said: str) -> bool:
    """Whether it asks for something that it names itself."""
    one = weighed(said, Span(0, len(said)), item=False, opens=False, numbered=False)
    return one.asks and not one.refers


def _is_courtesy(words: list[str], said: str) -> bool:
    if words[:1] in (["thanks"], ["thank"]) and "?" not in said:
        return True
    if length_of(words, COURTESY_IF_BARE):
        return names_in(said[: LEAD_WORDS * 20]) < THIN
    return length_of(words, COURTESY) > 0 and naming(words) < BARE


def _leading_in(words: list[str]) -> int:
    """How many words stand before what a sentence begins with: "And please …"."""
    return next((at for at, word in enumerate(words[:3]) if word not in LEADING_IN), min(3, len(words)))


def asks(words: list[str], said: str) -> bool:
    if said.rstrip().endswith(("?", "？", "?)", "?!", "!?")):
        return True
    return any(
        tuple(words[at : at + length]) in ASKING for at in range(len(words)) for length in range(1, LONGEST_PHRASE + 1)
    )


def names_in(said: str) -> int:
    """How many things are named, what is written in capitals twice: "SSO", "MAUs"."""
    return naming(words_of(said)[:LEAD_WORDS]) + _short_names(said)


def _short_names(said: str) -> int:
    found = (word for word in WORD.findall(said) if sum(letter.isupper() for letter in word) > 1)
    return sum(plain(word) not in EMPTY for word in found)


def _refers(words: list[str]) -> bool:
    """Whether it speaks of what was said before: by a pronoun before anything is named.

    "It would be great to have …" and "since this morning" refer to nothing, and "we need HIPAA, can you enable it" to what
    it names itself.
    """
    named = 0
    for at, word in enumerate(words):
        if word in REFERRING and not _is_idle(words, at):
            return True
        named += word not in EMPTY
        if named >= THIN:
            return False
    return False


def _is_idle(words: list[str], at: int) -> bool:
    ahead = words[at + 1 : at + 5]
    if words[at] == "it":
        return any(word in EXPLETIVE for word in ahead)
    return words[at] in ("this", "that") and ahead[:1] != [] and ahead[0].partition("'")[0] in TIMES_OF


def length_of(words: list[str], phrases: frozenset[tuple[str, ...]]) -> int:
    """How many words the longest phrase has with which these begin; 0: with none."""
    lengths = range(LONGEST_PHRASE, 0, -1)
    return next((length for length in lengths if tuple(words[:length]) in phrases), 0)


def naming(words: Iterable[str]) -> int:
    """How many words name something. Of writing without spaces between words every third character counts."""
    return sum(max(1, len(word) // 3) if word[0] >= _WIDE else 1 for word in words if word not in EMPTY)
