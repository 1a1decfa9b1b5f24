"""The plan sheet itself: a row for each feature, group and case, a column for each plan, cells in canonical words.

It is read from the newest version of each plan, a draft where one is open, and written into drafts only: customers see
nothing of it until somebody publishes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.actions.cells import BadCells, CellWrite, write_cells
from catalog.domain.amounts import UnreadableCell
from catalog.domain.cases import GENERAL, Case, parse_case, say_case
from catalog.domain.entries import Reader, WrongEntry, a_key, a_line, optional
from catalog.imports.plans import draft_of, newest_versions
from catalog.imports.table import Column, Entry, Hand, Table, Texts, Written, found
from catalog.models import Feature, FeatureGroup, Plan, PlanTerm, PlanVersion
from catalog.queries.cells import spell_out, understand
from catalog.queries.terms import case_of, cell_text, with_all
from catalog.queries.vocabulary import Words, words
from journal.domain.refusal import Refusal, Stale

Subject = Feature | FeatureGroup
PREFIX = "plan "  # what a plan's column is called by us: no column of ours has a blank in its name


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row of the file: a feature or group in one case, and what each plan says of it."""

    subject: Subject
    case: str
    cells: Mapping[str, str]


class SheetTable(Table):
    group = Column("Group", a_key, names="group", note="its key", required=True)
    feature_key = Column("Feature key", optional(a_key), names="feature", note="empty where the row is about the group",
                         also=("key",))  # fmt: skip
    feature = Column("Feature", a_line(200), note="its name, to read; the key counts", also=("name",))
    kind = Column("Kind", a_line(40), note="to read")
    case = Column("Case", a_line(200), note="empty: in general; During a trial, In Europe, Paid yearly …")

    slug, title = "sheet", "Plan sheet"
    what = "Every cell of the plan sheet. It goes into drafts; customers see nothing until you publish."
    model = PlanVersion
    identity = ("group", "feature_key", "case")
    together = True

    def __init__(self, at: Any) -> None:
        super().__init__(at)
        self.words: Words = words()
        self.groups = {group.key: group for group in FeatureGroup.objects.all()}
        self.newest = newest_versions()
        plans = list(Plan.objects.order_by("position", "pk"))
        names = [plan.name.casefold() for plan in plans]
        taken = {column.heading.casefold() for column in self.columns.values()}
        for plan in plans:
            clear = names.count(plan.name.casefold()) == 1 and plan.name.casefold() not in taken
            heading = plan.name if clear else f"{plan.name} ({plan.key})"
            self.fields[f"{PREFIX}{plan.key}"] = Column(heading, self._reader, also=(plan.key,))

    @property
    def _reader(self) -> Reader:
        return a_line(2_000)

    def records(self) -> Iterable[Any]:
        plans = {version.pk: version.plan.key for version in self.newest.values()}
        terms: dict[Subject, dict[Case, dict[str, str]]] = {}
        for row in with_all(PlanTerm.objects.filter(version__in=list(plans))):
            subject = row.feature or row.group
            assert subject is not None
            terms.setdefault(subject, {}).setdefault(case_of(row), {})[plans[row.version_id]] = self._text(row)
        for subject in self._subjects():
            said = terms.get(subject, {})
            for case in sorted(said.keys() | ({GENERAL} if isinstance(subject, Feature) else set())):
                market = self.words.market_names.get(case.market, "")
                yield SheetRow(subject, say_case(case, market), said.get(case, {}))

    def _subjects(self) -> Iterable[Subject]:
        features: dict[int, list[Feature]] = {}
        for feature in self.words.features.values():
            features.setdefault(feature.group_id, []).append(feature)
        for group in self.groups.values():
            yield group
            yield from sorted(features.get(group.pk, ()), key=lambda one: (one.position, one.pk))

    def _text(self, row: PlanTerm) -> str:
        measure = self.words.measures[row.group_id] if row.group_id is not None else None
        return cell_text(row, self.words.vocabulary, measure)

    def export_field(self, field: Column, instance: SheetRow, **kwargs: Any) -> str:
        """Plan columns are there only for this file, so no method could be named after them."""
        name, subject = self.get_field_name(field), instance.subject
        is_feature = isinstance(subject, Feature)
        match name:
            case "group":
                return next(key for key, group in self.groups.items() if group.pk == _group_of(subject))
            case "feature_key":
                return subject.key if is_feature else ""
            case "feature":
                return subject.name
            case "kind":
                return subject.shape.kind.words if isinstance(subject, Feature) else "Group"
            case "case":
                return instance.case
        return instance.cells.get(str(name).removeprefix(PREFIX), "")

    def tokens(self) -> dict[str, Any]:
        return {version.plan.key: [version.pk, version.edits] for version in self.newest.values()}

    def fit(self, after: Texts) -> Texts:
        """Cells as they would be said again, so that only what means something else counts as changed."""
        subject = self._subject(after)
        try:
            case = parse_case(after["case"], self.words.market_names) if after["case"] else GENERAL
        except UnreadableCell as unreadable:
            raise WrongEntry(str(unreadable)) from None
        said = {**after, "case": say_case(case, self.words.market_names.get(case.market, ""))}
        said["feature"] = subject.name
        said["kind"] = subject.shape.kind.words if isinstance(subject, Feature) else "Group"
        wrong = []
        for name, text in after.items():
            if name.startswith(PREFIX) and text:
                try:
                    said[name] = self._canonical(text, subject)
                except UnreadableCell as unreadable:
                    wrong.append(f"{self.columns[name].heading}: {unreadable}")
        if wrong:
            raise WrongEntry(" ".join(wrong))
        return said

    def _canonical(self, text: str, subject: Subject) -> str:
        return spell_out(understand(text, subject=subject, known=self.words), subject=subject, known=self.words)

    def _subject(self, after: Mapping[str, str]) -> Subject:
        if not after["feature_key"]:
            return self.groups[after["group"]]
        feature = self.words.features[after["feature_key"]]
        if feature.group_id != self.groups[after["group"]].pk:
            standing = next(key for key, group in self.groups.items() if group.pk == feature.group_id)
            raise WrongEntry(f"{feature} stands in the group {standing}, not in {after['group']}; move it elsewhere.")
        return feature

    def write_together(self, entries: Sequence[Entry], hand: Hand, tokens: Mapping[str, Any]) -> Written:
        drafts = self._drafts(entries, hand, tokens)
        writes = {id(write): (entry, write) for entry in entries for write in self._writes(entry, drafts)}
        try:
            write_cells(
                writes=[write for _, write in writes.values()],
                tokens={draft.pk: draft.edits for draft in drafts.values()},
                reason=hand.reason,
                by=hand.by,
                at=hand.at,
            )
        except BadCells as bad:
            return Written(refused={writes[id(w)][0].number: f"{w.version.plan}: {told}" for w, told in bad.cells})
        return Written(told={entry.number: self._told(entry, drafts) for entry in entries})

    def _drafts(self, entries: Sequence[Entry], hand: Hand, tokens: Mapping[str, Any]) -> dict[str, PlanVersion]:
        """The drafts of all plans that change, opened where needed; Stale where one has moved on since the preview."""
        plans = sorted({name for entry in entries for name in _changed(entry)})
        drafts = {}
        for key in (name.removeprefix(PREFIX) for name in plans):
            plan = found(Plan, key)
            newest = plan.versions.order_by("-number").first()
            if tokens and tokens.get(key) != ([newest.pk, newest.edits] if newest else None):
                raise Stale(
                    f"Someone has changed {plan} since you looked at this import. Check it again, then apply it."
                )
            drafts[key] = draft_of(plan, hand)
        return drafts

    def _writes(self, entry: Entry, drafts: Mapping[str, PlanVersion]) -> Iterable[CellWrite]:
        subject = self._subject(entry.after)
        case = parse_case(entry.after["case"], self.words.market_names) if entry.after["case"] else GENERAL
        for name in _changed(entry):
            yield CellWrite(drafts[name.removeprefix(PREFIX)], subject, entry.after[name], case)

    def _told(self, entry: Entry, drafts: Mapping[str, PlanVersion]) -> str:
        return "Into " + ", ".join(str(drafts[name.removeprefix(PREFIX)]) for name in _changed(entry))

    def undo_together(self, entries: Sequence[Entry], hand: Hand) -> Written:
        """Cell by cell: one that says something else by now, or stands in a published version, is kept."""
        standing, back, done = self.standing(), [], Written()
        for entry in entries:
            kept = self._kept(entry, standing.get(entry.key, {}))
            if kept:
                done.refused[entry.number] = kept
            else:
                back.append(
                    Entry(entry.number, entry.key, entry.after, {**entry.after, **(entry.before or self._empty())})
                )
        if back:
            written = self.write_together(back, hand, {})
            done.told |= written.told
            done.refused |= written.refused
        return done

    def _kept(self, entry: Entry, now: Mapping[str, str]) -> str:
        edited = [name for name in _changed(entry) if now.get(name, "") != entry.after[name]]
        if edited:
            named = ", ".join(self.columns[name].heading for name in edited if name in self.columns)
            return f"Kept: {named} was edited since."
        versions = {version.plan.key: version for version in self.newest.values()}
        published = [name for name in _changed(entry) if not versions[name.removeprefix(PREFIX)].is_draft]
        if published:
            named = ", ".join(str(versions[name.removeprefix(PREFIX)]) for name in published)
            return f"Kept: {named} was published since, and what is published never changes."
        return ""

    def _empty(self) -> Texts:
        return {name: "" for name in self.columns if name.startswith(PREFIX)}

    def drop(self, after: Texts, hand: Hand) -> None:
        raise Refusal("Cells are put back, never dropped.")


def _group_of(subject: Subject) -> int:
    return subject.group_id if isinstance(subject, Feature) else subject.pk


def _changed(entry: Entry) -> list[str]:
    """The plans whose cell this row changes."""
    before = entry.before or {}
    plans = [name for name in entry.after if name.startswith(PREFIX)]
    return [name for name in plans if entry.after[name] != before.get(name, "")]
