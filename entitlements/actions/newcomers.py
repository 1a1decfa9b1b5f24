"""What an account is opened with for a customer whom another system knows and the desk doesn't yet."""

import re

from django.utils.text import slugify

from catalog.domain.countries import NoCountry, country_code
from catalog.models import Market
from entitlements.models import Account
from entitlements.queries.accounts import starts_with

LONGEST_KEY = 56  # and a number behind it, where several want the same
UNFIT = re.compile(r"[^a-z0-9_.-]+")


def free_key(name: str, *, id: str) -> str:
    """A key that nobody has, by the name, else by the id there."""
    wanted = slugify(name) or UNFIT.sub("-", id.lower())
    wanted = wanted[:LONGEST_KEY].strip("-_.") or "customer"
    taken = set(Account.objects.filter(starts_with("key", wanted)).values_list("key", flat=True))
    if wanted not in taken:
        return wanted
    return next(key for number in range(2, len(taken) + 3) if (key := f"{wanted}-{number}") not in taken)


def country_said(text: str) -> str:
    """The country's code; empty where what stands there names none."""
    try:
        return country_code(text)
    except NoCountry:
        return ""


def only_market(country: str) -> Market | None:
    """The only market its country belongs to."""
    found = [market for market in Market.objects.all() if country in market.countries] if country else []
    return found[0] if len(found) == 1 else None
