"""Which ends are announced when, and to whom: what the sweep tells, and what finance sees before it goes out."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from operator import attrgetter

from django.db.models import prefetch_related_objects

from catalog.domain.window import Window
from entitlements.domain.announcing import announced_at, ends_announced_in, nearest, zones_at_morning
from entitlements.domain.facts import Standing
from entitlements.domain.renewing import BY_TERMS, RenewalState
from entitlements.ending_sources import Wanted
from entitlements.models import Account, Contract, Reminder, Renewal
from entitlements.models.reminder import EndOf
from entitlements.queries.clock.ahead import EndAhead, ends_of
from entitlements.queries.holdings import standings

Stretches = Collection[Window]


class Audience(StrEnum):
    CUSTOMER = "customer"
    OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Reminders:
    """How many days before the end of each sort each audience is told; `own` are the days of single contracts."""

    days: Mapping[tuple[EndOf, Audience], frozenset[int]]
    own: frozenset[int] = frozenset()

    def of(self, sort: EndOf) -> frozenset[int]:
        own = self.own if sort is EndOf.CONTRACT else frozenset()
        return self.days[sort, Audience.CUSTOMER] | self.days[sort, Audience.OWNER] | own

    def for_end(self, end: EndAhead, audience: Audience) -> frozenset[int]:
        """What has days of its own goes by them, for whom the table tells of such ends; else for the owner."""
        usual = self.days[end.sort, audience]
        if not end.days:
            return usual
        nobody = audience is Audience.OWNER and not any(self.days[end.sort, who] for who in Audience)
        return end.days if usual or nobody else frozenset()


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
    apart = Contract.objects.exclude(announced_days=[]).values_list("announced_days", flat=True)
    own = frozenset(day for days in apart for day in days)
    return Reminders({(sort, who): frozenset(found[sort, who]) for sort in EndOf for who in Audience}, own)


def announced_to(stretches: Stretches, *, reminders: Reminders) -> set[int]:
    """The accounts for which something may be announced in the stretches; most often nobody, without a read."""
    zones = zones_at_morning(stretches)
    if zones is not None and not zones:
        return set()
    return {end.account.pk for end in _ends(stretches, reminders, Wanted(zones=zones))}


def due(account: Account, stretches: Stretches, *, reminders: Reminders, at: datetime) -> list[Announcement]:
    """What is to be told of the account's ends: of each the nearest announcement, and nothing of one that is over."""
    found = [
        announcement
        for end in _open(_ends(stretches, reminders, Wanted(accounts=(account.pk,))))
        for announcement in _due_of(end, reminders, at=at)
        if any(stretch.contains(announcement.at) for stretch in stretches)
    ]
    return found if found and not _closed([account.pk], at=at) else []


def overdue(end: EndAhead, *, reminders: Reminders, at: datetime) -> list[Announcement]:
    """Of an end that came nearer, the announcements whose hour has passed already: the nearest for each audience."""
    other = replace(end, since=datetime.min.replace(tzinfo=UTC))  # known before, with another end
    return [found for left in _open([other]) for found in _due_of(left, reminders, at=at)]


def coming(*, at: datetime, within: timedelta, most: int) -> list[Announcement]:
    """What would go out in the days ahead as things stand, the soonest first."""
    ahead = Window(at, at + within)
    reminders = reminders_set()
    found = [
        announcement
        for end in _open(_ends((ahead,), reminders, Wanted()))
        for announcement in _all_of(end, reminders)
        if ahead.contains(announcement.at)
    ]
    closed = _closed({announcement.end.account.pk for announcement in found}, at=at)
    told = [announcement for announcement in found if announcement.end.account.pk not in closed]
    first = sorted(told, key=attrgetter("at", "end.key", "key"))[:most]
    prefetch_related_objects([announcement.end.account for announcement in first], "contacts")
    return first


def _ends(stretches: Stretches, reminders: Reminders, whose: Wanted) -> Iterator[EndAhead]:
    for sort in EndOf:
        windows = [ends_announced_in(stretch, days=days) for stretch in stretches for days in reminders.of(sort)]
        if windows:
            yield from ends_of((sort,), replace(whose, windows=tuple(windows)))


def _open(ends: Iterable[EndAhead]) -> list[EndAhead]:
    """Without those in whose place something goes on: nobody is warned of an end that was renewed."""
    left = {(end.key, end.at): end for end in ends if not end.agreed}
    if not left:
        return []
    rows = Renewal.objects.filter(state=RenewalState.RENEWED, ends_at__in={at for _, at in left})
    by_itself = rows.filter(decided_by=BY_TERMS, successor_key="")  # that is announced, with the last day for notice
    renewed = rows.exclude(pk__in=by_itself).values_list("kind", "subject_key", "ends_at")
    gone = {(f"{kind}:{key}", at) for kind, key, at in renewed}
    return [end for key, end in left.items() if key not in gone]


def _due_of(end: EndAhead, reminders: Reminders, *, at: datetime) -> Iterator[Announcement]:
    if end.at <= at:
        return
    for announcement in _all_of(end, reminders):
        days = reminders.for_end(end, announcement.audience)
        if announcement.days == nearest(days, end=end.at, zone=end.account.zone, at=at):
            yield announcement


def _all_of(end: EndAhead, reminders: Reminders) -> Iterator[Announcement]:
    """Every announcement of an end; none falls before the thing began."""
    for audience in Audience:
        for days in sorted(reminders.for_end(end, audience)):
            instant = announced_at(end.at, days=days, zone=end.account.zone)
            if instant >= end.since:
                yield Announcement(end, days, audience, instant)


def _closed(account_ids: Iterable[int], *, at: datetime) -> set[int]:
    """Nobody writes to a customer whose account is closed."""
    return {pk for pk, how in standings(account_ids=list(account_ids), at=at).items() if how is Standing.CLOSED}
