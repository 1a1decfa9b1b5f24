"""Which ends are announced when, and to whom: what the sweep tells, and what finance sees before it goes out."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from operator import attrgetter

from django.db.models import Q, prefetch_related_objects

from catalog.domain.window import Window
from entitlements.domain.announcing import announced_at, ends_announced_in, nearest, zones_at_morning
from entitlements.domain.facts import Standing
from entitlements.models import Account, Reminder
from entitlements.models.reminder import EndOf
from entitlements.queries.clock.ahead import EndAhead, ends_of
from entitlements.queries.holdings import standings

Stretches = Collection[Window]


class Audience(StrEnum):
    CUSTOMER = "customer"
    OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Reminders:
    """How many days before the end of each sort each audience is told."""

    days: Mapping[tuple[EndOf, Audience], frozenset[int]]

    def of(self, sort: EndOf) -> frozenset[int]:
        return self.days[sort, Audience.CUSTOMER] | self.days[sort, Audience.OWNER]


@dataclass(frozen=True, slots=True)
class Announcement:
    """One end told to one audience, so many days ahead."""

    end: EndAhead
    days: int
    audience: Audience
    at: datetime

    @property
    def key(self) -> str:
        return f"ahead:{self.end.key}:{self.end.at.isoformat()}:{self.days}:{self.audience}"


@dataclass(frozen=True, slots=True)
class Recipient:
    email: str
    name: str
    key: str


def recipients_of(announcement: Announcement) -> Iterator[Recipient]:
    return people_of(announcement.end.account, announcement.audience)


def people_of(account: Account, audience: Audience) -> Iterator[Recipient]:
    """The owner, or the contacts who want the notices meant for the customer."""
    if audience is Audience.CUSTOMER:
        for contact in account.contacts.all():
            if contact.told and contact.email:
                yield Recipient(contact.email, contact.name, f"contact:{contact.pk}")
    elif account.owner is not None and account.owner.email and account.owner.is_active:
        yield Recipient(account.owner.email, account.owner.name(), f"owner:{account.owner.pk}")


def reminders_set() -> Reminders:
    found: dict[tuple[EndOf, Audience], set[int]] = defaultdict(set)
    for row in Reminder.objects.all():
        for audience, told in ((Audience.CUSTOMER, row.tells_customer), (Audience.OWNER, row.tells_owner)):
            if told:
                found[EndOf(row.end_of), audience].add(row.days_before)
    return Reminders({(sort, who): frozenset(found[sort, who]) for sort in EndOf for who in Audience})


def announced_to(stretches: Stretches, *, reminders: Reminders) -> set[int]:
    """The accounts for which something may be announced in the stretches; most often nobody, without a read."""
    zones = zones_at_morning(stretches)
    if zones is not None and not zones:
        return set()
    accounts = Q() if zones is None else Q(account__zone__in=zones)
    items = Q() if zones is None else Q(subscription__account__zone__in=zones)
    return {end.account.pk for end in _ends(stretches, reminders, accounts=accounts, items=items)}


def due(account: Account, stretches: Stretches, *, reminders: Reminders, at: datetime) -> list[Announcement]:
    """What is to be told of the account's ends: of each the nearest announcement, and nothing of one that is over."""
    own = {"accounts": Q(account=account), "items": Q(subscription__account=account)}
    found = [
        announcement
        for end in _ends(stretches, reminders, **own)
        for announcement in _due_of(end, reminders, at=at)
        if any(stretch.contains(announcement.at) for stretch in stretches)
    ]
    return found if found and not _closed([account.pk], at=at) else []


def coming(*, at: datetime, within: timedelta, most: int) -> list[Announcement]:
    """What would go out in the days ahead as things stand, the soonest first."""
    ahead = Window(at, at + within)
    reminders = reminders_set()
    found = [
        announcement
        for end in _ends((ahead,), reminders, accounts=Q(), items=Q())
        for announcement in _all_of(end, reminders)
        if ahead.contains(announcement.at)
    ]
    closed = _closed({announcement.end.account.pk for announcement in found}, at=at)
    told = [announcement for announcement in found if announcement.end.account.pk not in closed]
    first = sorted(told, key=attrgetter("at", "end.key", "key"))[:most]
    prefetch_related_objects([announcement.end.account for announcement in first], "contacts")
    return first


def _ends(stretches: Stretches, reminders: Reminders, *, accounts: Q, items: Q) -> Iterator[EndAhead]:
    for sort in EndOf:
        windows = [ends_announced_in(stretch, days=days) for stretch in stretches for days in reminders.of(sort)]
        if windows:
            yield from ends_of((sort,), windows, accounts=accounts, items=items)


def _due_of(end: EndAhead, reminders: Reminders, *, at: datetime) -> Iterator[Announcement]:
    if end.at <= at:
        return
    for announcement in _all_of(end, reminders):
        days = reminders.days[end.sort, announcement.audience]
        if announcement.days == nearest(days, end=end.at, zone=end.account.zone, at=at):
            yield announcement


def _all_of(end: EndAhead, reminders: Reminders) -> Iterator[Announcement]:
    """Every announcement of an end; none falls before the thing began."""
    for audience in Audience:
        for days in sorted(reminders.days[end.sort, audience]):
            instant = announced_at(end.at, days=days, zone=end.account.zone)
            if instant >= end.since:
                yield Announcement(end, days, audience, instant)


def _closed(account_ids: Iterable[int], *, at: datetime) -> set[int]:
    """Nobody writes to a customer whose account is closed."""
    return {pk for pk, how in standings(account_ids=list(account_ids), at=at).items() if how is Standing.CLOSED}
