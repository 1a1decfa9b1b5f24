"""What time has brought a customer since the last sweep is told before an act tells what it changes.

An act tells at once, the sweep some seconds later. Where an end came by itself between two sweeps, and an act gives the
same thing back, whoever listens would hear "not included → 10 seats" of a customer who, as far as they were told, has
10; and afterwards, for good, that there are none. So whoever acts on a customer first walks what time brought, as the
next sweep would: each of it has a key of its own, so that the sweep then passes over what was told here.
"""

import logging
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from catalog.domain.window import MOMENT, Window
from entitlements.actions.walk import walk
from entitlements.domain.boundaries import boundaries
from entitlements.domain.facts import Facts
from entitlements.domain.resolution import Resolution
from entitlements.domain.resolve import resolve
from entitlements.models import Account, SweepMark
from entitlements.queries.clock.touched import acts_above
from entitlements.queries.entitlements import facts_of
from entitlements.snapshots import CatalogSnapshot, Reader, snapshot_catalog

LOGGER = logging.getLogger("entitlements.sweep")


def answers_before(
    *, account: Account, at: datetime, catalog: CatalogSnapshot | None = None, facts: Facts | None = None
) -> Mapping[str, Resolution]:
    """What the customer has as an act begins, all that time led there by now told; before the act writes anything.

    Whoever holds the account and has read its facts, or the catalog, gives them.
    """
    facts = facts or facts_of(account=account, catalog=catalog)
    _tell_what_came(account, facts, at=at)
    return resolve(facts, at=at)


def _tell_what_came(account: Account, facts: Facts, *, at: datetime) -> None:
    """An account that can't be walked holds no act up: the sweep writes that down, and tries it again."""
    swept_to = SweepMark.objects.filter(pk=1, swept_to__lt=at).values_list("swept_to", flat=True).first()
    if swept_to is None:
        return
    since = Window(swept_to + MOMENT, at + MOMENT)
    if not _came(account, facts, since):
        return
    try:
        with transaction.atomic():
            walk(account, (since,), catalog=snapshot_catalog(Reader()), reminders=None, at=at)
    except Exception as error:
        LOGGER.error("What time brought %s couldn't be told before an act", account.key, exc_info=error)


def _came(account: Account, facts: Facts, since: Window) -> bool:
    if any(since.contains(instant) for instant in boundaries(facts)):
        return True
    return account.parent_id is not None and bool(acts_above(account, (since,)))
