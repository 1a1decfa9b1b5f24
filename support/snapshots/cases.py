"""Cases with their events and promises → the facts their clocks are read from."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date

from entitlements.snapshots import Reader
from support.domain.calendar import Calendar
from support.domain.case_events import CaseEvent as Happened
from support.domain.case_events import Channel, EventKind, Opener
from support.domain.clocks.values import CaseFacts, Terms
from support.domain.milestones import PolicyTerms, Promised
from support.domain.targets import Target
from support.models import CalendarVersion, Case, CaseEvent, CasePromise
from support.snapshots.hours import PublicHolidays, country_of, hours_of, read_holidays
from support.snapshots.policies import snapshot_policies


def snapshot_cases(cases: Collection[Case]) -> dict[int, CaseFacts]:
    """The facts of many cases by id, in seven reads however many there are."""
    ids = [case.pk for case in cases]
    events: dict[int, list[Happened]] = defaultdict(list)
    rows = CaseEvent.objects.filter(case__in=ids).order_by("at", "pk")
    for pk, case, at, kind, to in rows.values_list("pk", "case_id", "at", "kind", "to"):
        events[case].append(Happened(at=at, seq=pk, kind=EventKind(kind), to=to))
    promises: dict[int, list[CasePromise]] = defaultdict(list)
    for promise in sorted(Reader().rows(CasePromise, case_id__in=ids), key=lambda row: (row.starts_at, row.pk)):
        promises[promise.case_id].append(promise)
    reader = TermsReader.of([each for some in promises.values() for each in some])
    return {
        case.pk: CaseFacts(
            opened_at=case.opened_at,
            opener=Opener(case.opener),
            channel=Channel(case.channel),
            events=tuple(events[case.pk]),
            terms=tuple(reader.terms(promise) for promise in promises[case.pk]),
        )
        for case in cases
    }


@dataclass(slots=True)
class TermsReader:
    """Reads what promises name, once, and joins it; hours that many cases share are built once."""

    policies: dict[int, PolicyTerms]
    versions: dict[int, CalendarVersion]
    holidays: PublicHolidays
    hours: dict[tuple[int, str, frozenset[date]], Calendar]

    @classmethod
    def of(cls, promises: Iterable[CasePromise]) -> "TermsReader":
        promises = list(promises)
        policies = {promise.policy_version_id for promise in promises if promise.policy_version_id is not None}
        calendars = {pk for promise in promises for pk in promise.calendars.values()}
        versions = {row.pk: row for row in Reader().rows(CalendarVersion, id__in=sorted(calendars))}
        countries = {
            country_of(versions[pk], customer=promise.country)
            for promise in promises
            for pk in promise.calendars.values()
            if versions[pk].keeps_holidays
        }
        return cls(
            policies=snapshot_policies(policies),
            versions=versions,
            holidays=read_holidays(countries - {""}),
            hours={},
        )

    def terms(self, promise: CasePromise) -> Terms:
        policy = None if promise.policy_version_id is None else self.policies[promise.policy_version_id]
        return Terms(
            id=promise.pk,
            starts_at=promise.starts_at,
            policy=policy if policy is None else lifted(policy, promise.lifts),
            hours={key: self._hours(pk, promise) for key, pk in promise.calendars.items()},
            calendars=promise.calendars,
        )

    def _hours(self, pk: int, promise: CasePromise) -> Calendar:
        version = self.versions[pk]
        country = country_of(version, customer=promise.country)
        closed = self.holidays.known(country, at=promise.holidays_known_at) if version.keeps_holidays else frozenset()
        named = (pk, promise.zone, closed)
        if named not in self.hours:
            self.hours[named] = hours_of(version, zone=promise.zone, closed=closed)
        return self.hours[named]


def lifted(policy: PolicyTerms, lifts: Iterable[dict[str, str]]) -> PolicyTerms:
    """The policy with the percentages of its rules laid on the targets: of several, each counts on what is left."""
    lifts = list(lifts)
    if not lifts:
        return policy
    targets = dict(policy.targets)
    for (milestone, severity, channel), promised in policy.targets.items():
        laid = tuple((int(each["percent"]), each["why"]) for each in lifts if each["milestone"] in ("", milestone))
        if laid:
            targets[milestone, severity, channel] = _laid_on(promised, laid)
    return replace(policy, targets=targets)


def _laid_on(promised: Promised, laid: tuple[tuple[int, str], ...]) -> Promised:
    """Minutes and days are rounded to whole ones, never below one."""
    amount = promised.target.amount
    for percent, _why in laid:
        amount = max(1, round(amount * percent / 100)) if amount else amount
    target = Target(amount, promised.target.unit, around_the_clock=promised.target.around_the_clock)
    return Promised(target, calendar=promised.calendar, lifts=laid)
