"""Two versions side by side: of one plan or of two, also a draft beside a published one."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from catalog.domain import words as saying
from catalog.domain.cases import Case, cases_between, say_case
from catalog.domain.cells import Reading
from catalog.domain.values import FeatureShape
from catalog.domain.version_diff import Change, ChangeKind
from catalog.models import Feature, PlanVersion
from catalog.queries.changes import diff_versions
from catalog.queries.effective import Effective, Speaking, effective_of
from catalog.queries.prices import say_grace, say_plan_prices, say_trial
from catalog.queries.terms import reading_of
from catalog.queries.vocabulary import Words, words

NOTHING = "–"
MARKS = {
    ChangeKind.ADDED: "better",
    ChangeKind.RAISED: "better",
    ChangeKind.REMOVED: "worse",
    ChangeKind.LOWERED: "worse",
}
MARK_WORDS = {"better": "Better", "worse": "Worse", "other": "Different"}
_ORDER = ("worse", "other", "better")  # of several things that differ in one cell, the first is told


@dataclass(frozen=True, slots=True)
class Cell:
    """What one version says, in words; `origin` where it says so through a group or an included version."""

    words: str = NOTHING
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One feature in one case, or one condition of the sale. `mark` is for whoever goes from the left to the right."""

    name: str
    left: Cell
    right: Cell
    mark: str = ""
    other_price: bool = False
    group: str = ""
    case: str = ""

    @property
    def differs(self) -> bool:
        return bool(self.mark) or self.other_price

    @property
    def verdict(self) -> str:
        """ "Better", "Worse, other price", "Other price"; empty where nothing differs."""
        told = [MARK_WORDS[self.mark]] if self.mark else []
        return ", ".join([*told, "other price"] if self.other_price else told).capitalize()


@dataclass(frozen=True, slots=True)
class Comparison:
    left: PlanVersion
    right: PlanVersion
    rows: tuple[Row, ...]

    @property
    def different(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.differs)


def compare(left: PlanVersion, right: PlanVersion) -> Comparison:
    """Every feature that either speaks about, in every case that matters; in as many reads for any number of them."""
    changes = diff_versions(old=left, new=right)
    speaking, known = effective_of([left, right]), words()
    marks = _marks(changes)
    features = Feature.objects.select_related("group")
    rows = [
        row
        for feature in features
        for row in _rows(feature, speaking[left.pk], speaking[right.pk], marks=marks, known=known)
    ]
    return Comparison(left, right, (*_sale(left, right), *rows))


Marks = Mapping[tuple[str, Case], set[ChangeKind]]


def _marks(changes: Iterable[Change]) -> Marks:
    """What differs by feature and case; a name that changed in the meantime is no difference between the two."""
    found: dict[tuple[str, Case], set[ChangeKind]] = defaultdict(set)
    for change in changes:
        if change.kind is not ChangeKind.RENAMED:
            found[change.feature, change.case].add(change.kind)
    return found


def _mark(kinds: set[ChangeKind]) -> str:
    own = {MARKS.get(kind, "other") for kind in kinds - {ChangeKind.PRICE_CHANGED}}
    return next((mark for mark in _ORDER if mark in own), "")


def _rows(feature: Feature, left: Effective, right: Effective, *, marks: Marks, known: Words) -> Iterator[Row]:
    """The general case, where either speaks in it, and each narrower one in which other terms speak than before."""
    seen: set[tuple[object, object]] = set()
    for case in cases_between(left.written_for(feature.pk) | right.written_for(feature.pk)):
        mine, its = left.speaking(feature.pk, case), right.speaking(feature.pk, case)
        pair = (mine and mine.term.pk, its and its.term.pk)
        if pair in seen or pair == (None, None):
            continue
        seen.add(pair)
        yield Row(
            feature.name,
            _cell(mine, feature.shape, known),
            _cell(its, feature.shape, known),
            mark=_mark(kinds := marks.get((feature.key, case), set())),
            other_price=ChangeKind.PRICE_CHANGED in kinds,
            group=feature.group.name,
            case=say_case(case, known.market_names.get(case.market, "")),
        )


def _cell(speaking: Speaking | None, shape: FeatureShape, known: Words) -> Cell:
    if speaking is None:
        return Cell()
    reading = reading_of(speaking.term, shape=shape) if not speaking.distance else _heard(speaking)
    return Cell(saying.say_cell(reading, shape=shape, names=known.vocabulary), speaking.origin)


def _heard(speaking: Speaking) -> Reading:
    """What the feature hears of a term written for its group."""
    facts = speaking.facts
    return Reading(
        facts.state,
        facts.value,
        typed_unit=facts.typed_unit,
        prices=facts.prices,
        reset=facts.reset,
        overage_percent=facts.overage_percent,
        source_text=facts.source_text,
        sold_as=facts.sold_as,
        at_trial_end=facts.at_trial_end,
        kept_days=facts.kept_days,
    )


def _sale(left: PlanVersion, right: PlanVersion) -> Iterator[Row]:
    mine, its = say_plan_prices(left.prices.all()), say_plan_prices(right.prices.all())
    yield Row("Price", Cell(mine), Cell(its), other_price=mine != its, group="Sale")
    for name, say in (("Trial", say_trial), ("Grace", say_grace)):
        mine, its = say(left), say(right)
        yield Row(name, Cell(mine), Cell(its), mark="" if mine == its else "other", group="Sale")
