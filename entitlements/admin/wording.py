"""Moments, phases and modes in the words of the people who read these screens."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from catalog.domain.values import Nature
from catalog.queries.instants import say_instant
from entitlements.domain import explain
from entitlements.domain.after_trial import AfterTrial
from entitlements.domain.facts import Mode, Phase, Standing
from entitlements.domain.timing import Proration, Timing
from entitlements.queries.holdings import HeldSubscription
from journal.domain.instants import said_in

DAY = timedelta(days=1)
STANDING_WORDS = {Standing.OPEN: "Open", Standing.SUSPENDED: "Suspended", Standing.CLOSED: "Closed"}
PHASE_WORDS = {
    Phase.ACTIVE: "active",
    Phase.TRIAL: "trial",
    Phase.GRACE: "in grace",
    Phase.PAUSED: "paused",
    Phase.WINDING_DOWN: "winding down",
}
NOTED_WORDS = {
    "ends_at": "End",
    "subscription_ends_at": "End of the subscription",
    "again": "Tried again",
    "timing": "When",
    "proration": "Settled by billing",
    "as_of": "From",
    "until": "Until",
    "held_until": "Held until",
    "period": "Period",
    "starts_at": "Start",
    "plan": "Plan",
    "item": "Item",
    "name": "Name",
    "email": "E-mail",
    "zone": "Time zone",
    "country": "Country",
    "market": "Market",
    "owner": "Owner",
    "parent": "Belongs to",
    "kind": "Kind of account",
    "sales_channel": "Sales channel",
    "reseller": "Sold by",
    "told": "Gets notices",
    "max_days": "Longest, in days",
    "max_percent": "Most, in percent",
    "max_times": "How often",
    "from": "From",
    "through": "Through",
    "moments": "Moments",
    "upto": "Up to act",
    "checksum": "Sum",
}
_SAID: dict[str, type[Timing] | type[Proration]] = {"timing": Timing, "proration": Proration}
MODE_WORDS = {
    Nature.GATE: {Mode.REPLACE: "Give it", Mode.DENY: "Deny it"},
    Nature.QUANTITY: {
        Mode.ADD: "Add this much to what they have",
        Mode.REPLACE: "Set it to exactly this much",
        Mode.AT_LEAST: "Make it at least this much",
        Mode.AT_MOST: "Make it at most this much",
        Mode.DENY: "Deny it",
    },
    Nature.RANKED: {
        Mode.REPLACE: "Set it to exactly this",
        Mode.AT_LEAST: "Make it at least this",
        Mode.AT_MOST: "Make it at most this",
        Mode.DENY: "Deny it",
    },
    Nature.SET: {Mode.ADD: "Add these", Mode.REPLACE: "Set it to exactly these", Mode.DENY: "Deny it"},
    Nature.TEXT: {Mode.REPLACE: "Set it to this", Mode.DENY: "Deny it"},
}


def zone_name(zone: str) -> str:
    """ "Europe/Amsterdam" → "Amsterdam"."""
    return zone.rpartition("/")[2].replace("_", " ")


def say_weekday(instant: datetime, *, zone: str) -> str:
    """ "Monday 2 March 10:00", as a clock on the customer's wall shows it."""
    local = instant.astimezone(ZoneInfo(zone))
    return f"{local:%A} {local.day} {local:%B %H:%M}"


def say_end(instant: datetime, *, zone: str) -> str:
    """ "through 12 March 2026 (Amsterdam)" where it ends with a day, else "until 12 Mar 2026 14:05 (Amsterdam)"."""
    return f"{explain.say_end(instant, zone=zone)} ({zone_name(zone)})"


def say_left(end: datetime, *, at: datetime) -> str:
    """ "6 days left"; the last day is counted down in hours, the last hour in minutes."""
    left = end - at
    for length, noun in ((DAY, "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute")):
        if left >= length or noun == "minute":
            number = max(-(-left // length), 1)
            return f"{number} {noun}{'' if number == 1 else 's'} left"
    raise AssertionError("a minute is the last resort")


def say_start(held: HeldSubscription, *, zone: str) -> str:
    return say_instant(held.window.start, zone=zone) if held.window.start else ""


def say_after_trial(held: HeldSubscription, after: AfterTrial | None = None, *, zone: str = "UTC") -> str:
    """What follows if nobody converts it; with `after`, feature by feature."""
    if held.with_card:
        return "Then it becomes a sale by itself (card on file)."
    features = after.say_features(zone=zone) if after else ""
    if held.after_trial:
        return f"If nobody converts it, the customer falls back to {held.after_trial}. {features}".strip()
    if after and (after.kept or after.if_used):
        return f"If nobody converts it, no plan follows. {features}"
    return f"If nobody converts it, the subscription gives nothing from then on. {features}".strip()


def say_noted(name: str, value: Any, *, zone: str) -> str:
    """What an act wrote down, with instants in the customer's zone."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, list):
        return ", ".join(say_noted(name, one, zone=zone) for one in value) or "nothing"
    if name in _SAID and value in set(_SAID[name]):
        return _SAID[name](value).words
    return said_in(str(value), lambda instant: say_instant(instant, zone=zone))
