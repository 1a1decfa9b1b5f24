"""How many customers are in each market: whom a launch or a withdrawal is about."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Count, OuterRef, Q, Subquery

from entitlements.domain.facts import Standing
from entitlements.models import AccountStanding
from entitlements.queries.accounts import revenue_accounts


def accounts_by_market(*, at: datetime) -> Mapping[int | None, int]:
    """By market, None for those without one: its accounts that aren't closed; markets without any are left out.

    Internal accounts are no customers of a market, so they don't count.
    """
    begun = AccountStanding.objects.filter(account=OuterRef("pk"), starts_at__lte=at).order_by("-starts_at", "-pk")
    accounts = revenue_accounts().annotate(last=Subquery(begun.values("standing")[:1]))
    here = accounts.filter(Q(last=None) | ~Q(last=Standing.CLOSED))
    return dict(here.order_by().values_list("market").annotate(Count("pk")))
