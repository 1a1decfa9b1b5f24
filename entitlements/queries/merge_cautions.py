"""What keeps two accounts from being merged, what differs between them, and what somebody should know before."""

from collections.abc import Iterator
from datetime import datetime

from catalog.queries.instants import say_until
from entitlements.domain.facts import Standing
from entitlements.models import Account, Redemption, SpendCap, Subscription
from entitlements.models.account import AccountKind, IdentifierKind
from entitlements.queries.accounts import ancestors_of
from entitlements.queries.holdings import standings
from entitlements.queries.life.trials import trials_running
from journal.models import Approval

KIND = "merge"
COLUMNS = {
    "country": "Country",
    "market": "Market",
    "zone": "Time zone",
    "owner": "Owner",
    "parent": "Belongs to",
    "kind": "Kind of account",
    "sales_channel": "Sales channel",
    "reseller": "Sold by",
}


def blockers(duplicate: Account, into: Account, *, at: datetime, asked: Approval | None = None) -> Iterator[str]:
    """Why the one can't be merged into the other as things stand, and what to do about it.

    `asked` is the request for this very merge, which is no reason against it.
    """
    if duplicate == into:
        yield f"{into} is the same account. Choose the other one."
        return
    for one in (duplicate, into):
        if one.merged_into is not None:
            yield f"{one} was merged into {one.merged_into} already; what it had is there."
    yield from _of_the_family(duplicate, into)
    yield from _of_its_kind(duplicate, into)
    if standings(account_ids=[into.pk], at=at)[into.pk] is Standing.CLOSED:
        yield f"{into} is closed and has nothing. Reopen it first, or merge it into {duplicate} instead."
    yield from _of_what_waits(duplicate, into, asked)


def _of_the_family(duplicate: Account, into: Account) -> Iterator[str]:
    for one, other in ((into, duplicate), (duplicate, into)):
        if other in ancestors_of(one):
            yield f"{one} belongs to {other}. Edit {one} first, so that it belongs to somebody else or to nobody."
    if into.reseller_id == duplicate.pk:
        yield f"{into} is sold to by {duplicate}. Edit {into} first, so that somebody else sells to it."
    elif into.reseller is not None and into.reseller.reseller_id == duplicate.pk:
        yield f"{into} is sold to by {into.reseller}, and {duplicate} sells to that. Edit one of them first."


def _of_its_kind(duplicate: Account, into: Account) -> Iterator[str]:
    if AccountKind.INTERNAL in {duplicate.kind, into.kind} and duplicate.kind != into.kind:
        internal, other = (into, duplicate) if into.kind == AccountKind.INTERNAL else (duplicate, into)
        yield f"{internal} is internal and {other} is not, so their revenue can't be told as one. Edit one of them first."
    elif into.kind != AccountKind.PARTNER and duplicate.sold_to.exists():
        yield f"{duplicate} sells to other accounts, and {into} is no partner. Make {into} a partner first."


def _of_what_waits(duplicate: Account, into: Account, asked: Approval | None) -> Iterator[str]:
    pending = Approval.objects.filter(state=Approval.State.PENDING).exclude(pk=asked.pk if asked is not None else 0)
    for waiting in pending.filter(account_key=duplicate.key).order_by("requested_at")[:5]:
        yield f"“{waiting.summary.splitlines()[0]}” still waits for approval. It is decided or withdrawn first."
    merges = pending.filter(kind=KIND, subject_type="account")
    if merges.filter(subject_key=str(duplicate.pk)).exists():
        yield f"Somebody has asked already for {duplicate} to be merged. That is decided first."
    if merges.filter(subject_key=str(into.pk)).exists():
        yield f"Somebody has asked for {into} itself to be merged. That is decided first."


def differences(duplicate: Account, into: Account, *, at: datetime) -> Iterator[tuple[str, str, str]]:
    """What is known of both and isn't the same: (what, of the duplicate, of the one that stays, which holds)."""
    for column, words in COLUMNS.items():
        theirs, ours = (_said(getattr(one, column)) for one in (duplicate, into))
        if theirs != ours:
            yield words, theirs, ours
    standing = standings(account_ids=[duplicate.pk, into.pk], at=at)
    if standing[duplicate.pk] is not standing[into.pk]:
        yield "Standing", standing[duplicate.pk].value, standing[into.pk].value


def _said(value: object) -> str:
    return "nothing" if value in (None, "") else str(value).replace("_", " ")


def cautions(duplicate: Account, into: Account, *, at: datetime) -> Iterator[str]:
    """What is kept although it looks twice, or takes another turn under the account that stays."""
    standing = standings(account_ids=[duplicate.pk, into.pk], at=at)
    if standing[duplicate.pk] is not Standing.OPEN:
        yield (
            f"{duplicate} is {standing[duplicate.pk]}, and {into} is {standing[into.pk]}: what {duplicate} has bought "
            f"is given as {into} stands."
        )
    yield from _twice_redeemed(duplicate, into)
    yield from _twice_tried(duplicate, into, at=at)
    yield from _twice_capped(duplicate, into)
    yield from _twice_known(duplicate, into)
    if duplicate.zone != into.zone and Subscription.objects.filter(account=duplicate).exists():
        yield (
            f"Days that were said for {duplicate} keep the instant they stand for; only days said from now on, and "
            f"renewals that are not recorded yet, are counted in {into.zone}."
        )


def _twice_redeemed(duplicate: Account, into: Account) -> Iterator[str]:
    own, other = (_campaigns(one) for one in (into, duplicate))
    for campaign in sorted(own & other):
        yield f"Both used a code of “{campaign}”. What both gave is kept."


def _campaigns(account: Account) -> set[str]:
    rows = Redemption.objects.filter(account=account, revoked_at__isnull=True).select_related("code")
    return {row.code.campaign or row.code.code for row in rows}


def _twice_tried(duplicate: Account, into: Account, *, at: datetime) -> Iterator[str]:
    tried: list[dict[str, datetime | None]] = []
    for one in (duplicate, into):
        rows = trials_running(at=at).filter(subscription__account=one).prefetch_related("subscription__items__plan")
        tried.append({str(item.plan): row.ends_at for row in rows for item in row.subscription.items.all()})
    for plan in sorted(tried[0].keys() & tried[1].keys()):
        ends = tried[0][plan]
        until = f", {say_until(ends, zone=into.zone)}" if ends else ""
        yield f"Both are trying {plan}. Both trials are kept, the one of {duplicate}{until}."


def _twice_capped(duplicate: Account, into: Account) -> Iterator[str]:
    own = {cap.feature_id: cap for cap in SpendCap.objects.filter(account=into)}
    for cap in SpendCap.objects.filter(account=duplicate).select_related("feature"):
        if (kept := own.get(cap.feature_id)) is not None and kept.amount_micros != cap.amount_micros:
            what = f"on {cap.feature}" if cap.feature else "in all"
            yield (
                f"Both have a cap {what}: {_amount(kept)} holds from now on, and the {_amount(cap)} of {duplicate} "
                "does not. If the customer wants another, set it afterwards."
            )


def _amount(cap: SpendCap) -> str:
    return f"{cap.amount_micros / 1_000_000:,.2f} {cap.currency}"


def _twice_known(duplicate: Account, into: Account) -> Iterator[str]:
    external = duplicate.identifiers.filter(kind=IdentifierKind.EXTERNAL)
    own = set(into.identifiers.filter(kind=IdentifierKind.EXTERNAL).values_list("system", flat=True))
    for row in external.filter(system__in=own):
        yield f"{into} is then known to {row.system.capitalize()} by two ids; {row.value} is the one of {duplicate}."
