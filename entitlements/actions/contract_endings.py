"""How a contract ends: by notice with a term, or early. Whatever its lines made ends with it, at the same instant."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from catalog.queries.instants import say_instant
from entitlements.actions.catching_up import answers_before
from entitlements.actions.changes import journal_changes
from entitlements.actions.contract_settling import settle
from entitlements.actions.contracts import lock_contract, require_writer
from entitlements.actions.internal import require_end
from entitlements.domain.resolution import Resolution
from entitlements.models import Contract
from entitlements.queries.contracts.ending import end_by_notice, require_running, taken_back_end
from entitlements.queries.contracts.lifting import judge_lifting
from entitlements.queries.contracts.settling import settlement
from entitlements.queries.contracts.versions import open_version, signed_versions
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NotAllowed, Refusal


@transaction.atomic
def give_notice(*, contract: Contract, said_by: str, by: Actor, at: datetime, seen: str | None = None) -> Contract:
    """Notice was given: the contract ends with the running term, or with the next where it came too late for that.

    `said_by` is the customer, or who of us said that it won't be renewed.
    """
    require_writer(by)
    contract = lock_contract(contract, seen=seen)
    ends_at = end_by_notice(contract, at=at)
    if not said_by.strip():
        raise Invalid("Say who gave notice: the customer, or who of us.", field="said_by")
    _refuse_while_open(contract)
    before, was = answers_before(account=contract.account, at=at), contract.ends_at
    contract.notice_at, contract.notice_by, contract.ends_at = at, said_by.strip(), ends_at
    return _write(
        contract, "contract:give_notice", before, was, reason=f"{contract.notice_by} gave notice", by=by, at=at
    )


@transaction.atomic
def take_notice_back(
    *, contract: Contract, by: Actor, at: datetime, reason: str = "", seen: str | None = None
) -> Contract:
    """A notice was taken back before the contract ended; it goes on by its terms as if it had never been given."""
    require_writer(by)
    contract = lock_contract(contract, seen=seen)
    taken_back_end(contract, at=at)
    _refuse_while_open(contract)
    require_end(account=contract.account, ends_at=None, field="")
    before, was = answers_before(account=contract.account, at=at), contract.ends_at
    contract.notice_at, contract.notice_by, contract.ends_at = None, "", None
    return _write(contract, "contract:withdraw_notice", before, was, reason=reason, by=by, at=at)


@transaction.atomic
def end_early(
    *, contract: Contract, ends_at: datetime, reason: str, by: Actor, at: datetime, seen: str | None = None
) -> Contract:
    """Ended a contract before its term was up, at once or at an instant to come; one that hadn't begun never does."""
    require_writer(by)
    contract = lock_contract(contract, seen=seen)
    require_running(contract, at=at)
    if ends_at < at:
        raise Invalid("A contract can't end in the past: what was answered until now stays true.", field="ends_at")
    if contract.ends_at is not None and contract.ends_at <= ends_at:
        until = say_instant(contract.ends_at, zone=signed_versions(contract)[0].zone)
        raise Invalid(f"It ends by itself on {until}. Choose an earlier day.", field="ends_at")
    if not reason.strip():
        raise Invalid("Give a reason: it is what the customer's story says.", field="reason")
    _refuse_while_open(contract)
    _refuse_lifting(contract, ends_at=ends_at, by=by, at=at)
    before, was = answers_before(account=contract.account, at=at), contract.ends_at
    contract.ended_early_at, contract.ends_at = at, ends_at
    return _write(contract, "contract:end_early", before, was, reason=reason, by=by, at=at)


def _refuse_while_open(contract: Contract) -> None:
    """A draft, or a request, was made for a contract that goes on as it did: what becomes of it, a person says first."""
    version = open_version(contract)
    if version is not None:
        raise Refusal(f"Version {version.number} is being drafted or waits for approval. Sign or discard it first.")


def _refuse_lifting(contract: Contract, *, ends_at: datetime, by: Actor, at: datetime) -> None:
    """Nobody lifts alone, with the whole contract, what they may not lift by revoking it."""
    settled = settlement(contract, signed_versions(contract), ends_at=ends_at, at=at)
    for number, _words, judged in judge_lifting(settled, by=by, at=at):
        raise NotAllowed(f"Line {number}: {judged.because} Ask someone who may approve concessions to end it.")


def _write(
    contract: Contract,
    verb: str,
    before: Mapping[str, Resolution],
    was: datetime | None,
    *,
    reason: str,
    by: Actor,
    at: datetime,
) -> Contract:
    deed = begin(by=by, at=at)
    keep(contract, deed=deed)
    settle(contract, settlement(contract, signed_versions(contract), ends_at=contract.ends_at, at=at), deed=deed)
    event = record(
        deed,
        verb,
        subject=contract,
        account_key=contract.account.key,
        reason=reason,
        changes={"ends_at": [when and when.isoformat() for when in (was, contract.ends_at)]},
    )
    cause = f"Contract {contract.key}: {reason}" if reason else f"Contract {contract.key} goes on"
    journal_changes(account=contract.account, before=before, at=at, cause=cause, event=event)
    return contract
