"""Why customers of the demo got more than their plan, what each role may give alone, and what became of some of it."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from catalog.models import Feature
from desk.demo.customers import Customer
from desk.demo.purchases import holding
from entitlements.actions.override_changes import edit, renew
from entitlements.actions.overrides import grant, revoke
from entitlements.actions.policies import set_policy
from entitlements.actions.reason_codes import add_reason_code, retire_reason_code
from entitlements.domain.facts import Mode
from entitlements.domain.policy import Concession
from entitlements.models import Override
from entitlements.models.override import OverrideState
from entitlements.queries.reasons import reason_code_by_key
from journal.actions import approvals
from journal.domain.actor import Actor
from journal.models import Approval

GB = Decimal(10**9)
DAY = timedelta(days=1)
REASONS = (
    ("negotiated_deal", "Negotiated deal", "Agreed with the customer in writing; link the deal."),
    ("beta_programme", "Beta programme", "They test something before it is sold."),
    ("service_recovery", "Service recovery", "We let them down and make up for it; link the ticket."),
    ("proof_of_concept", "Proof of concept", "They try whether it fits before they buy more."),
    ("migration", "Migration", "Room for old and new side by side while they move over."),
    ("internal_use", "Internal use", "Our own people."),
)
# reason, days, percent of what the customer has without it, times, who approves beyond
LINES = (
    ("negotiated_deal", 90, 50, 2, "finance"),
    ("service_recovery", 30, 200, 1, "finance"),
    ("proof_of_concept", 30, 400, 2, ""),
    ("migration", 60, 100, 2, ""),
)


def list_reasons(*, by: Actor, at: datetime) -> None:
    """Six reasons to choose from, one that is no longer used, and what sales may give alone for four of them."""
    for key, name, note in REASONS:
        add_reason_code(key=key, name=name, note=note, by=by, at=at)
    old = add_reason_code(key="launch_discount", name="Launch discount", note="Until the end of 2024.", by=by, at=at)
    retire_reason_code(reason_code=old, by=by, at=at)
    for key, days, percent, times, approver in LINES:
        set_policy(
            role="sales",
            concession=Concession.OVERRIDE,
            reason_code=reason_code_by_key(key),
            max_days=days,
            max_percent=percent,
            max_times=times,
            approver_role=approver,
            reason="As sales agreed with us",
            by=by,
            at=at,
        )


def change_promises(*, by: Actor, at: datetime) -> None:
    """Of what is in force: one is edited, one renewed, one is to become much more, one is revoked; as far as it goes."""
    acts: tuple[Callable[..., Any], ...] = (
        partial(edit, value=10 * GB, typed_unit="GB", reason="Half of it is enough by now"),
        partial(renew, through_on=(at + 40 * DAY).date(), reason="Their move takes a month longer"),
        partial(edit, value=600 * GB, typed_unit="GB", reason="They bring two more departments"),
        partial(revoke, reason="They have moved over"),
    )
    moving = Override.objects.filter(reason_code__key="migration", state=OverrideState.APPROVED, revoked_at=None)
    standing = moving.filter(starts_at__lte=at, ends_at__gt=at + DAY)
    for act, override in zip(acts, standing.order_by("starts_at", "pk"), strict=False):
        act(override=override, by=by, at=at)


def think_better_of_it(customers: Sequence[Customer], *, by: Actor, at: datetime) -> None:
    """Far too much was asked for, and withdrawn again."""
    for account in holding(customers, "team")[3:4]:
        grant(
            account=account,
            feature=Feature.objects.get(key="storage"),
            mode=Mode.ADD,
            value=5000 * GB,
            typed_unit="GB",
            subscription=account.subscriptions.first(),
            through_on=(at + 300 * DAY).date(),
            reason="They bring all their archives",
            reason_code=reason_code_by_key("negotiated_deal"),
            link="https://crm.example/deals/4711",
            by=by,
            at=at,
        )
        request = Approval.objects.filter(kind="override", account_key=account.key, state="pending").latest("pk")
        approvals.withdraw(approval=request, by=by, at=at + timedelta(hours=2), note="They need less after all")
