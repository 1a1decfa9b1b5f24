"""What would allow what was refused: the plans and add-ons on sale to the account, and where to buy them.

Working out what an account could buy reads the whole catalog, so that it is kept for a short while: a loop that is
refused a thousand times asks once. What is told is an invitation and no promise; buying looks again.
"""

import threading
from collections import OrderedDict
from datetime import datetime
from decimal import Decimal
from typing import Final
from urllib.parse import quote

from django.conf import settings

from catalog.domain.values import UNLIMITED, Nature, Value
from catalog.models import Feature
from entitlements.api.runtime.answers import OfferAnswer
from entitlements.api.runtime.standing import Question, Standing
from entitlements.domain.usage.operations import Why
from entitlements.models import Account
from entitlements.queries.selling.offers import to_get

KEPT_SECONDS = 30
MOST_KEPT = 2_000
# A subject's own limit and what the customer would spend are set by the customer; buying more changes nothing of it.
NOT_FOR_SALE = frozenset({Why.SUBJECT_REACHED, Why.CAP_REACHED})

Name = tuple[int, str, Value | None]
_kept: "OrderedDict[Name, tuple[float, list[OfferAnswer]]]" = OrderedDict()
_lock: Final = threading.Lock()


def offers_for(standing: Standing, question: Question, *, at: datetime) -> list[OfferAnswer]:
    """The offers that would give the account at least as much as was asked for; from memory where it was just asked."""
    if standing.why in NOT_FOR_SALE and standing.terms.answer.each_of is None:
        return []
    return offers_to(standing.account.id, standing.account.key, question.feature, wanted_of(standing, question), at=at)


def wanted_of(standing: Standing, question: Question) -> Value | None:
    """What would have to be had for it to be allowed; None: any more than now."""
    terms = standing.terms
    match terms.shape.nature:
        case Nature.QUANTITY if terms.counted and standing.outcome is not None:
            taken = standing.outcome.used + standing.outcome.held
            return None if question.quantity is None or terms.limit is UNLIMITED else taken + question.quantity
        case Nature.QUANTITY:
            return None if question.quantity is None else Decimal(question.quantity)
        case Nature.SET:
            return frozenset({question.choice}) if question.choice else None
        case Nature.RANKED:
            return question.choice or None
    return None


def known_offers(account_id: int, feature: str, wanted: Value | None, *, at: datetime) -> list[OfferAnswer] | None:
    """From memory alone; None where it wasn't asked just before."""
    now = at.timestamp()
    with _lock:
        until, known = _kept.get((account_id, feature, wanted), (0.0, []))
    return known if now < until <= now + KEPT_SECONDS else None


def offers_to(account_id: int, key: str, feature: str, wanted: Value | None, *, at: datetime) -> list[OfferAnswer]:
    known = known_offers(account_id, feature, wanted, at=at)
    if known is not None:
        return known
    name, now = (account_id, feature, wanted), at.timestamp()
    found = _read(account_id, key, feature, wanted, at)
    with _lock:
        _kept[name] = now + KEPT_SECONDS, found
        _kept.move_to_end(name)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return found


def forget_offers() -> None:
    """For tests, whose rows are rolled back."""
    with _lock:
        _kept.clear()


def _read(account_id: int, key: str, feature: str, wanted: Value | None, at: datetime) -> list[OfferAnswer]:
    account = Account.objects.select_related("market").get(pk=account_id)
    found = to_get(account=account, feature=Feature.objects.get(key=feature), at=at, wanted=wanted)
    return [
        OfferAnswer(
            plan=offer.version.plan,
            name=offer.version.plan_name,
            kind=offer.version.kind.value,
            prices=list(offer.prices),
            buy_url=buy_url(account=key, plan=offer.version.plan),
        )
        for offer in found.offers
    ]


def buy_url(*, account: str, plan: str) -> str | None:
    """Where the account can buy the plan, by the installation's setting; None where it says nothing."""
    template: str = settings.DESK_BUY_URL  # type: ignore[misc]  # a setting of the desk's own
    if not template:
        return None
    return template.replace("{account}", quote(account, safe="")).replace("{plan}", quote(plan, safe=""))
