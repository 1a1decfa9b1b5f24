"""The words that stand for a whole cell, whatever the feature: yes, no, Unlimited, Custom, Coming soon, add-on."""

import re
from enum import StrEnum


class Saying(StrEnum):
    YES = "yes"
    NO = "no"
    UNLIMITED = "unlimited"
    CUSTOM = "custom"
    VAGUE = "vague"
    ADD_ON = "add_on"


INCLUDED = "Included"
NOT_INCLUDED = "not included"
SET_PER_CUSTOMER = "set per customer"
SOLD_AS_ADD_ON = "sold as an add-on"
TO_BE_SETTLED = "to be settled"
UNLIMITED_WORD = "Unlimited"
PAY_AS_YOU_GO = "pay as you go"

_WORDS = {
    Saying.YES: "yes y on true included ✓ ✔ ✅ ☑",
    Saying.NO: "no n off false - – — − ✗ ✘ ✕ × ❌",
    Saying.UNLIMITED: "unlimited ∞ limitless",
    Saying.CUSTOM: "custom customised customized negotiated",
    Saying.VAGUE: "? tbd tba tbc planned",
}
_PHRASES = {
    NOT_INCLUDED: Saying.NO,
    "not available": Saying.NO,
    "no limit": Saying.UNLIMITED,
    "without limit": Saying.UNLIMITED,
    SET_PER_CUSTOMER: Saying.CUSTOM,
    "contact us": Saying.CUSTOM,
    "contact sales": Saying.CUSTOM,
    "talk to us": Saying.CUSTOM,
    "talk to sales": Saying.CUSTOM,
    "coming soon": Saying.VAGUE,
    "to be decided": Saying.VAGUE,
    "to be announced": Saying.VAGUE,
    TO_BE_SETTLED: Saying.VAGUE,
}
_SAID = {word: saying for saying, words in _WORDS.items() for word in words.split()} | _PHRASES
_VAGUE_START = re.compile(rf"(?:volume discounts?\b|{TO_BE_SETTLED}:)")
UNLIMITED_START = re.compile(r"(?:unlimited|limitless|no limit|without limit)(?=[\s,;/])\s*|∞\s*", re.IGNORECASE)
_SELLING = re.compile(r"sold as (?:an )?add[ -]?on:")
_ADD_ON = re.compile(r"(?:(?:available|sold) as )?(?:an? )?(?:paid |optional )*add[ -]?on")


def saying_of(text: str) -> Saying | None:
    """What the whole text stands for, or None if it says something of its own."""
    folded = " ".join(text.casefold().split()).rstrip(".!…")
    if _ADD_ON.fullmatch(folded) or _SELLING.match(folded):
        return Saying.ADD_ON
    if _VAGUE_START.match(folded):
        return Saying.VAGUE
    return _SAID.get(folded)
