"""The words of what a cover says: where it comes from, what it speaks about, and how far it reaches.

A cover speaks about up to four *aspects*: how fast somebody answers, and how much of labour, parts and travel it bears.
Absent is not zero: a cover that says nothing about an aspect takes no part in deciding it.
"""

from enum import StrEnum


class Source(StrEnum):
    """Where a cover comes from."""

    TIER = "tier"  # the support tier that the resolver gives the account
    BALANCE = "balance"  # no tier, but prepaid hours or incidents are left, which an allowance turns into cover
    COVER = "cover"  # a line of a contract, or a cover of its own
    WARRANTY = "warranty"

    @property
    def words(self) -> str:
        return {
            "tier": "What the account holds",
            "balance": "Prepaid help",
            "cover": "Cover agreed with the customer",
            "warranty": "Warranty",
        }[self.value]


class Aspect(StrEnum):
    RESPONSE = "response"
    LABOUR = "labour"
    PARTS = "parts"
    TRAVEL = "travel"

    @property
    def words(self) -> str:
        return "Response" if self is Aspect.RESPONSE else self.value.capitalize()


SHARES = (Aspect.LABOUR, Aspect.PARTS, Aspect.TRAVEL)  # those of which a cover bears so many percent


class ScopeKind(StrEnum):
    """What a cover may be narrowed to; of a kind that it doesn't name it covers all."""

    ASSET = "asset"
    LOCATION = "location"
    CONTACT = "contact"
    PRODUCT = "product"


class Specificity(StrEnum):
    """How closely a cover fits what is asked about: of equally generous ones the closer one speaks (DESIGN.md §6)."""

    ASSET = "asset"
    LOCATION = "location"
    LINE = "line"
    CONTACT = "contact"
    PRODUCT = "product"
    ACCOUNT = "account"


class WarrantyBasis(StrEnum):
    """The day from which a warranty is counted."""

    SHIPPED = "shipped"
    INSTALLED = "installed"
    INVOICED = "invoiced"


class Counts(StrEnum):
    """What an allowance is used up by."""

    CASES = "cases"
    TIME = "time"


class CountedOn(StrEnum):
    """When a case is counted, where cases are."""

    OPENING = "opening"
    RESOLVING = "resolving"


class AtZero(StrEnum):
    """What happens where an allowance is used up."""

    BLOCK = "block"
    OVERDRAW = "overdraw"


class WorkKind(StrEnum):
    """What was done or used on a job."""

    LABOUR = "labour"
    PARTS = "parts"
    TRAVEL = "travel"


class Billing(StrEnum):
    """What becomes of the customer's share of some work."""

    COVERED = "covered"  # there is none
    OPEN = "open"  # to be billed
    HANDED_OVER = "handed_over"
    WAIVED = "waived"
    WITHDRAWN = "withdrawn"  # recorded by mistake


class VisitState(StrEnum):
    PLANNED = "planned"
    SCHEDULED = "scheduled"
    DONE = "done"
    MISSED = "missed"
    CANCELLED = "cancelled"
