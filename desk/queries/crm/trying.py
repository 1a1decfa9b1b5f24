"""A mapping tried on real deals: what each would become if it were switched on now. Nothing is written.

Deals that were won before it would count are told apart: they become what is said only where staff say so when they
switch it on. Deals that made something by another mapping are read by the tried one as they will be once they change.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from catalog.domain.words import say_value
from catalog.models import Feature, Plan
from desk.domain.crm.deciding import Amend, Conclude, EndContract, Extend, Step, TakeBack
from desk.domain.crm.told import Deal, DealState
from desk.domain.crm.wanted import Agreed, Extension, FeaturePromise, PlanPromise, Promise
from desk.models import CrmDeal, DealMapping
from desk.queries.crm.judging import Judged, ReadMapping, judge_deal
from entitlements.domain.facts import Mode
from journal.models import Connection


class Would(StrEnum):
    """What would become of a deal."""

    CREATE = "create"
    CHANGE = "change"
    END = "end"
    NOTHING = "nothing"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class TriedDeal:
    """`lines` say what it would make, change or end, each a sentence; `because` why nothing; `told` what a person would
    have to look at. `earlier`: it was won before the mapping would count, and stays out unless staff say otherwise;
    `agreed`: it made something by another mapping, and stays as it is until it changes there. `approved`: somebody
    approves it first."""

    deal: Deal
    would: Would
    because: str = ""
    account: str = ""  # our key
    lines: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    earlier: bool = False
    agreed: bool = False
    approved: bool = False


@dataclass(frozen=True, slots=True)
class Tried:
    deals: tuple[TriedDeal, ...]

    def count(self, would: Would) -> int:
        return sum(1 for one in self.deals if one.would is would)

    @property
    def summary(self) -> str:
        """ "would create 14, change 3, skip 2 because nobody knows whose they are"."""
        said = [
            f"{would.value} {count}"
            for would in (Would.CREATE, Would.CHANGE, Would.END)
            if (count := self.count(would))
        ]
        said += [f"skip {count} because {why}" for why, count in self._skipped()]
        words = f"would {', '.join(said)}" if said else "would do nothing"
        earlier = sum(1 for one in self.deals if one.earlier and one.would in {Would.CREATE, Would.CHANGE})
        later = sum(1 for one in self.deals if one.agreed and one.would in {Would.CHANGE, Would.END})
        if earlier:
            words += f"; {earlier} of them were won before, and count only if you say so"
        if later:
            words += f"; {later} stay as they were agreed until they change there"
        return words

    def _skipped(self) -> list[tuple[str, int]]:
        whys = Counter(one.because for one in self.deals if one.would is Would.SKIP)
        return sorted(whys.items(), key=lambda each: (-each[1], each[0]))


NOBODY_KNOWS, UNREAD, UNMAPPED = "nobody knows whose they are", "a field can’t be read", "no rule speaks of them"
POSTPONED = "a contract that runs would begin on a later day"
NOTHING_REFUSED: Mapping[str, str] = {}


def try_on(
    *,
    connection: Connection,
    mapping: DealMapping,
    deals: Sequence[Deal],
    at: datetime,
    refused: Mapping[str, str] = NOTHING_REFUSED,
) -> Tried:
    """What the mapping would make of these deals if it were switched on at the moment, and what stays as it is.

    `refused` is what the desk would say no to, by the ids of deals: found out by whoever may do and undo it.
    """
    ids = [deal.id for deal in deals]
    rows = CrmDeal.objects.filter(connection=connection, external_id__in=ids)
    rows = rows.select_related("connection", "account", "contract", "trial")
    known = {row.external_id: row for row in rows}
    since, read = mapping.since or at.astimezone(UTC).date(), ReadMapping.of(mapping)
    judged = (
        (deal, judge_deal(connection, mapping, deal, known.get(deal.id), at=at, anyway=True, read=read))
        for deal in deals
    )
    return Tried(
        tuple(
            _tried(mapping, deal, known.get(deal.id), one, since=since, refused=refused.get(deal.id, ""))
            for deal, one in judged
        )
    )


def _tried(
    mapping: DealMapping, deal: Deal, row: CrmDeal | None, judged: Judged, *, since: date, refused: str
) -> TriedDeal:
    steps = () if refused else judged.decided.steps
    account = judged.account.key if judged.account is not None else judged.made.account
    told = tuple(one.words for one in judged.decided.told)
    would, because = (Would.SKIP, refused) if refused else _would(deal, judged)
    made_by = row.agreed.get("mapping") if row is not None else None
    return TriedDeal(
        deal,
        would,
        because,
        account,
        tuple(words for step in steps for words in say_step(step)),
        told,
        earlier=not judged.made and deal.closed_on is not None and deal.closed_on < since,
        agreed=made_by is not None and made_by != mapping.number and deal.state is DealState.WON,
        approved=any(_is_conceded(step) for step in steps),
    )


def _would(deal: Deal, judged: Judged) -> tuple[Would, str]:
    kinds = {type(step) for step in judged.decided.steps}
    if kinds & {Conclude, Extend} and not judged.made:
        return Would.CREATE, ""
    if kinds & {Conclude, Amend, Extend}:
        return Would.CHANGE, ""
    if kinds:
        return Would.END, ""
    if deal.state is not DealState.WON:
        return Would.NOTHING, f"{deal.state.words}: nothing is held of it"
    if judged.found.faults:
        return Would.SKIP, UNREAD
    if judged.account is None:
        return Would.SKIP, NOBODY_KNOWS
    if judged.decided.refused:
        return Would.SKIP, POSTPONED
    if not judged.made and judged.found.unmapped:
        return Would.SKIP, UNMAPPED
    return Would.NOTHING, judged.because or "It is held as it was sold"


# In words -------------------------------------------------------------------------------------------------------------
def say_step(step: Step) -> Iterator[str]:
    """What a step would do, for whoever tries a mapping."""
    match step:
        case Conclude(promises, agreed):
            yield f"A contract {say_agreed(agreed)}"
            yield from (say_promise(one) for one in promises)
        case Amend(add, change, remove, agreed):
            yield f"Its contract is amended, {say_agreed(agreed)}"
            yield from (f"{say_promise(one)}, added" for one in add)
            yield from (f"{say_promise(one)}, changed" for one in change)
            yield from (f"Line {key} is taken out" for key in remove)
        case EndContract(why):
            yield f"Its contract ends: {why}"
        case Extend(extension):
            yield f"The trial runs {_so_long(extension)}"
        case TakeBack():
            yield "The longer trial is taken back"


def say_agreed(agreed: Agreed) -> str:
    """ "from 1 March 2026 for 12 months, which then renews"."""
    first = f"from {agreed.first_day:%-d %B %Y}" if agreed.first_day is not None else "from now on"
    if agreed.months is None:
        return f"{first} until somebody ends it"
    months = "1 month" if agreed.months == 1 else f"{agreed.months} months"
    return f"{first} for {months}{', which then renews' if agreed.renews else ''}"


def say_promise(promise: Promise) -> str:
    """ "5 × Team", "Storage: + 500 GB", with days of its own where it has them."""
    what = promise.what
    said = _plan(what) if isinstance(what, PlanPromise) else _feature(what)
    if promise.starts_on is not None:
        said += f", from {promise.starts_on:%-d %B %Y}"
    return said if promise.through_on is None else f"{said}, through {promise.through_on:%-d %B %Y}"


def _plan(what: PlanPromise) -> str:
    plan = Plan.objects.filter(key=what.plan).first()
    return f"{what.quantity} × {plan.name if plan is not None else what.plan}"


_BY_MODE = {Mode.ADD: "+ ", Mode.AT_LEAST: "at least ", Mode.AT_MOST: "at most "}


def _feature(what: FeaturePromise) -> str:
    feature = Feature.objects.filter(key=what.feature).first()
    if feature is None:
        return what.feature
    if what.mode is Mode.DENY or what.value is None:
        return f"{feature.name}: denied"
    value = say_value(what.value, shape=feature.shape, typed_unit=what.typed_unit)
    return f"{feature.name}: {_BY_MODE.get(what.mode, '')}{value}"


def _so_long(extension: Extension) -> str:
    if extension.days is not None:
        return f"{extension.days} day{'' if extension.days == 1 else 's'} longer"
    assert extension.through is not None  # one of the two is said
    return f"through {extension.through:%-d %B %Y}"


def _is_conceded(step: Step) -> bool:
    """A change of a feature, and a longer trial, are concessions; a connection has no role that may make one alone."""
    match step:
        case Conclude(promises):
            return any(isinstance(one.what, FeaturePromise) for one in promises)
        case Amend(add, change):
            return any(isinstance(one.what, FeaturePromise) for one in (*add, *change))
        case Extend():
            return True
    return False
