"""Writing many cells at once, as a paste, a fill, an undo or an import does: all of them, or none."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from catalog.actions.cell_rows import fill, wipe, write_rows
from catalog.actions.drafts import EDIT, take_draft
from catalog.actions.terms import key_of, new_term, shape_of, told
from catalog.domain.cases import GENERAL, Case
from catalog.domain.cells import Reading, UnreadableCell
from catalog.domain.trial_ends import refuse_unheard
from catalog.models import Feature, FeatureGroup, PlanTerm, PlanVersion
from catalog.queries.cells import spell_out, understand
from catalog.queries.terms import case_of, cell_text, with_all
from catalog.queries.vocabulary import Words, words
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from journal.domain.deed import Deed
from journal.domain.refusal import Refusal, Stale


@dataclass(frozen=True, slots=True)
class CellWrite:
    """What one cell shall say; the empty text clears it."""

    version: PlanVersion
    subject: Feature | FeatureGroup
    text: str
    case: Case = GENERAL


class BadCells(Refusal):
    """Some of the cells can't be read, so none was written; each with its sentence."""

    code = "bad_cells"

    def __init__(self, cells: Sequence[tuple[CellWrite, str]]) -> None:
        self.cells = list(cells)
        first, sentence = self.cells[0]
        more = f" And {len(self.cells) - 1} more cells can't be read." if len(self.cells) > 1 else ""
        super().__init__(f"{first.version.plan}, {first.subject}: {sentence}{more} Nothing was written.")


@dataclass(slots=True)
class _Draft:
    """A draft that is held, its cells, and what was done to them; `changes` is what the audit tells."""

    version: PlanVersion
    cells: dict["_Place", PlanTerm]
    changes: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)


_Place = tuple[str, int, Case]


@transaction.atomic
def write_cells(
    *, writes: Sequence[CellWrite], tokens: Mapping[int, int], by: Actor, at: datetime, reason: str = ""
) -> dict[int, int]:
    """Cells of one or several drafts were written in one go.

    `tokens` are the edits of each draft as the person saw them, by the version's id; the new ones come back. A cell
    that says the same already is passed over. The text alone decides what a cell says: nothing of what stood there
    before lives on in it, so that writing the former text undoes it.
    """
    by.require(EDIT)
    drafts = _take(writes, tokens)
    known = words()
    wanted = _understood(writes, known)
    deed = begin(by=by, at=at)
    for write, meaning in wanted:
        _write(drafts[write.version.pk], write, meaning, known=known, deed=deed)
    for draft in drafts.values():
        _tell(draft, reason=reason, deed=deed)
    return {pk: drafts[pk].version.edits if pk in drafts else edits for pk, edits in tokens.items()}


def _take(writes: Sequence[CellWrite], tokens: Mapping[int, int]) -> dict[int, _Draft]:
    """Every draft, held in one order whoever asks; Stale as soon as one of them moved on."""
    versions = {write.version.pk: write.version for write in writes}
    if missing := [version for pk, version in versions.items() if pk not in tokens]:
        raise Stale(f"{missing[0]} was not open on the sheet; reload it, then try again.")
    held = {pk: take_draft(version=versions[pk], edits=tokens[pk]) for pk in sorted(versions)}
    cells: dict[int, dict[_Place, PlanTerm]] = {pk: {} for pk in held}
    for term in with_all(PlanTerm.objects.filter(version__in=list(held))):
        subject = term.feature or term.group
        assert subject is not None
        cells[term.version_id][type(subject).__name__, subject.pk, case_of(term)] = term
    return {pk: _Draft(version, cells[pk]) for pk, version in held.items()}


def _understood(writes: Iterable[CellWrite], known: Words) -> list[tuple[CellWrite, Reading | None]]:
    """Every cell's meaning, None for one to clear; BadCells with all that can't be read. Of a cell the last counts."""
    wanted: dict[tuple[int, _Place], tuple[CellWrite, Reading | None]] = {}
    bad = []
    for write in writes:
        try:
            wanted[write.version.pk, _place(write)] = write, _meaning(write, known)
        except UnreadableCell as unreadable:
            bad.append((write, str(unreadable)))
    if bad:
        raise BadCells(bad)
    return list(wanted.values())


def _meaning(write: CellWrite, known: Words) -> Reading | None:
    if write.case.market and write.case.market not in known.markets:
        raise UnreadableCell(f"There is no market with the key {write.case.market}.")
    if not write.text.strip():
        return None
    meaning = understand(write.text, subject=write.subject, known=known)
    refuse_unheard(meaning.at_trial_end, case=write.case)
    return meaning


def _place(write: CellWrite) -> _Place:
    return type(write.subject).__name__, write.subject.pk, write.case


def _write(draft: _Draft, write: CellWrite, meaning: Reading | None, *, known: Words, deed: Deed) -> None:
    place = _place(write)
    term = draft.cells.get(place)
    if meaning is None:
        if term is not None:
            draft.changes[key_of(term)] = told(term), None
            wipe(term, deed=deed)
            del draft.cells[place]
        return
    text = spell_out(meaning, subject=write.subject, known=known)
    stood = None if term is None else _text(term, known)
    if stood == text:
        return
    before = told(term) if term else None
    term = term or new_term(draft.version, write.subject, write.case, known=known)
    term.sold_as = None
    fill(term, meaning, shape=shape_of(write.subject, known), known=known)
    write_rows(term, meaning, subject=write.subject, known=known, deed=deed)
    draft.cells[place] = term
    after = told(term)
    draft.changes[key_of(term)] = (before, after) if before != after else (stood, text)


def _text(term: PlanTerm, known: Words) -> str:
    measure = known.measures[term.group_id] if term.group_id is not None else None
    return cell_text(term, known.vocabulary, measure)


def _tell(draft: _Draft, *, reason: str, deed: Deed) -> None:
    if not draft.changes:
        return
    draft.version.edits += 1
    keep(draft.version, deed=deed)
    record(deed, "plan_version:write_cells", subject=draft.version, reason=reason, changes=draft.changes)
