"""What has to be done about a deal, done by the desk's usual actions: its contract."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from desk.actions.crm.drafting import Overwritten, keep_terms, says_nothing_new, write_lines, write_terms
from desk.actions.crm.findings import Noted
from desk.actions.crm.prolonging import extend, take_back
from desk.actions.crm.work import Work
from desk.domain.crm.deciding import NO_PROMISES, Amend, Conclude, EndContract, Extend, Step, TakeBack, after
from desk.domain.crm.findings import CrmFindingKind
from desk.domain.crm.kept import keep_agreed, keep_deal, keep_promise, kept_agreed
from desk.domain.crm.wanted import Agreed, Promise
from desk.queries.crm.made import kept_promises, request_of, version_made
from entitlements.actions.contract_drafts import amend, discard
from entitlements.actions.contract_endings import end_early
from entitlements.actions.contract_signing import sign
from entitlements.actions.contracts import open_contract, rename
from entitlements.models import Contract, ContractVersion
from entitlements.models.contract import ContractState
from entitlements.queries.contracts.versions import last_signed, open_version, signed_versions
from journal.actions import approvals
from journal.domain.refusal import Refusal
from journal.models import Approval

Promises: TypeAlias = Mapping[str, Promise]
LONGEST_NAME, LONGEST_LINK = 200, 200
IS_LINK = URLValidator(schemes=["https", "http"])


class Signed(NamedTuple):
    """The version that was signed last, what the deal promised in what was signed, and by which terms."""

    last: ContractVersion | None
    promises: Promises
    agreed: Agreed


NOTHING_SIGNED = Signed(None, NO_PROMISES, kept_agreed(None))


def carry_out(steps: Sequence[Step], work: Work, *, mapping: int) -> None:
    """Do each in turn; the first refusal ends it, and whoever called undoes what was done before. `mapping` is the number
    of the mapping that the deal was read by."""
    for step in steps:
        match step:
            case Conclude():
                _conclude(work, step)
            case Amend():
                _amend(work, step)
            case EndContract():
                _end(work, step)
            case Extend():
                extend(work, step)
            case TakeBack():
                take_back(work, step)
        work.made = after(work.made, step)
    row = work.row
    row.agreed = row.agreed | {"mapping": mapping, "of": keep_deal(work.deal)} if work.made else {}


def name_as_told(work: Work) -> None:
    """Its contract is called as the deal is, and leads to it, from when the deal was called otherwise than before."""
    row, told = work.row, [work.deal.name, work.deal.link]
    if row.contract is None or row.agreed.get("named", told) == told:
        return
    name, link = _name_and_link(work)
    rename(contract=row.contract, name=name, link=link, by=work.by, at=work.at)
    row.agreed = row.agreed | {"named": told}


def _name_and_link(work: Work) -> tuple[str, str]:
    """A link that leads nowhere is left out: nobody goes without what was sold for it."""
    link = work.deal.link
    try:
        IS_LINK(link)
    except ValidationError:
        link = ""
    return work.deal.name[:LONGEST_NAME], link if len(link) <= LONGEST_LINK else ""


def _conclude(work: Work, step: Conclude) -> None:
    name, link = _name_and_link(work)
    contract = open_contract(account=work.account, name=name, link=link, by=work.by, at=work.at)
    work.row.contract, work.row.lines = contract, {}
    work.row.agreed = {"named": [work.deal.name, work.deal.link]}
    version = contract.versions.get()
    version = write_terms(
        version, step.agreed, reason=work.reason, today=work.today, new_term=True, by=work.by, at=work.at
    )
    promises = after(work.made, step).promises
    _sign(work, version, promises, step.agreed, was=NO_PROMISES, before=NOTHING_SIGNED, said="concluded")


def _amend(work: Work, step: Amend) -> None:
    """The draft that was asked for, or rejected, is written anew; else what was signed is amended.

    Where nobody ever signed what the deal made, and somebody threw the draft away, it is concluded anew.
    """
    contract, then = _held(work), after(work.made, step)
    before = _signed(work, contract)
    draft = _draft_to_write(work, before, then.promises)
    if draft is None and before.last is None and open_version(contract) is None:
        _conclude(work, Conclude(tuple(then.promises.values()), step.agreed))
        return
    was, agreed = (before.promises, before.agreed) if draft is None else (work.made.promises, work.made.agreed)
    version = draft or amend(contract=contract, by=work.by, at=work.at)
    if step.agreed == before.agreed and before.last is not None:
        of = version if step.agreed == agreed else before.last
        version = keep_terms(version, before.last, of=of, reason=work.reason, by=work.by, at=work.at)
    else:
        new_term = step.agreed.first_day != before.agreed.first_day
        version = write_terms(
            version, step.agreed, reason=work.reason, today=work.today, new_term=new_term, by=work.by, at=work.at
        )
    _sign(work, version, then.promises, step.agreed, was=was, before=before, said="amended")


def _sign(
    work: Work,
    version: ContractVersion,
    promises: Promises,
    agreed: Agreed,
    *,
    was: Promises,
    before: Signed,
    said: str,
) -> None:
    """Write the lines, and sign; what changes nothing of what was signed before is thrown away instead."""
    row, numbers = work.row, work.row.lines
    row.lines, overwritten = write_lines(version, promises, was=was, numbers=numbers, by=work.by, at=work.at)
    work.noted += [_conflict(one) for one in overwritten]
    if before.last is not None and says_nothing_new(version, before.last):
        discard(version=version, reason="The deal says again what was signed", by=work.by, at=work.at)
        number = before.last.number
    else:
        number = version.number
        version = sign(version=version, by=work.by, at=work.at)
    waits = version.state == ContractState.REQUESTED
    if waits:  # what was signed goes on until then, and stays the deal's own
        row.lines = {key: of for key, of in numbers.items() if key in before.promises} | row.lines
    row.contract = version.contract
    row.agreed = row.agreed | {
        "version": number,
        "promises": [keep_promise(one) for one in promises.values()],
        "signed": [keep_promise(one) for one in (before.promises if waits else promises).values()],
        "terms": keep_agreed(agreed),
        "signed_terms": keep_agreed(before.agreed if waits else agreed),
    }
    how = "waits for approval" if waits else f"was {said}"
    work.done.append(f"Contract {version.contract.key} {how}")


def _conflict(one: Overwritten) -> Noted:
    words = (
        f"Line {one.number}: staff had made it “{one.ours}” here. The deal says “{one.theirs}” by now, and that counts."
    )
    return Noted(CrmFindingKind.CONFLICT, one.key, words, {"theirs": one.theirs, "ours": one.ours})


def _end(work: Work, step: EndContract) -> None:
    """What was asked for is taken back, and what runs ends now; with lines that staff added, only the deal's own end."""
    contract, why = _held(work), step.why[:500]
    draft = _own_draft(work)
    last = last_signed(contract)
    if draft is not None:
        discard(version=draft, reason=why, by=work.by, at=work.at)
        work.done.append(f"What waited of contract {contract.key} was taken back")
    if last is not None and (contract.ends_at is None or contract.ends_at > work.at):
        own = set(work.row.lines.values())
        if last.lines.exclude(number__in=own).exists():
            _take_out_own(work, contract, last, why=why)
        else:
            end_early(contract=contract, ends_at=work.at, reason=why, by=work.by, at=work.at)
        work.done.append(f"Contract {contract.key} was ended")
    work.row.lines, work.row.agreed = {}, {}


def _take_out_own(work: Work, contract: Contract, last: ContractVersion, *, why: str) -> None:
    version = amend(contract=contract, by=work.by, at=work.at)
    version = keep_terms(version, last, of=last, reason=why, by=work.by, at=work.at)
    write_lines(version, NO_PROMISES, was=NO_PROMISES, numbers=work.row.lines, by=work.by, at=work.at)
    if sign(version=version, by=work.by, at=work.at).state != ContractState.SIGNED:
        raise Refusal(
            f"Contract {contract.key} holds lines of the deal that nobody takes out alone, beside lines that were added "
            "here. Ask someone who may approve concessions to take out the deal’s."
        )


def _held(work: Work) -> Contract:
    assert work.row.contract is not None  # else there is nothing to amend or to end
    return Contract.objects.select_related("account").get(pk=work.row.contract.pk)


def _signed(work: Work, contract: Contract) -> Signed:
    versions, kept = signed_versions(contract), work.row.agreed
    last = next(reversed(versions), None)
    if any(one.number == kept.get("version") for one in versions):
        return Signed(last, work.made.promises, work.made.agreed)
    return Signed(last, kept_promises(kept.get("signed")), kept_agreed(kept.get("signed_terms")))


def _draft_to_write(work: Work, before: Signed, promises: Promises) -> ContractVersion | None:
    """The deal's own draft. One that takes out what is promised after all is thrown away, so that the line that was
    signed goes on instead of another like it."""
    draft = _own_draft(work)
    if draft is None or before.last is None:
        return draft
    there = set(draft.lines.values_list("number", flat=True))
    if all(work.row.lines.get(key) in there for key in before.promises.keys() & promises.keys()):
        return draft
    discard(version=draft, reason="The deal says again what was signed", by=work.by, at=work.at)
    return None


def _own_draft(work: Work) -> ContractVersion | None:
    """The version that the deal asked for and that nobody signed, as a draft: what waits is taken back first."""
    version = version_made(work.row)
    if version is None or version.state not in {ContractState.REQUESTED, ContractState.DRAFT}:
        return None
    asked = request_of(version)
    if version.state == ContractState.REQUESTED and asked is not None and asked.state == Approval.State.PENDING:
        approvals.withdraw(approval=asked, by=work.by, at=work.at, note="The deal says something else by now")
    return ContractVersion.objects.select_related("contract__account").get(pk=version.pk)
