"""Importing a price page: its features declared, its cells written into drafts, what it leaves open kept for a person.

A second import of the same page changes nothing. A cell counts as changed when the page's own words for it changed,
so that what a person has settled since stays settled. A feature that is no longer on the page keeps its cells, and is
named.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, Model

from catalog.actions.cell_rows import Rules, fill, lines_of, replace_prices, ruled
from catalog.actions.drafts import begin_draft
from catalog.actions.features import write_feature
from catalog.actions.plans import write_price
from catalog.domain.cells import Reading
from catalog.domain.matrix import Matrix, MatrixRow
from catalog.domain.plan_list import PlanRow
from catalog.domain.values import PlanKind, Reset, TermState
from catalog.domain.words import say_reading
from catalog.models import Feature, Plan, PlanPrice, PlanTerm, PlanVersion
from catalog.models.plan import Interval, VersionState
from catalog.queries.prices import say_plan_price
from catalog.queries.terms import general_terms, say_cell
from catalog.queries.vague import VagueCell, vague_cells
from journal.actions.deeds import begin, keep, keep_many, record
from journal.domain.actor import Actor
from journal.domain.deed import Deed
from journal.domain.refusal import Invalid, Stale

PageChanges = dict[str, tuple[str | None, str]]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did; all zero when the page says what the catalog says already."""

    features: int
    drafts: tuple[str, ...]
    cells: int
    prices: int
    states: Mapping[TermState, int] = field(default_factory=dict)
    waiting: tuple[VagueCell, ...] = ()
    gone: tuple[str, ...] = ()  # features that were on the page before, and are not any more

    @property
    def changed(self) -> bool:
        return bool(self.features or self.drafts or self.cells or self.prices)


@dataclass(frozen=True, slots=True)
class _Written:
    draft: str = ""
    cells: int = 0
    prices: int = 0


@dataclass(frozen=True, slots=True)
class _Import:
    """The deed and what is to be told of it: told at the end, for the audit's head is the last lock anybody takes."""

    deed: Deed
    told: list[tuple[str, Model, Mapping[str, Any]]] = field(default_factory=list)

    def tell(self, verb: str, subject: Model, changes: Mapping[str, Any]) -> None:
        self.told.append((verb, subject, changes))

    def record_all(self) -> None:
        for verb, subject, changes in self.told:
            record(self.deed, verb, subject=subject, changes=changes)


@transaction.atomic
def import_page(*, matrix: Matrix, plans: Sequence[PlanRow], by: Actor, at: datetime) -> Imported:
    """A price page was imported into drafts of its plans."""
    by.require("catalog.import_catalog")
    if missing := [name for name in matrix.plans if name not in {plan.name for plan in plans}]:
        raise Invalid(f"The list of plans lacks {', '.join(missing)}. Add a row for each plan of the page.")
    _hold_drafts([row.key for row in plans if row.name in matrix.plans])
    importing = _Import(begin(by=by, at=at))
    gone = _gone(matrix, [row.key for row in plans])
    features, declared = _declare(matrix, importing=importing)
    written = [
        _import_plan(row, position=position, matrix=matrix, features=features, importing=importing)
        for position, row in enumerate(plans)
        if row.name in matrix.plans
    ]
    importing.record_all()
    said = (row for row in matrix.rows if row.declaration.shape.key not in gone)
    states = Counter(reading.state for row in said for reading in row.readings.values())
    return Imported(
        features=declared,
        drafts=tuple(plan.draft for plan in written if plan.draft),
        cells=sum(plan.cells for plan in written),
        prices=sum(plan.prices for plan in written),
        states={state: states[state] for state in TermState},
        waiting=vague_cells(),
        gone=tuple(gone.values()),
    )


def _gone(matrix: Matrix, plans: Sequence[str]) -> dict[str, str]:
    """The features whose cells of these plans came from the page, and that it doesn't have any more, by key."""
    on_page = {row.declaration.shape.key for row in matrix.rows if row.on_page}
    newest = PlanVersion.objects.filter(plan__key__in=plans).values("plan").annotate(number=Max("number"))
    shown = {(row["plan"], row["number"]) for row in newest}
    terms = PlanTerm.objects.filter(version__plan__key__in=plans, feature__isnull=False).exclude(source_text="")
    found = terms.exclude(feature__key__in=on_page).select_related("feature__group", "version")
    ordered = found.order_by("feature__group__position", "feature__position", "feature")
    standing = (term for term in ordered if (term.version.plan_id, term.version.number) in shown)
    return {term.feature.key: term.feature.name for term in standing if term.feature is not None}


def _hold_drafts(keys: Sequence[str]) -> None:
    """Drafts, then plans: the order in which everybody else takes them. With the plans held no draft is opened."""
    drafts = PlanVersion.objects.filter(plan__key__in=keys, state=VersionState.DRAFT).order_by("pk")
    held = [draft.pk for draft in drafts.select_for_update(of=("self",))]
    list(Plan.objects.filter(key__in=keys).order_by("pk").select_for_update(no_key=True))
    if [draft.pk for draft in drafts] != held:
        raise Stale("Someone opened a draft of these plans just now; nothing was changed. Import again.")


def _declare(matrix: Matrix, *, importing: _Import) -> tuple[Mapping[str, Feature], int]:
    deed = importing.deed
    features, changed = {}, 0
    for position, row in enumerate(matrix.rows):
        declaration = replace(row.declaration, group=row.group, note=row.note or row.declaration.note)
        feature, changes = write_feature(declaration=declaration, effective_at=deed.at, position=position, deed=deed)
        features[feature.key] = feature
        if changes:
            importing.tell("feature:declare", feature, changes)
            changed += 1
    return features, changed


def _import_plan(
    row: PlanRow, *, position: int, matrix: Matrix, features: Mapping[str, Feature], importing: _Import
) -> _Written:
    deed = importing.deed
    plan = _write_plan(row, position=position, importing=importing)
    newest = plan.versions.order_by("-number").first()
    stood = {feature.key: term for feature, term in general_terms(version=newest)}
    differing = [page_row for page_row in matrix.rows if _differs(page_row, row.name, stood)]
    new_price = newest is None or not _price_stands(newest, row)
    if not differing and not new_price:
        return _Written()
    standing = newest if newest is not None and newest.is_draft else None
    draft = standing or begin_draft(plan=plan, newest=newest, deed=deed)
    changes = _write_cells(draft, differing, plan=row.name, features=features, deed=deed)
    if new_price:
        changes |= _write_price(draft, row, deed=deed)
    draft.edits += 1
    keep(draft, deed=deed)
    importing.tell("plan_version:import", draft, changes)
    return _Written("" if standing else str(draft), len(differing), int(new_price))


def _write_plan(row: PlanRow, *, position: int, importing: _Import) -> Plan:
    plan = Plan.objects.filter(key=row.key).first()
    if plan is not None and plan.kind != PlanKind.PLAN:
        raise Invalid(f"{plan} is an add-on here and a plan on the page. Give one of them another name.")
    stands = plan is not None and (plan.name, plan.audience) == (row.name, row.audience)
    if plan is not None and stands:
        return plan
    verb = "plan:create" if plan is None else "plan:describe"
    plan = plan or Plan(key=row.key, position=position)
    plan.name, plan.audience = row.name, row.audience
    keep(plan, deed=importing.deed)
    importing.tell(verb, plan, {"audience": (None, row.audience)})
    return plan


def _differs(row: MatrixRow, plan: str, stood: Mapping[str, PlanTerm]) -> bool:
    term = stood.get(row.declaration.shape.key)
    if term is not None and not row.on_page:
        return False
    return term is None or term.source_text != row.readings[plan].source_text


def _write_cells(
    draft: PlanVersion, rows: Sequence[MatrixRow], *, plan: str, features: Mapping[str, Feature], deed: Deed
) -> PageChanges:
    """Cells that stood are rewritten one by one; those that are new are added together."""
    stood = {feature.key: term for feature, term in general_terms(version=draft)}
    changes: PageChanges = {}
    fresh: list[tuple[PlanTerm, Reading]] = []
    for row in rows:
        feature, reading = features[row.declaration.shape.key], row.readings[plan]
        term = stood.get(feature.key)
        before = say_cell(term, feature=feature) if term else None
        term = term or PlanTerm(version=draft, feature=feature)
        _write_reading(term, row, reading)
        changes[feature.key] = (before, say_reading(reading, shape=feature.shape, reset=row.declaration.reset))
        if term.pk is None:
            fresh.append((term, reading))
        else:
            keep(term, deed=deed)
            replace_prices(term, reading, deed=deed)
    keep_many([term for term, _ in fresh], deed=deed)
    keep_many([line for term, reading in fresh for line in lines_of(term, reading)], deed=deed)
    return changes


def _write_reading(term: PlanTerm, row: MatrixRow, reading: Reading) -> None:
    reset: Reset | None = reading.reset or row.declaration.reset
    shape = row.declaration.shape
    fill(term, ruled(reading, Rules(reset=reset), shape=shape), shape=shape)
    term.source_text = reading.source_text


def _price_stands(version: PlanVersion, row: PlanRow) -> bool:
    price = PlanPrice.objects.filter(version=version, interval=Interval.MONTH, currency=row.currency).first()
    return price is not None and price.amount_micros == row.price_micros


def _write_price(draft: PlanVersion, row: PlanRow, *, deed: Deed) -> PageChanges:
    before, price = write_price(
        draft=draft, interval=Interval.MONTH, currency=row.currency, amount_micros=row.price_micros, deed=deed
    )
    return {"price": (before, say_plan_price(price))}
