"""Licences, and how they behave, in words."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.utils.dateformat import format as spell

from entitlements.domain.licences.policy import BoundTo, Overage
from entitlements.models import LicencePolicy

# What a licence is called by where it stands, and the colour of that; what sleeps wakes up by itself.
PLACES = {
    "ok": ("Good", "green"),
    "over_activation_limit_ok": ("Good", "green"),
    "suspended": ("Suspended", "amber"),
    "revoked": ("Revoked", "red"),
    "expired": ("Expired", "red"),
    "account_suspended": ("Asleep", "amber"),
    "account_closed": ("Asleep", "amber"),
    "subscription_over": ("Asleep", "amber"),
}
VARIANTS = {"green": "success", "amber": "warning", "red": "danger"}
COLOURS = {words: VARIANTS[colour] for words, colour in PLACES.values()}
ONE = {BoundTo.DEVICE: "device", BoundTo.INSTANCE: "running instance", BoundTo.DOMAIN: "domain"}
MANY = {BoundTo.DEVICE: "devices", BoundTo.INSTANCE: "running instances", BoundTo.DOMAIN: "domains"}
BEYOND = {
    Overage.NONE: "the next one is refused",
    Overage.QUARTER: "up to a quarter more is let in, and told so",
    Overage.HALF: "up to half more is let in, and told so",
    Overage.DOUBLE: "up to twice as many are let in, and told so",
    Overage.ALWAYS: "more are let in, and told so",
}
HOUR, DAY = 3600, 86400
UNITS = ((DAY, "day"), (HOUR, "hour"), (60, "minute"), (1, "second"))


def place_words(ruling: Any) -> tuple[str, str]:
    """Where a licence stands in a word, and its colour."""
    known = PLACES.get(str(ruling.code))
    return known or (("Good", "green") if ruling.valid else ("Refused", "red"))


def shown_key(prefix: str) -> str:
    return f"el_{prefix}_…"


def bound_one(policy: LicencePolicy) -> str:
    return ONE[BoundTo(policy.bound_to)]


def counted(policy: LicencePolicy, number: int) -> str:
    """ "1 device", "3 domains"."""
    bound = BoundTo(policy.bound_to)
    return f"{number:,} {ONE[bound] if number == 1 else MANY[bound]}"


def say_day(day: date) -> str:
    return spell(day, "j F Y")


def say_seconds(seconds: int) -> str:
    """ "2 hours", "90 minutes": in the largest unit that says it exactly."""
    for length, noun in UNITS:
        if seconds % length == 0:
            return plural(seconds // length, noun)
    raise AssertionError("every number of seconds is some seconds")


def plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def say_limit(policy: LicencePolicy) -> str:
    """How many places there are, as the policy says it."""
    if policy.activation_feature is not None:
        return f"as many {MANY[BoundTo(policy.bound_to)]} as the account has {policy.activation_feature}"
    if policy.activation_limit is None:
        return f"any number of {MANY[BoundTo(policy.bound_to)]}"
    return counted(policy, policy.activation_limit)


def sentences(policy: LicencePolicy) -> Iterator[str]:
    """How licences under the policy behave, a sentence for each rule."""
    yield (
        f"A purchase of {policy.plan} issues one and sends its key to the customer."
        if policy.plan is not None
        else "They are issued by hand."
    )
    bounded = policy.activation_limit is not None or policy.activation_feature is not None
    beyond = f"; beyond that, {BEYOND[Overage(policy.overage)]}" if bounded else ""
    yield f"One may be active on {say_limit(policy)}{beyond}."
    if policy.heartbeat_seconds is not None:
        yield f"What wasn’t heard of for {say_seconds(policy.heartbeat_seconds)} gives its place free."
    else:
        yield "No sign of life is asked for: a place is free once it is released."
    yield (
        "There are no files to run by: the software has to ask."
        if policy.offline_days is None
        else f"A signed file lets the software run for {plural(policy.offline_days, 'day')} without asking."
    )
    yield (
        "One may be validated as often as it is asked."
        if policy.validations_a_month is None
        else f"One may be validated {plural(policy.validations_a_month, 'time')} in a calendar month (UTC)."
    )
    yield (
        "Every version of the software is covered."
        if policy.maintenance_months is None
        else f"Versions that come out in the first {plural(policy.maintenance_months, 'month')} are covered."
    )


def ago(delta: timedelta) -> str:
    """ "3 days ago", "just now"."""
    seconds = int(delta.total_seconds())
    for length, noun in UNITS[:-1]:
        if seconds >= length:
            return f"{plural(seconds // length, noun)} ago"
    return "just now"
