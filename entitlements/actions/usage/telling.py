"""Telling people how far use has come: the customer's contacts, and whoever looks after the account.

A threshold that was reached is a row until it is told (`thresholds.py`). Of several of one counter reached before
anybody was told, each audience hears the highest of its own, once. A subject's own limit is the customer's business:
only the customer hears of it. Nobody is told of a period that is over, or of an account that is closed or merged.
"""

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from catalog.domain.rules import Told
from catalog.domain.window import Window
from catalog.models import Feature
from entitlements.actions.webhooks import tell_threshold
from entitlements.domain.facts import Standing
from entitlements.domain.usage.terms import UseTerms
from entitlements.models import Account, SubjectLimit, ThresholdCrossing, UsageCounter
from entitlements.queries.clock.announcements import Audience, people_of
from entitlements.queries.holdings import standings
from entitlements.queries.usage.terms import terms_of
from entitlements.queries.usage.words import price_beyond, say_again, say_at_the_limit, say_used, to_buy
from journal.actions.notices import tell

KIND = "usage"
BATCH = 200
HEARS = {Audience.CUSTOMER: Told.CUSTOMER, Audience.OWNER: Told.SALES}
LOGGER = logging.getLogger("entitlements.usage")


@dataclass(frozen=True, slots=True)
class Word:
    """What is told about one feature of an account: the same facts for everybody, in a headline of its own."""

    account: Account
    feature: Feature
    terms: UseTerms
    period: Window
    used: Decimal
    limit: Decimal
    headline: str  # without the account's name and a full stop
    key: str
    sentences: tuple[str, ...] = ()


def tell_of_use(word: Word, *, audiences: Collection[Audience], at: datetime) -> int:
    """Told the customer, the owner, or both; how many were told for the first time."""
    recipients = [(audience, one) for audience in audiences for one in people_of(word.account, audience)]
    if not recipients:
        return 0
    said = _said(word, at=at)
    told = 0
    for audience, one in recipients:
        subject = word.headline if audience is Audience.CUSTOMER else f"{word.account.name}: {word.headline}"
        extra = _for_owner(word, audiences) if audience is Audience.OWNER else {}
        notice = tell(
            recipient=one.email,
            subject=subject,
            body=render_to_string(f"emails/usage_to_{audience}.txt", {**said, **extra, "recipient": one}),
            account_key=word.account.key,
            once_key=f"{word.key}:{one.key}",
            kind=KIND,
            at=at,
        )
        told += notice is not None
    return told


def _said(word: Word, *, at: datetime) -> dict[str, Any]:
    account, terms, zone = word.account, word.terms, word.account.zone
    stops = say_at_the_limit(terms, word.period, zone=zone, price=price_beyond(terms))
    owner = account.owner if account.owner and account.owner.is_active else None
    return {
        "headline": f"{word.headline}.",
        "account": account,
        "feature": word.feature,
        "used": say_used(word.used, terms, limit=word.limit),
        "sentences": [
            *word.sentences,
            stops,
            *([] if "starts again" in stops else [say_again(word.period, zone=zone)]),
        ],
        "offers": to_buy(account, word.feature, at=at),
        "owner": owner,
    }


def _for_owner(word: Word, audiences: Collection[Audience]) -> dict[str, str]:
    heard = Audience.CUSTOMER in audiences and any(people_of(word.account, Audience.CUSTOMER))
    page = reverse("admin:desk_account_usage", args=[word.account.key])
    return {
        "told": "The customer has been told as well." if heard else "The customer has not been told.",
        "address": f"{settings.DESK_URL}{page}",
    }


def reachable(account: Account, *, at: datetime) -> bool:
    """Whether anybody is told of its use any more."""
    gone = account.merged_into_id is not None
    return not gone and standings(account_ids=[account.pk], at=at)[account.pk] is not Standing.CLOSED


def tell_crossings(*, at: datetime, enough: Callable[[], bool] = lambda: False) -> int:
    """Told of the thresholds that were reached since the last time; how many people were."""
    told = 0
    for group in _due():
        try:
            told += _tell(group, at=at)
        except Exception:
            LOGGER.exception("The thresholds %s couldn't be told", [row.pk for row in group])
        if enough():
            break
    return told


def _due() -> Iterator[list[ThresholdCrossing]]:
    """What is due, the oldest first; what one counter reached stands together."""
    rows = ThresholdCrossing.objects.filter(told_at__isnull=True).order_by("crossed_at", "pk")[:BATCH]
    groups: dict[tuple[Any, ...], list[ThresholdCrossing]] = {}
    for row in rows:
        counter = (row.account_id, row.feature_id, row.subject, row.starts_at, row.since, row.limit_amount)
        groups.setdefault(counter, []).append(row)
    yield from groups.values()


@transaction.atomic
def _tell(group: Sequence[ThresholdCrossing], *, at: datetime) -> int:
    due = ThresholdCrossing.objects.select_for_update(of=("self",)).filter(told_at__isnull=True)
    rows = list(due.filter(pk__in=[row.pk for row in group]).select_related("account__owner", "feature"))
    ThresholdCrossing.objects.filter(pk__in=[row.pk for row in rows]).update(told_at=at)
    if not rows or not reachable(rows[0].account, at=at):
        return 0
    terms = terms_of(rows[0].account_id, at=at)[rows[0].feature.key]
    period = _period(rows[0], terms)
    if period.end is not None and period.end <= at:
        return 0
    heard: dict[int, list[Audience]] = {}
    for audience in _audiences(rows[0]):
        if (row := _highest(rows, audience)) is not None:
            heard.setdefault(row.pk, []).append(audience)
    said = {row.pk: row for row in rows}
    for pk in heard:
        tell_threshold(said[pk], period, at=at)
    return sum(
        tell_of_use(_word(said[pk], terms, period), audiences=audiences, at=at) for pk, audiences in heard.items()
    )


def _period(row: ThresholdCrossing, terms: UseTerms) -> Window:
    """The counter's own, for what came late may have landed in an earlier one, and a budget for a task has its own."""
    counters = UsageCounter.objects.filter(
        account=row.account_id, feature=row.feature_id, subject=row.subject, choice="", starts_at=row.starts_at
    )
    found = counters.values_list("starts_at", "ends_at").first()
    return terms.period(row.starts_at) if found is None else Window(*found)


def _audiences(row: ThresholdCrossing) -> tuple[Audience, ...]:
    """Of a subject only the customer hears, and only where somebody has set it a limit of its own."""
    if not row.subject:
        return tuple(Audience)
    own = SubjectLimit.objects.filter(account=row.account_id, feature=row.feature_id, subject=row.subject)
    return (Audience.CUSTOMER,) if own.exists() else ()


def _highest(rows: Sequence[ThresholdCrossing], audience: Audience) -> ThresholdCrossing | None:
    heard = [row for row in rows if Told(row.told) in {HEARS[audience], Told.BOTH}]
    return max(heard, key=lambda row: row.percent, default=None)


def _word(row: ThresholdCrossing, terms: UseTerms, period: Window) -> Word:
    of = f"{row.feature.name} for {row.subject}" if row.subject else row.feature.name
    headline = f"The limit of {of} is reached" if row.percent == 100 else f"{row.percent} % of {of} is used"
    return Word(
        account=row.account,
        feature=row.feature,
        terms=terms,
        period=period,
        used=Decimal(row.used),
        limit=Decimal(row.limit_amount),
        headline=headline,
        key=f"threshold:{row.pk}",
    )
