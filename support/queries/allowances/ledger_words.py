"""What moved a balance of prepaid help, as it is said to the customer who paid for it."""

from collections.abc import Mapping

from catalog.queries.instants import say_until
from entitlements.domain.credits.ledger import Kind
from entitlements.models import CreditGrant
from entitlements.models.credit import GrantSource
from entitlements.queries.credits.ledger import LedgerLine

GRANTED: Mapping[GrantSource, str] = {
    GrantSource.SALE: "Bought",
    GrantSource.GIFT: "Given to you",
    GrantSource.CORRECTION: "Put right",
    GrantSource.MERGE: "Brought from the other account",
}
# {size} is how much moved, in words
SAID: Mapping[Kind, str] = {
    Kind.GRANT: "{size} to use",
    Kind.RECUR: "A new period: {size} to use",
    Kind.LAPSE: "{size} not used in its period are gone",
    Kind.USE: "{size} used",
    Kind.OVERAGE: "{size} used beyond what was left",
    Kind.GIVEN_BACK: "{size} given back",
    Kind.RESET: "{size} did not go over into the new period",
    Kind.EXPIRE: "{size} expired",
    Kind.VOID: "{size} taken back",
    Kind.CORRECTION: "{size} put right, for something was told late",
    Kind.CHANGE: "The plan gives {size} {more}",
}
COVERED = "{size} used before beyond what was left are covered now"
KEPT = "{size} added up to what goes over at least"
FORGOTTEN = "{size} used beyond what was left are not carried into the new period"
BOUNDLESS = "No limit from here on"


def say_line(line: LedgerLine, *, size: str, grant: CreditGrant | None, up: bool) -> str:
    """A line that no case of ours made, in a sentence."""
    if line.kind is Kind.GRANT and grant is not None:
        return say_granted(grant, size="No limit" if line.unlimited else size)
    if line.unlimited and line.kind in {Kind.GRANT, Kind.RECUR, Kind.CHANGE}:
        return BOUNDLESS
    sentence = SAID[line.kind]
    if line.kind is Kind.OVERAGE and up:
        sentence = COVERED
    elif line.kind is Kind.RESET and up:
        sentence = KEPT if line.grant or line.of_plan else FORGOTTEN
    elif line.kind is Kind.VOID and grant is not None and grant.void_reason:
        sentence = f"{sentence}: {_plain(grant.void_reason)}"
    return sentence.format(size=size, more="more" if up else "less")


def say_granted(grant: CreditGrant, *, size: str) -> str:
    """ "Bought: 100 h, to be used through 31 December 2026 (Amsterdam)"."""
    until = "" if grant.expires_at is None else f", to be used {say_until(grant.expires_at, zone=grant.zone)}"
    again = "" if not grant.recurs else f", again each {_every(grant)}"
    return f"{GRANTED[GrantSource(grant.source)]}: {size}{again}{until}"


def _every(grant: CreditGrant) -> str:
    unit = str(grant.recurs)
    return unit if grant.recurs_every == 1 else f"{grant.recurs_every} {unit}s"


def _plain(text: str) -> str:
    """A reason that somebody typed is no template."""
    return text.replace("{", "{{").replace("}", "}}")
