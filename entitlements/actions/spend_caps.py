"""Spend caps: the most a customer will pay for overage in a billing period, in all or for one feature."""

import re
from datetime import datetime

from django.db import transaction

from catalog.domain.prices import MICROS
from catalog.domain.words import say_money
from catalog.models import Feature
from entitlements.actions.locking import lock_account
from entitlements.models import Account, SpendCap
from journal.actions.deeds import begin, keep, record, remove
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NotFound, Stale

PERMISSION = "entitlements.set_spend_cap"
SCOPE = "spend_caps:write"
HIGHEST = 1_000_000_000 * MICROS


@transaction.atomic
def set_cap(
    *,
    account: Account,
    feature: Feature | None,
    amount_micros: int,
    currency: str,
    by: Actor,
    at: datetime,
    reason: str = "",
    seen: str | None = None,
) -> SpendCap:
    """Set the most a customer will pay for overage in a billing period, in all or for one feature.

    `seen` is the cap in words as the form showed it, empty for none.
    """
    _require(by)
    lock_account(account.pk)
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise Invalid("A currency is three capital letters, such as USD.", field="currency")
    if not 0 <= amount_micros <= HIGHEST:
        raise Invalid("Write an amount from 0 to a thousand million.", field="amount")
    cap = cap_of(account, feature)
    before = _seen(cap, seen)
    cap = cap or SpendCap(account=account, feature=feature)
    cap.amount_micros, cap.currency = amount_micros, currency
    if before == say_cap(cap):
        return cap
    deed = begin(by=by, at=at)
    keep(cap, deed=deed)
    changes = {_what(feature): [before or None, say_cap(cap)]}
    record(deed, "spend_cap:set", subject=cap, account_key=account.key, reason=reason, changes=changes)
    return cap


@transaction.atomic
def lift_cap(
    *,
    account: Account,
    feature: Feature | None,
    by: Actor,
    at: datetime,
    reason: str = "",
    seen: str | None = None,
) -> None:
    """Lifted a customer's spend cap: overage may cost what it comes to."""
    _require(by)
    lock_account(account.pk)
    cap = cap_of(account, feature)
    before = _seen(cap, seen)
    if cap is None:
        raise NotFound(f"{account} has no spend cap {'for ' + str(feature) if feature else 'on everything'}.")
    deed = begin(by=by, at=at)
    changes = {_what(feature): [before, None]}
    record(deed, "spend_cap:lift", subject=cap, account_key=account.key, reason=reason, changes=changes)
    remove(cap, deed=deed)


def cap_of(account: Account, feature: Feature | None) -> SpendCap | None:
    return SpendCap.objects.filter(account=account, feature=feature).first()


def say_cap(cap: SpendCap | None) -> str:
    """ "$100"; empty where there is none."""
    return "" if cap is None else say_money(cap.amount_micros, cap.currency)


def _seen(cap: SpendCap | None, seen: str | None) -> str:
    said = say_cap(cap)
    if seen is not None and seen != said:
        raise Stale(f"Since you opened this form, the cap has become {said or 'none'}. Look again.")
    return said


def _require(by: Actor) -> None:
    """Staff by their role, a program by its scope."""
    if not by.may(SCOPE):
        by.require(PERMISSION)


def _what(feature: Feature | None) -> str:
    return f"Spend cap for {feature}" if feature else "Spend cap in all"
