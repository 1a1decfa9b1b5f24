"""What a person has to look at because the billing and the desk don't agree: its kinds, and what to do about each.

A finding is open until what it says is no longer so (mended, or gone with what it was about) or until somebody decided
that ours stays as it is (kept). It is about one thing: found again it is the same one, seen later.
"""

from collections.abc import Mapping
from enum import StrEnum

ABOUT_FEATURE = "feature:"  # a finding is about a feature: then its key, or what it is called there


class FindingKind(StrEnum):
    UNLINKED = "unlinked"
    DOUBTFUL = "doubtful"
    NOT_SOLD = "not_sold"
    CHARGED = "charged"
    REFUSED = "refused"
    PUSH = "push"
    DRIFT = "drift"

    @property
    def words(self) -> str:
        return _WORDS[self][0]

    @property
    def to_do(self) -> str:
        """What a person does about it, as a sentence."""
        return _WORDS[self][1]

    def words_about(self, about: str) -> str:
        """The same as `words`, of a feature where the finding is about one."""
        return _said_of(self, about)[0]

    def to_do_about(self, about: str) -> str:
        return _said_of(self, about)[1]


def may_be_kept(kind: str, about: str) -> bool:
    """Whether somebody may decide that it stays as it is: not where something was paid for and nothing is given."""
    if kind == FindingKind.UNLINKED:
        return about.startswith(ABOUT_FEATURE)
    return kind != FindingKind.DOUBTFUL


class FindingState(StrEnum):
    OPEN = "open"
    MENDED = "mended"
    KEPT = "kept"
    GONE = "gone"

    @property
    def words(self) -> str:
        return _STATES[self]


_WORDS: Mapping[FindingKind, tuple[str, str]] = {
    FindingKind.UNLINKED: (
        "A price that stands for nothing here",
        "It is paid for and gives nothing. Link the price to a plan or an add-on, then look again.",
    ),
    FindingKind.DOUBTFUL: (
        "Nobody knows whose it is",
        "It is paid for and gives nothing yet. Say which account it belongs to, or that it is a new one.",
    ),
    FindingKind.NOT_SOLD: (
        "Paid for, though it is not sold",
        "It is given all the same. Put the plan on sale there, or take the price off sale at the billing.",
    ),
    FindingKind.CHARGED: (
        "Charged, though the account is closed",
        "It gives nothing and is paid for all the same. End it at the billing, or reopen the account, then look again.",
    ),
    FindingKind.REFUSED: (
        "The desk couldn't follow",
        "Mend what it says, then look again; nothing of it was done.",
    ),
    FindingKind.PUSH: (
        "The billing took no change from us",
        "Mend what it says at the billing or in the catalog, then push again.",
    ),
    FindingKind.DRIFT: (
        "The billing says something else than the desk",
        "Take what the billing says, or keep what the desk has and say why.",
    ),
}  # fmt: skip

# The same about a feature (`about` begins with ABOUT_FEATURE): a customer has it there, whatever is sold here.
_OF_FEATURES: Mapping[FindingKind, tuple[str, str]] = {
    FindingKind.UNLINKED: (
        "A feature that stands for nothing here",
        "Customers have it at the billing, and here it gives nothing. Link it to a feature of ours, or leave it as it is.",
    ),
    FindingKind.DRIFT: (
        "The billing says something else about a feature",
        "Let the plan and the product there carry the same, or let the billing decide who has the feature; or keep what "
        "the desk has and say why.",
    ),
}  # fmt: skip

_STATES: Mapping[FindingState, str] = {
    FindingState.OPEN: "To look at",
    FindingState.MENDED: "Mended",
    FindingState.KEPT: "Kept as it is",
    FindingState.GONE: "Gone",
}


def _said_of(kind: FindingKind, about: str) -> tuple[str, str]:
    return _OF_FEATURES.get(kind, _WORDS[kind]) if about.startswith(ABOUT_FEATURE) else _WORDS[kind]
