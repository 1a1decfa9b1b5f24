"""What a person has to look at because the CRM and the desk don't agree: its kinds, and what to do about each.

A finding is open until what it says is no longer so, or until somebody decided that it stays as it is. It is about one
record there: found again it is the same one, seen later.
"""

from collections.abc import Mapping
from enum import StrEnum


def about_company(id: str) -> str:
    """The subject of a finding about a company there."""
    return f"company:{id}"


def about_deal(id: str) -> str:
    """The subject of a finding about a deal there."""
    return f"deal:{id}"


class CrmFindingKind(StrEnum):
    WHOSE = "whose"
    UNREAD = "unread"
    UNMAPPED = "unmapped"
    REFUSED = "refused"
    CONFLICT = "conflict"
    NOT_WRITTEN = "not_written"
    DOUBTED = "doubted"

    @property
    def words(self) -> str:
        return _WORDS[self][0]

    @property
    def to_do(self) -> str:
        """What a person does about it, as a sentence."""
        return _WORDS[self][1]


_WORDS: Mapping[CrmFindingKind, tuple[str, str]] = {
    CrmFindingKind.WHOSE: (
        "Nobody knows whose it is",
        "Say which account the company is, open one for it, or leave it out.",
    ),
    CrmFindingKind.UNREAD: (
        "A deal that can’t be read",
        "Mend the field in the CRM, or what the mapping reads. Nothing of the deal is done until then.",
    ),
    CrmFindingKind.UNMAPPED: (
        "Something sold that the mapping makes nothing of",
        "Add a rule for the product, or leave it as it is.",
    ),
    CrmFindingKind.REFUSED: (
        "A deal that the desk refused",
        "Do what the sentence says, then look again. What was held before goes on.",
    ),
    CrmFindingKind.CONFLICT: (
        "Something that was changed on both sides",
        "The side that is master was kept. Copy the other one over where it is the better, or leave it.",
    ),
    CrmFindingKind.NOT_WRITTEN: (
        "Something that the CRM wouldn’t take",
        "Mend it there (a required field, a rule, a right), then try again.",
    ),
    CrmFindingKind.DOUBTED: (
        "A deal that may not be meant so",
        "Do what the sentence says, or leave it as it is where it is meant so.",
    ),
}
