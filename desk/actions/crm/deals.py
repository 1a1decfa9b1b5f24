"""What a CRM says of a deal, taken in: what was sold becomes what is held.

One look is followed whole or not at all: where the desk refuses a step, nothing of it is done, what was held before goes
on, and a finding says what was refused. What is there to be seen was seen before; nothing here speaks to another system.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from desk.actions.crm.applied import NOTHING, PASSED_OVER, Applied
from desk.actions.crm.carrying_out import carry_out, name_as_told
from desk.actions.crm.findings import Noted, note, settle_gone
from desk.actions.crm.prolonging import settle_decided
from desk.actions.crm.tickets import claim
from desk.actions.crm.work import HOLDS, Work
from desk.domain.crm.deciding import Told
from desk.domain.crm.findings import CrmFindingKind, about_deal
from desk.domain.crm.kept import keep_deal
from desk.domain.crm.told import Deal, legible
from desk.models import CrmCompany, CrmDeal
from desk.queries.crm.judging import Judged, judge_deal, seen_open_at, whose_deal
from desk.queries.crm.made import rejections_of, request_of, trial_request_of, version_made
from desk.queries.crm.mapping import in_force
from desk.queries.crm.sellers import for_seller
from desk.queries.crm.trying import say_agreed, say_step
from entitlements.actions.locking import lock_all, refuse_merged
from entitlements.models import Account
from entitlements.queries.merged import standing_for
from journal.actions import approvals
from journal.actions.deeds import Deed, begin
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal, Stale
from journal.models import Connection

FOUND_HERE = (
    CrmFindingKind.WHOSE, CrmFindingKind.UNREAD, CrmFindingKind.UNMAPPED, CrmFindingKind.REFUSED, CrmFindingKind.DOUBTED,
)  # fmt: skip
WRITTEN = (
    *HOLDS, "company_id_there", "name", "state", "told", "told_at", "changed_at", "outcome", "applied", "due_at",
    "tries", "failed",
)  # fmt: skip
MOST_TRIES = 3


@transaction.atomic
def apply_deal(*, connection: Connection, deal: Deal, ticket: int, by: Actor, at: datetime) -> Applied:
    """Took in what a CRM says of a deal: what it made is what it says by the mapping in force.

    `ticket` was taken at the moment `at`, before anybody looked: of two looks the later asked for wins.
    """
    row = CrmDeal.objects.get(connection=connection, external_id=deal.id)
    if row.applied >= ticket:
        return Applied(PASSED_OVER)
    deal = _whole(deal, row)
    _know_company(connection, deal, at=at)
    held = _hold_accounts(connection, deal, row)
    row = _held(row)
    if row.account_id is not None and standing_for(row.account).pk not in held:  # type: ignore[arg-type]
        raise Stale(f"{row} was looked at by somebody else just now. Look again.")
    if not claim(row, ticket):
        return Applied(PASSED_OVER)
    settle_decided(row)
    judged = judge_deal(connection, in_force(connection), deal, row, at=at)
    if judged.account is not None and judged.account.pk not in held:
        raise Stale(f"Somebody has just said whose {row} is. Look again.")
    account = held.get(judged.account.pk) if judged.account is not None else None
    deed = begin(by=by, at=at)
    done, found = _followed(judged, deal, row, account, deed=deed)
    _name_seller(row, deal, deed=deed)
    noted = [*_told(judged), *found, *_rejected(row)]
    words = ". ".join(done) or (found[0].words if found else judged.because or NOTHING)
    _keep_told(row, deal, words=words, at=at)
    row.save(update_fields=WRITTEN)
    findings = _noted(connection, deal, noted, row.account, deed=deed)
    return Applied(words, row.account.key if row.account is not None else "", moved=bool(done), findings=findings)


def _whole(deal: Deal, row: CrmDeal) -> Deal:
    """One that is gone may be told by its id alone: the rest is as it was known."""
    deal = legible(deal)
    return replace(deal, name=deal.name.strip() or row.name or deal.id, company=deal.company or row.company_id_there)


def _know_company(connection: Connection, deal: Deal, *, at: datetime) -> None:
    """A company that nobody has looked at yet is looked at next."""
    if deal.company:
        new = CrmCompany(connection=connection, external_id=deal.company, due_at=at)
        CrmCompany.objects.bulk_create([new], ignore_conflicts=True)


def _hold_accounts(connection: Connection, deal: Deal, row: CrmDeal) -> dict[int, Account]:
    """Whose it is, and whom it was made something for, in one order."""
    whose = whose_deal(connection, deal).account
    ids = {one.pk for one in (whose, row.account and standing_for(row.account)) if one is not None}
    held = dict(lock_all(ids))
    for account in held.values():
        refuse_merged(account)
    return held


def _held(row: CrmDeal) -> CrmDeal:
    rows = CrmDeal.objects.select_for_update(of=("self",))
    return rows.select_related("connection", "account", "contract", "trial__subscription__account").get(pk=row.pk)


# Doing it -------------------------------------------------------------------------------------------------------------
def _followed(
    judged: Judged, deal: Deal, row: CrmDeal, account: Account | None, *, deed: Deed
) -> tuple[list[str], list[Noted]]:
    """Do what is left to do; all of it, or nothing and a finding of why. Most looks find that nothing is."""
    before = standing_for(row.account) if row.account is not None else None
    whose = account or before
    if whose is None:
        return [], []
    by = for_seller(deal, by=deed.by) if judged.is_read and judged.decided.steps else deed.by
    work = Work(deal, row, whose, judged.made, by=by, at=deed.at)
    as_it_was = work.held()
    try:
        with transaction.atomic():
            if judged.is_read:
                carry_out(judged.decided.steps, work, mapping=judged.mapping)
            name_as_told(work)
    except Stale:
        raise  # somebody wrote the same meanwhile: whoever looked tries again
    except Refusal as refusal:
        for name, value in as_it_was.items():
            setattr(row, name, value)
        if row.contract_id is None and row.trial_id is None:
            row.account = account
        return [], [Noted(CrmFindingKind.REFUSED, "", refusal.message, {"ours": refusal.message})]
    stays = bool(work.made) and not (judged.is_read and account is not None)
    row.account = before if stays else account
    return work.done, work.noted


def _name_seller(row: CrmDeal, deal: Deal, *, deed: Deed) -> None:
    """Who sold it may be told only after something was asked for."""
    if not row.told or not deal.owner or row.told.get("owner", "") == deal.owner:
        return
    person = for_seller(deal, by=deed.by).asks_for
    version = version_made(row)
    for asked in (request_of(version) if version is not None else None, trial_request_of(row)):
        if person is not None and asked is not None:
            approvals.ask_for(approval=asked, person=person, by=deed.by, at=deed.at)


def _told(judged: Judged) -> list[Noted]:
    return [Noted(one.kind, one.about, one.words, _compared(one, judged)) for one in judged.decided.told]


def _compared(told: Told, judged: Judged) -> dict[str, str]:
    """What the deal says beside what was agreed, where that waits."""
    if told.waits is None:
        return {}
    return {"theirs": "; ".join(say_step(told.waits)), "ours": say_agreed(judged.made.agreed)}


def _rejected(row: CrmDeal) -> list[Noted]:
    return [Noted(CrmFindingKind.REFUSED, one.about, one.words) for one in rejections_of(row)]


def _keep_told(row: CrmDeal, deal: Deal, *, words: str, at: datetime) -> None:
    """What it said last; a mirror without versions."""
    seen_open = seen_open_at(row)
    row.name, row.company_id_there, row.state = deal.name[:300], deal.company, deal.state
    row.told, row.told_at, row.changed_at = keep_deal(deal), at, deal.changed_at
    if seen_open is not None:
        row.told |= {"seen_open_at": seen_open.isoformat()}
    row.outcome, row.tries, row.failed = words[:500], 0, ""
    if row.due_at is not None and row.due_at <= at:
        row.due_at = None


def _noted(
    connection: Connection, deal: Deal, noted: Sequence[Noted], account: Account | None, *, deed: Deed
) -> tuple[str, ...]:
    """Note what is found, and settle what was found before and isn't any more."""
    once = list({(one.kind, one.about): one for one in noted}.values())
    told: Any = {"connection": connection, "subject": about_deal(deal.id), "deed": deed}
    settle_gone(kinds=FOUND_HERE, still=once, **told)
    return tuple(note(one, account=account, **told).words for one in once)
