"""What came of one look at a company or a deal, and what the actor of a connection has to be allowed for it."""

from dataclasses import dataclass

# Every CRM's `Vendor.may` holds these, so that what its deals say can be carried out by the usual actions.
NEEDS = frozenset({"accounts:write", "contracts:write", "subscriptions:write", "entitlements.extend_trial"})

PASSED_OVER = "Something newer was taken in already"
NOTHING = "Nothing differed"


@dataclass(frozen=True, slots=True)
class Applied:
    """`moved`: something was done. `findings` are those a person has to see, each a sentence."""

    words: str
    account_key: str = ""
    moved: bool = False
    findings: tuple[str, ...] = ()
