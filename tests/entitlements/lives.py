"""A customer with a subscription in each state that a page is about, and what else its pages show."""

from datetime import datetime, timedelta

from entitlements.actions.contacts import add_contact
from entitlements.actions.identifiers import add_identifier
from entitlements.actions.lifecycle import cancel, fail_payment, pause
from entitlements.actions.plan_changes import change_plan
from entitlements.domain.timing import Timing
from entitlements.models.account import IdentifierKind
from journal.domain.actor import SYSTEM
from tests.entitlements.world import Catalog, account, subscribed


def lives(world: Catalog, *, at: datetime) -> dict[str, object]:
    """The numbers of its subscriptions and the rows around them, by the names of the permission table."""
    beta = account("beta", at=at - timedelta(days=9))
    begun = at - timedelta(days=5)
    active, unpaid, paused, leaving = (subscribed(beta, world.team, at=begun) for _ in range(4))
    of_it = {"by": SYSTEM, "at": at}
    fail_payment(subscription=unpaid, **of_it)
    pause(subscription=paused, **of_it)
    cancel(subscription=leaving, timing=Timing.AT_RENEWAL, reason="They leave", **of_it)
    domain = {"kind": IdentifierKind.DOMAIN, "value": "beta.example"}
    return {
        "living": beta.key,
        "active_number": active.number,
        "unpaid_number": unpaid.number,
        "paused_number": paused.number,
        "leaving_number": leaving.number,
        "planned_change": change_plan(
            subscription=active, plan=world.team, quantity=2, timing=Timing.AT_RENEWAL, **of_it
        ).pk,
        "contact": add_contact(account=beta, name="Bea", email="bea@beta.example", **of_it).pk,
        "identifier": add_identifier(account=beta, **domain, **of_it).pk,
    }
