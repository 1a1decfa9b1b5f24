"""In which subscription something lent would stand: an item that a code gave, or a part of a loan."""

from collections.abc import Iterable
from datetime import datetime

from entitlements.domain.facts import Phase
from entitlements.domain.lending import Hosting, Running, host_among
from entitlements.models import Account, Subscription
from entitlements.queries.holdings import HeldSubscription, holdings


def host_of(account: Account, *, at: datetime) -> tuple[Hosting, Subscription | None]:
    """The first subscription that gives something; where none does, why, and the first that only waits."""
    hosting, pk = host_in(holdings(account_ids=[account.pk], at=at)[account.pk])
    if pk is None:
        return hosting, None
    return hosting, Subscription.objects.select_related("account__market").get(pk=pk)


def host_in(held: Iterable[HeldSubscription]) -> tuple[Hosting, int | None]:
    """The same for what was read of an account already; the subscription by its id."""
    return host_among(
        [
            Running(
                found.id,
                gives=bool(found.plans or found.after_trial),
                unpaid=found.unpaid,
                paused=found.phase is Phase.PAUSED,
            )
            for found in held
            if found.live
        ]
    )
