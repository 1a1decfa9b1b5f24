"""What would allow what was refused: the plans and add-ons on sale to the account, and where to buy them.

Working out what an account could buy reads the whole catalog, so that it is kept for a short while: a loop that is
refused a thousand times asks once. What is told is an invitation and no promise; buying looks again.
"""

import threading
from collections import OrderedDict
from datetime import datetime
from typing import Final
from urllib.parse import quote

from django.conf import settings

from catalog.domain.values import Value
from catalog.models import Feature
from entitlements.api.runtime.answers import OfferAnswer
from entitlements.models import Account
from entitlements.queries.selling.offers import to_get
from entitlements.queries.usage.standing import Question, Standing
from entitlements.queries.usage.wanted import is_for_sale, wanted_of

KEPT_SECONDS = 30
MOST_KEPT = 2_000

Name = tuple[int, str, Value | None]
_kept: "OrderedDict[Name, tuple[float, list[OfferAnswer]]]" = OrderedDict()
_lock: Final = threading.Lock()


def offers_for(standing: Standing, question: Question, *, at: datetime) -> list[OfferAnswer]:
    """The offers that would give the account at least as much as was asked for; from memory where it was just asked."""
    if not is_for_sale(standing):
        return []
    return offers_to(standing.account.id, standing.account.key, question.feature, wanted_of(standing, question), at=at)


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
