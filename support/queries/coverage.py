"""Is this account covered at this moment, for what, how fast, until when and why. Nothing here writes."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from entitlements.domain.explain import say
from entitlements.domain.facts import Facts, Standing
from entitlements.domain.phases import standing_at
from entitlements.domain.resolve import Resolution, resolve
from entitlements.models import Account
from entitlements.queries.entitlements import facts_of
from entitlements.snapshots import Reader, snapshot_catalog
from support.domain.business_time import open_now
from support.domain.calendar import Calendar
from support.domain.coverage import Coverage, CoverState, Promise, coverage, due_times
from support.models import Holiday
from support.queries.answers import CoverAnswer, Ending, HoursLine, TargetLine
from support.queries.instants import say_end, say_instant
from support.queries.offers import offers_for
from support.queries.plans_held import plans_held
from support.snapshots import SUPPORT_TIER, NamedHours, snapshot_calendars, snapshot_promises

AROUND_THE_CLOCK = "24/7, every day of the year"


def coverage_of(*, account: Account, at: datetime) -> CoverAnswer:
    """The whole answer for one account; the number of reads is the same for every account."""
    catalog = snapshot_catalog(Reader())
    facts = facts_of(account=account, catalog=catalog)
    promises = snapshot_promises(at=at)
    held = resolve(facts, at=at).get(SUPPORT_TIER)
    cover = cover_of(facts, held, promises, at=at)
    calendars = snapshot_calendars(zone=account.zone, country=account.country, at=at)
    uncovered = cover.state is CoverState.NOT_COVERED and standing_at(facts, at=at) is Standing.OPEN
    return CoverAnswer(
        account=account.key,
        account_name=account.name,
        country=account.country,
        zone=account.zone,
        at=at,
        local_time=say_instant(at, now=at, zone=account.zone),
        state=cover.state,
        headline=cover.headline,
        tier=cover.tier,
        tier_name=cover.tier_name,
        plans=plans_held(facts, at=at, zone=account.zone),
        targets=tuple(_target_lines(cover, calendars, at=at, zone=account.zone)),
        hours=tuple(_hours_lines(cover, calendars, at=at, zone=account.zone)),
        caution=_caution(account, cover, calendars, at=at),
        ends=_ending(facts, held, promises, at=at, zone=account.zone),
        why=cover.why,
        because=() if held is None else tuple(say(held, zone=account.zone)),
        offers=offers_for(account, facts=facts, catalog=catalog, promises=promises, at=at) if uncovered else (),
    )


def cover_of(facts: Facts, held: Resolution | None, promises: Mapping[str, Promise], *, at: datetime) -> Coverage:
    """The tier that was resolved, met by what is promised for it."""
    tier = held.value if held is not None and held.granted and isinstance(held.value, str) else None
    label = facts.features[SUPPORT_TIER].shape.label(tier) if tier is not None else ""
    return coverage(tier=tier, promises=promises, tier_name=label, standing=standing_at(facts, at=at))


def _target_lines(
    cover: Coverage, calendars: Mapping[str, NamedHours], *, at: datetime, zone: str
) -> Iterator[TargetLine]:
    hours = {key: named.hours for key, named in calendars.items()}
    for target, due in zip(cover.targets, due_times(cover, calendars=hours, at=at), strict=True):
        yield TargetLine(
            severity=target.severity,
            name=target.name,
            meaning=target.meaning,
            promise=due.words,
            due_at=due.due_at,
            due_words=say_instant(due.due_at, now=at, zone=zone),
        )


def _hours_lines(
    cover: Coverage, calendars: Mapping[str, NamedHours], *, at: datetime, zone: str
) -> Iterator[HoursLine]:
    """The clocks the promise runs on, each once: the one that never stops first."""
    if any(target.target.around_the_clock for target in cover.targets):
        yield HoursLine(name=AROUND_THE_CLOCK, is_open=True, changes_at=None, words="")
    for key in dict.fromkeys(target.calendar for target in cover.targets if target.calendar is not None):
        yield _hours_line(calendars[key].name, calendars[key].hours, at=at, zone=zone)


def _hours_line(name: str, hours: Calendar, *, at: datetime, zone: str) -> HoursLine:
    now = open_now(hours, at=at)
    if not now.is_open and now.opens_at is not None:
        opens = say_instant(now.opens_at, now=at, zone=zone)
        return HoursLine(name=name, is_open=False, changes_at=now.opens_at, words=f"opens {opens}")
    closes = "" if now.closes_at is None else f"until {say_instant(now.closes_at, now=at, zone=zone)}"
    return HoursLine(name=name, is_open=True, changes_at=now.closes_at, words=closes)


def _caution(account: Account, cover: Coverage, calendars: Mapping[str, NamedHours], *, at: datetime) -> str:
    """A due time that overlooks a holiday is a wrong promise: say when none could be known."""
    used = [calendars[target.calendar] for target in cover.targets if target.calendar is not None]
    if not any(named.keeps_country_holidays for named in used):
        return ""
    if not account.country:
        return "The customer's country is not on file, so no public holidays were counted."
    if Holiday.objects.filter(country=account.country, on__gte=at.date(), withdrawn_at__isnull=True).exists():
        return ""
    return f"No public holidays of {account.country} are on file for the time ahead, so none were counted."


def _ending(
    facts: Facts, held: Resolution | None, promises: Mapping[str, Promise], *, at: datetime, zone: str
) -> Ending | None:
    """The first later moment at which the tier is another: an end that changes nothing is no news to support."""
    now = cover_of(facts, held, promises, at=at)
    moment = None if held is None else held.valid_until
    while moment is not None:
        following = resolve(facts, at=moment)[SUPPORT_TIER]
        then = cover_of(facts, following, promises, at=moment)
        if then.tier != now.tier:
            return Ending(at=moment, words=say_end(moment, now=at, zone=zone), then=_words_of(then))
        moment = following.valid_until
    return None


def _words_of(cover: Coverage) -> str:
    return cover.headline if cover.tier is None else f"{cover.headline} ({cover.tier_name})"
