"""A customer's covers on the customer's page: what is in force and to come, in sentences, then what was before."""

from datetime import datetime
from typing import Any

from catalog.queries.instants import say_instant
from entitlements.models import Account
from entitlements.queries.accounts import ancestors_of
from support.admin.covers.pages import COLOURS, cover_url
from support.domain.cover_draft import CoverPlace
from support.models import Cover
from support.queries.covers.reading import CoverRead, read_covers
from support.queries.covers.waiting import pending_changes

LATELY = 10
STANDING = (CoverPlace.IN_FORCE, CoverPlace.TO_COME)


def covers_block(account: Account, at: datetime) -> dict[str, Any]:
    """Its own covers, and those of accounts above it that reach child accounts; the same reads for any number."""
    above = ancestors_of(account)
    rows = Cover.objects.filter(account__in=[account, *above]).select_related("account", "contract")
    reads = read_covers(row for row in rows if row.account_id == account.pk or row.children)
    waiting = pending_changes([read.row.pk for read in reads])
    lines = [(read.place(at), _line(read, account, at=at, waits=read.row.pk in waiting)) for read in reads]
    return {
        "standing": [line for place in STANDING for found, line in lines if found is place],
        "before": [line for place, line in lines if place not in STANDING][:LATELY],
        "all": len(lines),
    }


def _line(read: CoverRead, account: Account, *, at: datetime, waits: bool) -> dict[str, Any]:
    place = read.place(at)
    return {
        "name": read.row.name,
        "url": cover_url(read.row),
        "place": (place.words, COLOURS[place]),
        "words": read.words,
        "further": read.further,
        "since": say_instant(read.row.starts_at, zone=read.row.zone),
        "of": "" if read.row.account_id == account.pk else str(read.row.account),
        "waits": waits,
    }
