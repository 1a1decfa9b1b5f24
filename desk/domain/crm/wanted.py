"""What a won deal becomes by a mapping: lines of a contract, and a longer trial.

- The first rule that speaks of a line is the one; rules about the deal as a whole each speak for themselves.
- A line of which no rule speaks becomes nothing and is named (`Wanted.unmapped`); the others become what they become.
- What can't be read is a fault in the words of whoever edits the mapping, and while there is one **nothing** of the
  deal is done: half a deal is worse than a late one.
- A promise keeps its key from one reading to the next (the rule's, and the line's where it speaks of one), so that an
  amended deal changes the promise it made and no other.
- Days are as people say them: from one day *through* another, in the account's zone; who carries them out knows it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from catalog.domain.amounts import UnreadableCell
from catalog.domain.values import FeatureShape, Value
from desk.domain.crm.mapping import DealMapping, DealTerms, Rule, Target
from desk.domain.crm.mapping_values import (
    LAST_YEAR,
    MOST_DAYS,
    MOST_MONTHS,
    MOST_QUANTITY,
    Unread,
    read_day,
    read_value,
    read_whole,
    whole,
)
from desk.domain.crm.told import Deal, DealLine
from entitlements.domain.contract_terms import months_after
from entitlements.domain.facts import Mode

MOST_LINES = 500
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PlanPromise:
    plan: str
    quantity: int
    interval: str = ""


@dataclass(frozen=True, slots=True)
class FeaturePromise:
    feature: str
    mode: Mode
    value: Value | None
    typed_unit: str = ""


@dataclass(frozen=True, slots=True)
class Promise:
    """A line of the contract that the deal becomes; `key` names it for as long as the deal lives."""

    key: str
    what: PlanPromise | FeaturePromise
    starts_on: date | None = None
    through_on: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Extension:
    """A trial that the deal makes longer: by so many days, or through a day."""

    key: str
    days: int | None = None
    through: date | None = None


@dataclass(frozen=True, slots=True)
class Agreed:
    """The terms as they were read. `months` None: until somebody ends it."""

    first_day: date | None = None
    months: int | None = None
    renews: bool = False
    notice_days: int = 0


UNSAID = Agreed()


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that can't be read: of which rule, about what of the deal, and what to do."""

    rule: str
    about: str
    words: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """All that the deal becomes. With a fault it is not to be carried out."""

    promises: tuple[Promise, ...] = ()
    extension: Extension | None = None
    agreed: Agreed = UNSAID
    unmapped: tuple[DealLine, ...] = ()
    faults: tuple[Fault, ...] = ()


def wanted(deal: Deal, mapping: DealMapping, *, shapes: Mapping[str, FeatureShape]) -> Wanted:
    """What the deal becomes by the mapping; `shapes` are those of the features that its rules name."""
    reader = _Reader(deal, shapes)
    unmapped = []
    if len(deal.lines) > MOST_LINES:
        words = f"It has {len(deal.lines):,} lines, and {MOST_LINES} are read at most. Make several deals of it."
        return Wanted(faults=(Fault("", deal.name, words),))
    for line in deal.lines:
        rule = next((one for one in mapping.rules if one.speaks_of(deal, line)), None)
        if rule is None:
            unmapped.append(line)
        else:
            reader.read(rule, line)
    for rule in mapping.rules:
        if rule.speaks_of(deal, None):
            reader.read(rule, None)
    agreed = reader.terms(mapping.terms) if reader.promises or reader.faults else UNSAID
    return Wanted(
        promises=tuple(reader.promises),
        extension=reader.extension(),
        agreed=agreed,
        unmapped=tuple(unmapped),
        faults=tuple(reader.faults),
    )


class _Reader:
    """One deal, read rule by rule; what can't be read is noted and the rest is read all the same, so that a person
    hears of everything at once."""

    def __init__(self, deal: Deal, shapes: Mapping[str, FeatureShape]) -> None:
        self.deal, self.shapes = deal, shapes
        self.promises: list[Promise] = []
        self.extensions: list[Extension] = []
        self.faults: list[Fault] = []

    def read(self, rule: Rule, line: DealLine | None) -> None:
        key = rule.key if line is None else f"{rule.key}:{line.id}"
        if rule.target is Target.NOTHING:
            return
        try:
            if rule.target is Target.TRIAL:
                self.extensions.append(self._extension(key, rule, line))
            else:
                self.promises.append(self._promise(key, rule, line))
        except (Unread, UnreadableCell) as unread:
            about = self.deal.name if line is None else (line.name or line.product)
            self.faults.append(Fault(rule.key, about, str(unread)))

    def extension(self) -> Extension | None:
        """Of several the one that reaches furthest: a trial is made longer once by one deal."""
        if any(one.days is None for one in self.extensions) and any(one.through is None for one in self.extensions):
            self.faults.append(Fault(self.extensions[0].key, self.deal.name, "One rule makes the trial longer by days "
                                     "and another through a day. Let one of them speak."))  # fmt: skip
            return None
        return max(self.extensions, key=lambda one: (one.days or 0, one.through or date.min), default=None)

    def terms(self, terms: DealTerms) -> Agreed:
        try:
            first = read_day(terms.starts.of(self.deal, None), terms.starts) or self._closed_on()
            months = self._months(terms, first)
        except Unread as unread:
            self.faults.append(Fault("terms", self.deal.name, str(unread)))
            return UNSAID
        return Agreed(first, months, terms.renews and months is not None, terms.notice_days)

    def _closed_on(self) -> date | None:
        closed = self.deal.closed_on
        if closed is not None and closed.year > LAST_YEAR:
            raise Unread(f"It was closed on {closed}, which can’t be meant. Mend the day there.")
        return closed

    def _months(self, terms: DealTerms, first: date | None) -> int | None:
        """As many whole months as were said, or as lie between the first day and the last."""
        text = terms.months.of(self.deal, None)
        if text:
            return read_whole(text, terms.months, most=MOST_MONTHS)
        through = read_day(terms.through.of(self.deal, None), terms.through)
        if through is None:
            return None
        if first is None:
            raise Unread("It says through which day the deal lasts and not from which. Name a field for the first day.")
        months = (through.year - first.year) * 12 + through.month - first.month
        for count in (months, months + 1):
            if count > 0 and months_after(first, count) - DAY == through:
                return count
        raise Unread(
            f"From {first:%-d %B %Y} through {through:%-d %B %Y} is not a whole number of months. "
            "Give the lines a last day of their own instead."
        )

    def _promise(self, key: str, rule: Rule, line: DealLine | None) -> Promise:
        what = self._plan(rule, line) if rule.target is Target.PLAN else self._feature(rule, line)
        starts = read_day(rule.starts.of(self.deal, line), rule.starts)
        through = read_day(rule.through.of(self.deal, line), rule.through)
        if starts is not None and through is not None and through < starts:
            raise Unread(
                f"It would last from {starts:%-d %B %Y} through {through:%-d %B %Y}, which is over before it begins."
            )
        return Promise(key, what, starts, through, rule.note)

    def _plan(self, rule: Rule, line: DealLine | None) -> PlanPromise:
        text = rule.quantity.of(self.deal, line)
        own = line.quantity if line is not None else Decimal(1)
        quantity = read_whole(text, rule.quantity, most=MOST_QUANTITY) if text else whole(own, "the line’s quantity")
        return PlanPromise(rule.plan, quantity, rule.interval)

    def _feature(self, rule: Rule, line: DealLine | None) -> FeaturePromise:
        assert rule.mode is not None, "a rule about a feature has a mode"
        shape = self.shapes.get(rule.feature)
        if shape is None:
            raise Unread(f"There is no feature {rule.feature} any more. Take the rule out, or name another.")
        if rule.mode is Mode.DENY:
            return FeaturePromise(rule.feature, rule.mode, None)
        value, unit = read_value(rule.value.of(self.deal, line), shape=shape)
        return FeaturePromise(rule.feature, rule.mode, value, unit)

    def _extension(self, key: str, rule: Rule, line: DealLine | None) -> Extension:
        text = rule.days.of(self.deal, line)
        if text:
            return Extension(key, days=read_whole(text, rule.days, most=MOST_DAYS))
        through = read_day(rule.through.of(self.deal, line), rule.through)
        if through is None:
            raise Unread(f"It doesn’t say how long: {rule.days.words} and {rule.through.words} are empty.")
        return Extension(key, through=through)
