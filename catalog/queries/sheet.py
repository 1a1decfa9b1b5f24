"""The plan sheet: features in groups × plans and add-ons, each cell in words and as it would be typed."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from catalog.domain.cases import GENERAL, Case, say_case
from catalog.domain.cell_editors import OF_A_GROUP, editor_of
from catalog.domain.values import PlanKind
from catalog.models import Feature, FeatureGroup, Plan, PlanTerm, PlanVersion, Rollout
from catalog.models.plan import VersionState
from catalog.queries.cells import Subject
from catalog.queries.effective import Effective, effective_of
from catalog.queries.prices import say_plan_prices
from catalog.queries.requests import Waiting, waiting_requests
from catalog.queries.sheet_parts import Band, Cell, Column, Row, Sheet, Show
from catalog.queries.sheet_terms import TermBook
from catalog.queries.terms import with_all
from catalog.queries.versions import rollouts_of, stages_of
from catalog.queries.vocabulary import Words, words


def sheet(
    *,
    at: datetime,
    show: Show = Show.NEWEST,
    kind: PlanKind | None = None,
    only: Collection[int] | None = None,
) -> Sheet:
    """The whole sheet, in fifteen queries, or twenty-one where anything is inherited, however many plans and features there are; `only` some plans, by their id."""
    plans = _plans(kind, only)
    versions = PlanVersion.objects.filter(plan__in=plans).select_related("plan").prefetch_related("prices")
    rollouts = rollouts_of(plans=plans)
    features = list(Feature.objects.select_related("group"))
    groups = list(FeatureGroup.objects.all())
    known = words()
    editions = editions_of(versions)
    shown = {plan.pk: _choose(editions[plan.pk], show=show) for plan in plans}
    editions_shown = [version for plan in plans for version in editions[plan.pk] if version]
    terms = with_all(PlanTerm.objects.filter(version__in=editions_shown))
    book = TermBook(terms, words=known)
    inheriting = book.inheriting([version for version in shown.values() if version])
    effective = effective_of(inheriting) if inheriting else {}
    drafts = [version for version in shown.values() if version and version.is_draft]
    waiting = waiting_requests(versions=drafts)
    # Nothing below this line reads the database.
    columns = _columns(plans, shown, editions=editions, rollouts=rollouts, waiting=waiting, book=book, at=at)
    return Sheet(columns, _bands(groups, features, _Writer(book, effective, columns, known)), show, kind)


def _plans(kind: PlanKind | None, only: Collection[int] | None) -> list[Plan]:
    """Plans first, then add-ons, each in the order staff gave them."""
    found = Plan.objects.all() if kind is None else Plan.objects.filter(kind=kind)
    found = found if only is None else found.filter(pk__in=only)
    return sorted(found, key=lambda plan: (plan.kind != PlanKind.PLAN, plan.position, plan.pk))


Editions = tuple[PlanVersion | None, PlanVersion | None]  # the newest, and the newest that is published


def editions_of(versions: Iterable[PlanVersion]) -> Mapping[int, Editions]:
    """The newest and the newest published version of each plan, by the plan's id."""
    by_plan: dict[int, list[PlanVersion]] = defaultdict(list)
    for version in versions:
        by_plan[version.plan_id].append(version)
    found: dict[int, Editions] = defaultdict(lambda: (None, None))
    for plan_id, own in by_plan.items():
        newest_first = sorted(own, key=lambda version: -version.number)
        published = next((version for version in newest_first if version.state != VersionState.DRAFT), None)
        found[plan_id] = (newest_first[0], published)
    return found


def _choose(editions: Editions, *, show: Show) -> PlanVersion | None:
    newest, published = editions
    return newest if show is Show.NEWEST else published


def _columns(
    plans: Iterable[Plan],
    shown: Mapping[int, PlanVersion | None],
    *,
    editions: Mapping[int, Editions],
    rollouts: Sequence[Rollout],
    waiting: Mapping[int, Waiting],
    book: TermBook,
    at: datetime,
) -> tuple[Column, ...]:
    stages = stages_of(versions=[v for v in shown.values() if v], rollouts=rollouts, at=at)
    starts = {r.version_id: r.effective_at for r in rollouts if r.effective_at > at}
    columns = []
    for plan in plans:
        version = shown[plan.pk]
        newest, published = editions[plan.pk]
        columns.append(
            Column(
                plan,
                version,
                stage=stages[version.pk] if version else None,
                price=say_plan_prices(version.prices.all()) if version else "",
                published=published,
                starts_at=starts.get(version.pk) if version else None,
                has_draft=newest is not None and newest.is_draft,
                flat=version is not None and plan.kind == PlanKind.ADD_ON and book.is_flat(version),
                waiting=waiting.get(version.pk) if version else None,
            )
        )
    return tuple(columns)


def _bands(groups: Sequence[FeatureGroup], features: Iterable[Feature], write: "_Writer") -> tuple[Band, ...]:
    """The groups in order, each before those inside it; one without any feature has no band."""
    own: dict[int, list[Feature]] = defaultdict(list)
    for feature in features:
        own[feature.group_id].append(feature)
    inside: dict[int | None, list[FeatureGroup]] = defaultdict(list)
    for group in groups:
        inside[group.parent_id].append(group)

    def below(parent: int | None, depth: int) -> list[Band]:
        found = []
        for group in inside[parent]:
            deeper = below(group.pk, depth + 1)
            if own[group.pk] or deeper:
                rows = tuple(row for feature in own[group.pk] for row in write.rows(feature))
                found += [Band(group, depth, write.rows(group), rows), *deeper]
        return found

    return tuple(below(None, 0))


class _Writer:
    """Writes the rows of the sheet from the terms at hand."""

    def __init__(
        self,
        book: TermBook,
        effective: Mapping[int, Effective],
        columns: Sequence[Column],
        known: Words,
    ) -> None:
        self._book = book
        self._effective = effective
        self._columns = columns
        self._known = known
        self._versions = [column.version for column in columns if column.version]

    def rows(self, subject: Subject) -> tuple[Row, ...]:
        editor = editor_of(subject.shape) if isinstance(subject, Feature) else OF_A_GROUP
        return tuple(
            Row(
                subject,
                case,
                say_case(case, self._known.market_names.get(case.market, "")),
                editor,
                tuple(self._cell(column, subject, case) for column in self._columns),
            )
            for case in (GENERAL, *self._book.cases(self._versions, subject))
        )

    def _cell(self, column: Column, subject: Subject, case: Case) -> Cell:
        if column.version is None:
            return Cell(column, subject, case)
        own = self._book.own(column.version, subject, case)
        heard = None
        if own is None and isinstance(subject, Feature) and column.version.pk in self._effective:
            heard = self._effective[column.version.pk].speaking(subject.pk, case)
        term = heard.term if heard else own
        text = self._book.text(own)
        changed, was = self._change(column, subject, case, text)
        return Cell(
            column,
            subject,
            case,
            text=text,
            shown=self._book.text(term),
            words=self._book.words(term),
            term=term,
            heard=heard,
            changed=changed,
            was=was,
        )

    def _change(self, column: Column, subject: Subject, case: Case, text: str) -> tuple[bool, str]:
        if not column.editable or column.published is None:
            return False, ""
        then = self._book.text(self._book.own(column.published, subject, case))
        return (text != then, "" if text == then else then or "nothing")
