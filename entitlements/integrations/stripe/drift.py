"""One subscription that may differ: asked for as it stands at Stripe now, and compared, or followed because a person says so.

A ticket is taken before asking, as ever, so that nothing is noted that a message which came meanwhile has mended.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from entitlements.actions.billed.drift import look
from entitlements.actions.billed.findings import PERMISSION
from entitlements.actions.billed.following import NEEDS, Followed, follow
from entitlements.actions.billed.tickets import take_ticket
from entitlements.domain.billed.findings import FindingState
from entitlements.domain.billed.told import Billed, BilledCustomer, BilledState
from entitlements.integrations.stripe.client import SYSTEM, NotThere
from entitlements.integrations.stripe.following import fetched
from entitlements.models import BilledSubscription, BillingFinding
from entitlements.queries.billed.held import subscription_of
from journal.actions.connections import as_actor
from journal.domain.actor import Actor
from journal.domain.connection import Mode
from journal.domain.refusal import Refusal
from journal.models import Connection

CUSTOMER = "cus_"  # what the id of a customer begins with
GONE_UNSEEN = (
    "Stripe doesn’t have it any more, or never had it in this mode, which isn’t what this was found for. Nothing was "
    "changed. Look again, and decide once that stands here."
)


@dataclass(frozen=True, slots=True)
class Seen:
    """How a subscription stood when it was asked for. `gone`: Stripe has none, so it is taken for one that has ended."""

    connection: Connection
    billed: Billed
    customer: BilledCustomer
    ticket: int
    gone: bool = False


def take_theirs(finding: BillingFinding, *, by: Actor, at: datetime) -> Followed:
    """Make what the desk has what Stripe says now, because somebody who may settle findings says so."""
    by.require(PERMISSION)
    found = seen(finding.connection, finding.billing_id, at=at)
    if ends_unseen(found, finding):
        raise Refusal(GONE_UNSEEN)
    return taken(found, finding, by=by, at=at)


def ends_unseen(found: Seen, finding: BillingFinding) -> bool:
    """Stripe has it no longer, and whoever decides was shown something else: a wrong key looks just like that."""
    return found.gone and not finding.evidence.get("gone")


def look_only(connection: Connection, billing_id: str, *, at: datetime) -> BillingFinding | None:
    """Compare what the desk has with what Stripe says now, and note what differs; nothing that is held changes."""
    return looked(seen(connection, billing_id, at=at), at=at)


def seen(connection: Connection, billing_id: str, *, at: datetime) -> Seen:
    """Ask for it. Later where Stripe can't answer."""
    row = BilledSubscription.objects.filter(connection=connection, billing_id=billing_id).first()
    customer = row.customer if row is not None else ""
    ticket = take_ticket(connection=connection, billing_id=billing_id, customer=customer, at=at)
    try:
        billed, buyer = fetched(connection, billing_id, at=at)
    except NotThere:
        ended = _as_ended(connection, billing_id, customer, at=at)
        return Seen(connection, ended, BilledCustomer(SYSTEM, customer, ""), ticket, gone=True)
    return Seen(connection, billed, buyer, ticket)


def looked(found: Seen, *, at: datetime) -> BillingFinding | None:
    return look(
        connection=found.connection, billed=found.billed, customer=found.customer, ticket=found.ticket, gone=found.gone,
        by=as_actor(found.connection), at=at,
    )  # fmt: skip


def taken(found: Seen, finding: BillingFinding, *, by: Actor, at: datetime) -> Followed:
    """Follow it. Whoever may settle findings may do what follows from that; the audit names them for each step.

    What was kept is taken as well where it is that very decision that is taken back.
    """
    kept = finding.state == FindingState.KEPT
    by = replace(by, permissions=by.permissions | NEEDS)
    return follow(
        connection=found.connection, billed=found.billed, customer=found.customer, ticket=found.ticket, by=by, at=at,
        despite_kept=kept,
    )  # fmt: skip


def _as_ended(connection: Connection, billing_id: str, customer: str, *, at: datetime) -> Billed:
    held = subscription_of(SYSTEM, billing_id)
    return Billed(
        system=SYSTEM,
        live=connection.mode == Mode.LIVE,
        id=billing_id,
        customer=customer,
        state=BilledState.ENDED,
        items=(),
        began_at=held.starts_at if held is not None else at,
    )
