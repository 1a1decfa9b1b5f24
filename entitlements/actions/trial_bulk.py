"""Extending many trials alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from entitlements.actions.trials import PERMISSION, end_of, extend
from entitlements.models import Subscription, SubscriptionPhase
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal

MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one trial: its new end, nothing yet because somebody else decides, or why it was refused."""

    subscription: Subscription
    old_end: datetime
    new_end: datetime | None = None
    refused: str = ""

    @property
    def waits(self) -> bool:
        return self.new_end is None and not self.refused


def extend_each(
    *,
    seen: Mapping[int, datetime],
    reason: str,
    by: Actor,
    at: datetime,
    days: int | None = None,
    until: date | None = None,
) -> tuple[Outcome, ...]:
    """Extended many trials, each in a transaction of its own: what is refused for one leaves the others extended.

    `seen` are the subscriptions with the ends of their trials as the form showed them.
    """
    by.require(PERMISSION)
    if not seen:
        raise Refusal("None of these customers has a trial that is still running.")
    if len(seen) > MOST_AT_ONCE:
        raise Refusal(f"At most {MOST_AT_ONCE} trials are extended at once. Narrow the list down and go on from there.")
    rows = Subscription.objects.select_related("account").in_bulk(list(seen))
    order = sorted((pk for pk in seen if pk in rows), key=lambda pk: (rows[pk].account.name, rows[pk].number))
    return tuple(
        _extend_one(rows[pk], seen_end=seen[pk], days=days, until=until, reason=reason, by=by, at=at) for pk in order
    )


def _extend_one(
    subscription: Subscription,
    *,
    seen_end: datetime,
    days: int | None,
    until: date | None,
    reason: str,
    by: Actor,
    at: datetime,
) -> Outcome:
    try:
        made = extend(subscription=subscription, days=days, until=until, seen_end=seen_end, reason=reason, by=by, at=at)
    except Refusal as refusal:
        return Outcome(subscription, seen_end, refused=refusal.message)
    return Outcome(subscription, seen_end, new_end=end_of(made) if isinstance(made, SubscriptionPhase) else None)
