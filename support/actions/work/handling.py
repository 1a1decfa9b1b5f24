"""Who may record work and plan visits, and what is refused about them.

Locks are taken in one order: the account, then the visit or the item, then the audit.
"""

from datetime import datetime

from entitlements.models import Account
from journal.domain.actor import Actor, ActorKind
from journal.domain.refusal import Invalid, NotFound, Refusal
from support.models import Asset, Visit, WorkItem
from support.snapshots.covers import holder_at

RECORD = "support.record_work"
BILL = "support.bill_work"
SCOPE = "work:write"
OWN = ("desk:", "visit:", "time:")  # how the desk names what it writes by itself


class AuthorisationNeeded(Invalid):
    """The cover says that this has to be authorised before work begins, and nobody is named who did."""

    code = "authorisation_needed"


class AnothersAsset(Invalid):
    """The device was another customer's when the work was done."""

    code = "anothers_asset"


class WorkReused(Invalid):
    """The same name told of other work before."""

    code = "work_reused"


class NothingToBill(Refusal):
    """It isn't to be billed: it is covered, or it was handed over, waived or withdrawn before."""

    code = "nothing_to_bill"


class OwnWork(Refusal):
    """Whoever recorded work doesn't decide that the customer needn't pay for it."""

    code = "own_work"


class VisitSettled(Refusal):
    """The visit took place, or was cancelled: it can't be done twice."""

    code = "visit_settled"


class OutOfCover(Invalid):
    """The day is outside of the cover that includes the visit."""

    code = "out_of_cover"


def name_of(name: str, *, by: Actor) -> str:
    """What work is called at its source. Whoever took a name of the desk's own would hold up what it writes under it."""
    name = text_of(name, field="name", longest=200)
    if by.kind is ActorKind.API_KEY and name.startswith(OWN):
        raise Invalid("Names that begin with desk:, visit: or time: are the desk’s own; choose another.", field="name")
    return name


def require(by: Actor) -> None:
    """Staff by their role, a program by its scope."""
    if not by.may(SCOPE):
        by.require(RECORD)


def spoken(text: str) -> str:
    """PostgreSQL refuses the null character even in a question."""
    return text.replace("\x00", "").strip()


def text_of(said: str, *, field: str, longest: int, needed: str = "") -> str:
    """What somebody wrote, for keeping: not longer than its column, and something where something is `needed`."""
    said = spoken(said)
    if needed and not said:
        raise Invalid(needed, field=field)
    if len(said) > longest:
        raise Invalid(f"Keep it to {longest:,} characters; this has {len(said):,}.", field=field)
    return said


def reason_of(said: str, *, needed: str) -> str:
    return text_of(said, field="reason", longest=500, needed=needed)


def lock_visit(pk: int) -> Visit:
    """The visit as it stands once it is ours."""
    rows = Visit.objects.select_for_update(of=("self",)).select_related("account", "cover__contract", "asset__product")
    return rows.get(pk=pk)


def lock_items(pks: list[int]) -> list[WorkItem]:
    """Items as they stand once they are ours, always in the same order; NotFound where one isn't there."""
    rows = WorkItem.objects.select_for_update(of=("self",)).select_related("account").filter(pk__in=pks).order_by("pk")
    found = list(rows)
    if len(found) != len(set(pks)):
        raise NotFound("Some of this work isn’t there any more. Load the page again.")
    return found


def refuse_anothers(asset: Asset, account: Account, *, at: datetime) -> None:
    if holder_at(asset, at=at) != account.pk:
        raise AnothersAsset(
            f"{asset} wasn’t {account.name}’s then. Look the serial number up, or leave the device out.", field="asset"
        )
