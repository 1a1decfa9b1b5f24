"""What came to its end, or took effect, for an account by itself, in words."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Q

from catalog.domain.values import PlanKind
from catalog.domain.window import Window
from entitlements.domain.facts import Phase
from entitlements.domain.timing import ChangeSort
from entitlements.models import (
    Account,
    Contract,
    ContractVersion,
    Override,
    Subscription,
    SubscriptionChange,
    SubscriptionItem,
    SubscriptionPhase,
)
from entitlements.models.override import OverrideState
from entitlements.queries.life.after_trial import after_trial

Windows = Collection[Window]


@dataclass(frozen=True, slots=True)
class Ending:
    """Something that ended; `key` names it for ever, so that it is told once."""

    kind: str
    key: str
    at: datetime
    words: str
    afterwards: str
    follows: Callable[[], str] | None = None  # what has to be worked out first, and only for whoever is told

    def say_afterwards(self) -> str:
        return self.afterwards if self.follows is None else f"{self.afterwards} {self.follows()}"

    def said_at(self, zone: str) -> str:
        local = self.at.astimezone(ZoneInfo(zone))
        return f"{local.day} {local:%B %Y at %H:%M} ({zone})"


# What somebody ends at once is told by that act; here is only what comes by itself, however long ago it was decided.
# What ends with its subscription, or would have ended after it, is told by the subscription's own end.
OUTLIVED = Q(subscription__ends_at__isnull=True) | Q(subscription__ends_at__gt=F("ends_at"))
# An add-on that goes ends by itself, and what ends with the subscription with it: each is told as what it is.
# What a line of a contract names a last day for ends by itself; all else of it is told with the contract.
APART = Q(contract_line__isnull=True) | Q(contract_line__through_on__isnull=False)
TOLD_AS_CHANGES = (ChangeSort.PLAN, ChangeSort.QUANTITY, ChangeSort.ADD_ON, ChangeSort.CANCEL)


def endings_of(account: Account, windows: Windows) -> list[Ending]:
    """Every override, phase, lent plan, add-on, hold, subscription and contract that ended, and every planned change and
    amendment that took effect, in one of the windows; earliest first.
    """
    found = [  # sorted at last, so that the database needn't
        *_overrides(account, windows),
        *_phases(account, windows),
        *_items(account, windows),
        *_holds(account, windows),
        *_changes(account, windows),
        *_subscriptions(account, windows),
        *_contracts(account, windows),
    ]
    return sorted(found, key=lambda ending: (ending.at, ending.key))


def within(column: str, windows: Windows) -> Q:
    """Rows with the instant of the column in one of the windows."""
    condition = Q()
    for window in windows:
        condition |= Q(**{f"{column}__gte": window.start, f"{column}__lt": window.end})
    return condition


def _overrides(account: Account, windows: Windows) -> Iterator[Ending]:
    rows = Override.objects.filter(
        APART, within("ends_at", windows), account=account, state=OverrideState.APPROVED, revoked_at__isnull=True
    )
    for row in rows.order_by().select_related("feature"):
        assert row.ends_at is not None  # the filter says so
        yield Ending(
            "override_ended",
            f"override:{row.pk}",
            row.ends_at,
            f"The {'override on' if row.loan_id is None else 'loan of'} {row.feature} ended",
            "From now on the plan alone decides. If the customer should keep it, "
            f"{'grant' if row.loan_id is None else 'lend'} it again.",
        )


def _phases(account: Account, windows: Windows) -> Iterator[Ending]:
    rows = SubscriptionPhase.objects.filter(OUTLIVED, within("ends_at", windows), subscription__account=account)
    for row in rows.order_by().select_related("subscription"):
        if row.phase == Phase.TRIAL:
            yield from _trial(row)
        elif row.phase == Phase.GRACE:
            yield from _grace(row)
        elif row.phase == Phase.PAUSED and _came_by_itself(row, "ends_at"):
            assert row.ends_at is not None  # the filter says so
            yield Ending(
                "pause_ended",
                f"pause:{row.pk}",
                row.ends_at,
                f"The pause of subscription {row.subscription.number} ended",
                "The subscription goes on as it was before.",
            )


def _trial(row: SubscriptionPhase) -> Iterator[Ending]:
    converted = row.subscription.converted_at
    assert row.ends_at is not None  # the filter says so
    if row.with_card and (converted is None or converted >= row.ends_at):
        yield Ending(
            "trial_sold",
            f"trial:{row.pk}",
            row.ends_at,
            "The trial became a sale",
            "There is a card on file, so the subscription goes on and is billed from now on.",
        )
    elif converted is None:
        yield Ending(
            "trial_ended",
            f"trial:{row.pk}",
            row.ends_at,
            "The trial ended",
            "Nobody converted it.",
            follows=partial(_what_follows, row, row.ends_at),
        )


def _what_follows(row: SubscriptionPhase, end: datetime) -> str:
    """What the end took, and what it left for a while."""
    after = after_trial(row.subscription, at=end)
    return after.say(zone=row.subscription.account.zone) if after else "The plan's own rule for afterwards is in force."


def _grace(row: SubscriptionPhase) -> Iterator[Ending]:
    assert row.ends_at is not None  # a grace has an end
    if row.restored_at is None or row.restored_at > row.ends_at:
        yield Ending(
            "grace_ended",
            f"grace:{row.pk}",
            row.ends_at,
            "The grace after a failed payment ended",
            "Nobody has paid, so the subscription gives nothing until payment comes.",
        )


def _items(account: Account, windows: Windows) -> Iterator[Ending]:
    rows = SubscriptionItem.objects.filter(
        OUTLIVED,
        APART,
        Q(lent=True) | Q(plan__kind=PlanKind.ADD_ON),
        within("ends_at", windows),
        subscription__account=account,
        followed_by__isnull=True,
    )
    for row in rows.order_by().select_related("plan"):
        assert row.ends_at is not None  # the filter says so
        if not _came_by_itself(row, "ends_at"):
            continue
        sort = "lent plan" if row.plan.kind == PlanKind.PLAN else "add-on"
        yield Ending(
            "item_ended",
            f"item:{row.pk}",
            row.ends_at,
            f"The {sort if row.loan_id is None else 'loan of'} {row.plan.name} ended",
            "What it gave on top is no longer available to the customer.",
        )


def _holds(account: Account, windows: Windows) -> Iterator[Ending]:
    rows = SubscriptionItem.objects.filter(within("held_until", windows), subscription__account=account)
    for row in rows.order_by().select_related("plan", "version__plan"):
        assert row.held_until is not None  # the filter says so
        if row.window.contains(row.held_until) and _came_by_itself(row, "held_until"):
            yield Ending(
                "hold_ended",
                f"hold:{row.pk}",
                row.held_until,
                f"{row.plan.name} is no longer kept on its version",
                "The customer now has what was published meanwhile.",
            )


def _changes(account: Account, windows: Windows) -> Iterator[Ending]:
    """What was planned and has taken effect; what takes effect at once was somebody's act."""
    goes_on = Q(subscription__ends_at__isnull=True) | Q(subscription__ends_at__gt=F("effective_at"))
    rows = SubscriptionChange.objects.filter(
        goes_on,
        within("effective_at", windows),
        Q(cancelled_at__isnull=True) | Q(cancelled_at__gt=F("effective_at")),
        subscription__account=account,
        effective_at__gt=F("recorded_at"),
        sort__in=TOLD_AS_CHANGES,
    )
    for row in rows.order_by().select_related("subscription"):
        cancelled = row.sort == ChangeSort.CANCEL
        yield Ending(
            "change_happened",
            f"change:{row.pk}",
            row.effective_at,
            "The cancellation took effect" if cancelled else f"A planned change took effect: {row.words}",
            "It is winding down: what it still gives ends with it."
            if cancelled
            else f"Subscription {row.subscription.number} is as it was planned from now on.",
        )


def _subscriptions(account: Account, windows: Windows) -> Iterator[Ending]:
    for row in Subscription.objects.filter(
        within("ends_at", windows), account=account, contract__isnull=True
    ).order_by():
        assert row.ends_at is not None  # the filter says so
        if _came_by_itself(row, "ends_at"):
            yield Ending(
                "subscription_ended",
                f"subscription:{row.pk}",
                row.ends_at,
                f"Subscription {row.number} ended",
                "What it gave is no longer available to the customer.",
            )


def _contracts(account: Account, windows: Windows) -> Iterator[Ending]:
    """Amendments that were agreed before and speak from then on, and contracts that ended."""
    versions = ContractVersion.objects.filter(
        within("effective_at", windows), contract__account=account, effective_at__gt=F("signed_at")
    )
    for version in versions.order_by().select_related("contract"):
        assert version.effective_at is not None  # the filter says so
        key, words = f"contract_version:{version.pk}", f"Contract {version}, took effect"
        yield Ending("contract_version", key, version.effective_at, words, "What it changes holds from now on.")
    for row in Contract.objects.filter(within("ends_at", windows), account=account).order_by():
        assert row.ends_at is not None  # the filter says so
        if _came_by_itself(row, "ends_at"):
            words = f"Contract {row.key} ended"
            yield Ending(
                "contract_ended", f"contract:{row.pk}", row.ends_at, words, "What its lines gave ended with it."
            )


def _came_by_itself(row: Any, column: str) -> bool:
    """Whether the instant was set before it came: what an act ends at once, that act has told."""
    instant = getattr(row, column)
    first = row.history.filter(**{column: instant}).order_by("history_date").values_list("history_date", flat=True)
    said_at: datetime | None = first.first()
    return said_at is not None and said_at < instant
