"""What came of writing to a company of a CRM, noted; and what somebody changed there in the fields that the desk writes."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from desk.actions.crm.failing import words_of
from desk.actions.crm.findings import Noted, note, settle_gone
from desk.actions.crm.marking import make_due
from desk.domain.crm.faults import FaultKind
from desk.domain.crm.findings import CrmFindingKind
from desk.domain.crm.outgoing import COMPANY, COMPANY_FIELDS, ENTITLEMENT_FIELDS, Outgoing
from desk.domain.crm.sent import Changed, Sent, changed_there, owner_of, read_sent, stale
from desk.domain.crm.told import Company
from desk.domain.crm.tries import WAITS, wait_after
from desk.models import CrmCompany, CrmFinding
from desk.queries.crm.rendered import Rendering
from entitlements.domain.billed.findings import FindingState
from journal.actions.deeds import begin
from journal.domain.actor import Actor

LONGEST_WORDS = 500
WORDS = {one.name: one.words for one in (*COMPANY_FIELDS, *ENTITLEMENT_FIELDS)}
AGAIN_AT_MOST = timedelta(hours=1)  # so often a field is put right that something there changes over and over


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one record; `fault` None, without words: it stands there as it should. The words are the CRM's."""

    outgoing: Outgoing
    fault: FaultKind | None = None
    words: str = ""

    @property
    def is_done(self) -> bool:
        """It was gone already: then it needn't be removed."""
        return (self.fault is None and not self.words) or (self.outgoing.removed and self.fault is FaultKind.GONE)

    @property
    def is_left_out(self) -> bool:
        """The CRM has no place for it: nothing failed, and it is written once there is one."""
        return self.fault is None and bool(self.words)

    @property
    def is_refused(self) -> bool:
        return self.fault is FaultKind.INVALID

    @property
    def is_made_anew(self) -> bool:
        """Somebody removed it there, and it is written once more as if it had never been."""
        return self.fault is FaultKind.GONE and not self.is_done

    @property
    def is_put_off(self) -> bool:
        """It is tried again by itself."""
        return not (self.is_done or self.is_left_out or self.is_refused or self.is_made_anew)


NOTED = (
    "written", "write_failed", "write_tries", "write_after", "written_at", "next_at", "to_write_at", "due_at",
)  # fmt: skip


@transaction.atomic
def note_sending(wanted: Mapping[int, Collection[str]]) -> None:
    """Noted what is about to be sent, by the company's row and the records' names: who is killed meanwhile leaves
    nothing there that the desk doesn't know of."""
    rows = _held(wanted)
    for row in rows:
        row.written = read_sent(row.written).before(wanted[row.pk]).json
    _keep(rows, ("written",))


@transaction.atomic
def note_results(found: Collection[tuple[Rendering, Sequence[Result]]], *, by: Actor, at: datetime) -> None:
    """Noted of companies what was written; what wasn't is tried again, or a person has to look at it.

    What was marked meanwhile stays marked: it is newer than what was written. All are noted at once, the rows held.
    """
    told = {rendering.company.pk: (rendering, results) for rendering, results in found}
    heirs = {heir for rendering, _ in found for heir in rendering.others.values()}
    rows = [row for row in _held({*told, *heirs}) if row.pk in told]
    handed_over: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        rendering, results = told[row.pk]
        counted = _without_its_company(results)
        _note(row, rendering, results, counted, at=at)
        for heir, names in _inherited(row, rendering).items():
            handed_over[heir] |= names
        _note_refused(rendering, counted, by=by, at=at)
    _keep(rows, NOTED)
    if handed_over:
        note_sending(handed_over)
        make_due(CrmCompany.objects.filter(pk__in=list(handed_over)), at=at)


@transaction.atomic
def note_not_worked_out(company: CrmCompany, error: Exception, *, at: datetime) -> None:
    """Noted why nobody can say what should stand there; it is tried again like what a CRM doesn't take."""
    rows = _held([company.pk])
    for row in rows:
        row.write_failed = f"What should stand there couldn’t be worked out: {words_of(error)}"[:LONGEST_WORDS]
        row.write_tries, row.write_after = row.write_tries + 1, at + _wait(company)
    _keep(rows, ("write_failed", "write_tries", "write_after"))


@transaction.atomic
def note_standing(asked: Mapping[int, Collection[str]], there: Collection[str], *, at: datetime) -> int:
    """Noted which records of entitlements the CRM was asked about, and that those that aren't there are written again;
    how many."""
    rows = _held(asked)
    missing = {row.pk: set(asked[row.pk]) - set(there) for row in rows}
    for row in rows:
        row.written = read_sent(row.written).after_asking(asked[row.pk], there, at=at).json
    _keep(rows, ("written",))
    make_due(CrmCompany.objects.filter(pk__in=[pk for pk, names in missing.items() if names]), at=at)
    return sum(len(names) for names in missing.values())


def _held(pks: Collection[int]) -> list[CrmCompany]:
    """Always in one order, so that nobody waits for whom waits for them."""
    return list(CrmCompany.objects.select_for_update(of=("self",)).filter(pk__in=list(pks)).order_by("pk"))


def _keep(rows: Sequence[CrmCompany], columns: Sequence[str]) -> None:
    """These columns of rows that are held, in a statement or two: an UPDATE of each alone costs far more."""
    CrmCompany.objects.bulk_create(rows, update_conflicts=True, unique_fields=["pk"], update_fields=columns)


def _note(
    row: CrmCompany, rendering: Rendering, results: Sequence[Result], counted: Sequence[Result], *, at: datetime
) -> None:
    """`counted` are the results that say anything of the company."""
    sent = read_sent(row.written)  # what was forgotten meanwhile stays so
    for one in counted:
        sent = _after(sent, one)
    row.written = sent.json
    row.write_failed, row.next_at = _why(results, rendering), rendering.until
    if any(one.is_done for one in counted):
        row.written_at = at
    again, news = any(_is_gone_again(one, rendering) for one in counted), row.marks != rendering.company.marks
    if again or any(one.is_put_off for one in counted):
        row.write_tries, row.write_after = row.write_tries + 1, None if news else at + _wait(rendering.company)
    else:
        row.write_tries, row.write_after = 0, None
    if not any(one.is_put_off or one.is_made_anew for one in counted) and not news:
        row.to_write_at = None
    if again or len(counted) < len(results):
        row.due_at = row.due_at or at


def _is_gone_again(result: Result, rendering: Rendering) -> bool:
    """It can't be made anew either: rather its company is no longer there, and that is looked at."""
    return result.is_made_anew and result.outgoing.name not in rendering.sent.records


def _without_its_company(results: Sequence[Result]) -> Sequence[Result]:
    """Where the company is no longer there nothing can be said of its entitlements either: it is looked at again, and
    what it sees then decides."""
    if any(one.outgoing.part == COMPANY and one.fault is FaultKind.GONE for one in results):
        return [one for one in results if one.is_done]
    return results


def _wait(company: CrmCompany) -> timedelta:
    return wait_after(company.write_tries + 1) or WAITS[-1]


def _after(sent: Sent, result: Result) -> Sent:
    if result.is_done:
        return sent.after(result.outgoing)
    if result.is_refused:
        return sent.after_refusal(result.outgoing)
    return sent.forgotten(result.outgoing.name) if result.is_made_anew else sent


def _inherited(row: CrmCompany, rendering: Rendering) -> Mapping[int, set[str]]:
    """What another company bears by now is no longer this one's: that one writes it anew, or removes it. Refusals of
    what is wanted no more are forgotten too."""
    sent = read_sent(row.written)
    names: dict[int, set[str]] = defaultdict(set)
    for name in stale(rendering.parts, sent):
        if (heir := rendering.others.get(owner_of(name))) is not None:
            names[heir].add(name)
    gone = {name for inherited in names.values() for name in inherited}
    wanted = {one.name for one in rendering.parts.values()} | (sent.records.keys() - gone)
    if over := gone | (sent.refused.keys() - wanted):
        row.written = sent.forgotten(*over).json
    return names


def _why(results: Sequence[Result], rendering: Rendering) -> str:
    """The words of what wasn't taken; of what had been refused before and wasn't sent again, those of then."""
    failed = next((one.words for one in results if one.fault is not None and not one.is_done), "")
    done = {one.outgoing.name for one in results if one.is_done}
    names = {one.name for one in rendering.parts.values()}
    still = (rendering.sent.refused.keys() & names) - done
    return (failed or (rendering.company.write_failed if still else ""))[:LONGEST_WORDS]


def _note_refused(rendering: Rendering, results: Sequence[Result], *, by: Actor, at: datetime) -> None:
    refused = [one for one in results if one.is_refused]
    if not (refused or rendering.sent.refused or rendering.company.write_failed):
        return
    company, deed = rendering.company, begin(by=by, at=at)
    told: dict[str, Any] = {"connection": company.connection, "subject": subject_of(company)}
    found = [_refusal(one) for one in refused]
    for noted in found:
        note(noted, **told, account=company.account, deed=deed)
    done = {one.outgoing.name for one in results if one.is_done}
    gone = rendering.sent.refused.keys() - {one.name for one in rendering.parts.values()}
    settle_gone(**told, kinds=[CrmFindingKind.NOT_WRITTEN], still=found, deed=deed, abouts=sorted(done | gone))


def _refusal(result: Result) -> Noted:
    one = result.outgoing
    what = "the company’s fields" if one.part == COMPANY else f"the record of {one.fields.get('name') or one.key}"
    verb = "remove" if one.removed else "write"
    return Noted(
        CrmFindingKind.NOT_WRITTEN,
        one.name,
        f"The desk couldn’t {verb} {what}: {result.words}",
        {"theirs": result.words[:LONGEST_WORDS], "ours": one.key},
    )


def subject_of(company: CrmCompany) -> str:
    return f"company:{company.external_id}"


def try_again(companies: QuerySet[CrmCompany], *, at: datetime) -> int:
    """Had these written again, also what the CRM had refused; of how many. Whoever calls has asked who may."""
    for row in companies.exclude(written={}).iterator():
        CrmCompany.objects.filter(pk=row.pk).update(written=read_sent(row.written).tried_anew().json)
    companies.update(write_after=None, write_tries=0)
    return make_due(companies, at=at)


@transaction.atomic
def note_changed_there(
    *, row: CrmCompany, company: Company, by: Actor, at: datetime
) -> tuple[str, ...]:  # fmt: skip
    """What somebody changed there in the fields that the desk writes is told to a person, and written again.

    Where the fields say what was written, as they do after each writing of ours, nothing is done. Of what something there
    changes over and over, it is put right once an hour, so that the two don't wear each other out. Where the company is
    gone, its records go with it, or to another company of the account.
    """
    sent = read_sent(row.written)
    if _is_back(row, company):
        make_due(CrmCompany.objects.filter(pk=row.pk), at=at)
    if company.gone and sent.records:
        its = CrmCompany.objects.filter(connection=row.connection_id)
        make_due(its.filter(Q(pk=row.pk) | Q(account__isnull=False, account=row.account_id)), at=at)
    changed = changed_there(sent, company.ours) if row.account_id is not None and not company.gone else ()
    if not changed:
        return ()
    known, again_at = _known(row, changed), (row.written_at or at) + AGAIN_AT_MOST
    deed = begin(by=by, at=at)
    for one in changed:
        noted = Noted(CrmFindingKind.CONFLICT, one.field, one.said, {"theirs": one.theirs, "ours": one.ours})
        note(noted, connection=row.connection, subject=subject_of(row), account=row.account, deed=deed)
    CrmCompany.objects.filter(pk=row.pk).update(written=sent.forgotten(COMPANY).json)
    if known and at < again_at:
        CrmCompany.objects.filter(pk=row.pk).update(next_at=min(row.next_at or again_at, again_at))
    else:
        make_due(CrmCompany.objects.filter(pk=row.pk), at=at)
    return tuple(one.said for one in changed)


def _is_back(row: CrmCompany, company: Company) -> bool:
    """Somebody's, and rendered last while it was gone: only then nothing says when it is to be rendered again."""
    return not company.gone and row.account_id is not None and row.next_at is None and row.to_write_at is None


def _known(row: CrmCompany, changed: Collection[Changed]) -> bool:
    """Whether findings that are open, or that a person let be, say just this already."""
    about = {"connection": row.connection_id, "subject": subject_of(row), "kind": CrmFindingKind.CONFLICT}
    found = CrmFinding.objects.filter(**about).exclude(state=FindingState.MENDED).order_by("pk")
    said = {one.about: one.evidence.get("theirs") for one in found}
    return all(said.get(one.field) == one.theirs for one in changed)
