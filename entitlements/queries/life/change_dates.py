"""When a change of a subscription takes effect: another plan, or leaving. Nothing is written."""

from dataclasses import dataclass
from datetime import datetime

from catalog.domain.window import add_days
from entitlements.domain.facts import Phase
from entitlements.domain.lifecycle import State
from entitlements.domain.timing import Timing
from entitlements.models import Subscription
from entitlements.queries.life.held_plans import plan_items, say_item, wind_down_days_of
from entitlements.queries.life.planned import ChangeToCome, pending
from entitlements.queries.life.renewals import next_renewal
from entitlements.queries.life.state import state_of
from journal.domain.refusal import Invalid

LONGEST_WIND_DOWN = 365


@dataclass(frozen=True, slots=True)
class Leaving:
    """As of when a subscription is left, and until when access goes on."""

    timing: Timing
    effective_at: datetime
    ends_at: datetime
    words: str


def effective_at(subscription: Subscription, *, timing: Timing, at: datetime, on: datetime | None = None) -> datetime:
    """When a change of the subscription would take effect."""
    match timing:
        case Timing.NOW:
            return max(at, subscription.starts_at)
        case Timing.AT_RENEWAL:
            return _renewal(subscription, at=at)
        case Timing.ON_DATE:
            return _on_date(subscription, on, at=at)


def _renewal(subscription: Subscription, *, at: datetime) -> datetime:
    items = plan_items(subscription, at=at) or list(subscription.items.select_related("plan").order_by("starts_at"))
    if not items:
        raise Invalid("It holds nothing that could renew. Choose a date instead.", field="timing")
    renewal = next_renewal(items[0], at=at)
    if subscription.ends_at is not None and subscription.ends_at <= renewal:
        raise Invalid("It ends before it would renew. Choose a date before its end, or now.", field="timing")
    return renewal


def _on_date(subscription: Subscription, on: datetime | None, *, at: datetime) -> datetime:
    if on is None:
        raise Invalid("Say from which day on.", field="on")
    if on <= at:
        raise Invalid("This day has begun already. Choose a later one, or now.", field="on")
    if on <= subscription.starts_at:
        raise Invalid("It has not begun by then. Change it now, before it begins.", field="on")
    if subscription.ends_at is not None and subscription.ends_at <= on:
        raise Invalid("It has ended by then. Choose a day before its end.", field="on")
    return on


def leaving(
    subscription: Subscription,
    *,
    timing: Timing,
    at: datetime,
    on: datetime | None = None,
    keep_days: int | None = None,
) -> Leaving:
    """What cancelling would write, refused for the same reasons. A trial renews nothing: it is left at its end."""
    trial_end = running_trial_end(subscription, at=at)
    if timing is Timing.AT_RENEWAL and trial_end is not None:
        when, timing = trial_end, Timing.ON_DATE
    else:
        when = effective_at(subscription, timing=timing, at=at, on=on)
    if subscription.ends_at is not None and subscription.ends_at <= when:
        raise Invalid("It ends by itself by then, so there is nothing to cancel.", field="timing")
    days = usual_keep_days(subscription, at=at) if keep_days is None else keep_days
    if not 0 <= days <= LONGEST_WIND_DOWN:
        raise Invalid(f"Access goes on for 0 to {LONGEST_WIND_DOWN} days.", field="keep_days")
    left = leaving_as_of(subscription, when, timing=timing, days=days)
    refuse_begun_while_leaving(subscription, since=when, until=left.ends_at, at=at)
    return left


def leaving_as_of(subscription: Subscription, when: datetime, *, timing: Timing, days: int) -> Leaving:
    """Leaving as of the instant, with so many calendar days of access after it."""
    end = add_days(when, days, subscription.account.zone) if days else when
    held = " and ".join(say_item(item) for item in plan_items(subscription, at=when)) or f"{subscription}"
    afterwards = f", access for {days} {'day' if days == 1 else 'days'} more" if days else ""
    return Leaving(timing, when, end, f"{held} is cancelled{afterwards}")


def usual_keep_days(subscription: Subscription, *, at: datetime) -> int:
    """How long access goes on after leaving where nobody says otherwise; who never was a customer has none."""
    if state_of(subscription, at=at) in {State.TO_COME, State.TRIAL}:
        return 0
    return wind_down_days_of(subscription, at=at)


def running_trial_end(subscription: Subscription, *, at: datetime) -> datetime | None:
    """When the trial it is in ends, whether or not it lapses then; None where it is in none."""
    if state_of(subscription, at=at) is not State.TRIAL:
        return None
    return subscription.phases.get(phase=Phase.TRIAL).ends_at


def refuse_begun_while_leaving(subscription: Subscription, *, since: datetime, until: datetime, at: datetime) -> None:
    """Access after leaving is a courtesy: what was agreed to begin in it would be given away."""
    begins = pending(subscription, at=at).filter(item__isnull=False, effective_at__gte=since, effective_at__lt=until)
    if (change := begins.first()) is not None:
        raise ChangeToCome(f"{change.words} would begin while access only goes on. Call it off first.")
