"""What keeps a draft from being signed, before anybody asks what it sells: its days, its terms, its lines."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from catalog.queries.instants import say_instant, say_until
from entitlements.models import ContractLine, ContractVersion
from entitlements.models.contract import ContractState
from entitlements.queries.contracts.difference import lines_of
from entitlements.queries.contracts.promises import own_window
from entitlements.queries.contracts.versions import (
    counts_on,
    differs_in_terms,
    effective_instant,
    end_agreed,
    is_ending,
    last_signed,
)
from entitlements.queries.contracts.wording import say_line
from journal.domain.refusal import Invalid, Refusal


class NotADraft(Refusal):
    """What was signed is never changed; what waits for approval stays as it was asked for."""

    code = "not_a_draft"


class ContractOver(Refusal):
    """The contract has ended; nothing in it can change any more."""

    code = "contract_over"


def refuse_unready(
    version: ContractVersion, *, at: datetime, late: bool = False, signed: Sequence[ContractVersion] | None = None
) -> None:
    """Raise what keeps it from being signed at the moment. `late`: its first day may have passed while it waited.

    `signed`: the contract's signed versions in their order, where whoever asks has read them.
    """
    contract = version.contract
    if contract.ends_at is not None and contract.ends_at <= at:
        raise ContractOver(f"Contract {contract.key} has ended. Draft a new one instead.")
    if not late:
        _refuse_past(version, at=at)
        _refuse_retired(version)
    last = last_signed(contract) if signed is None else next(reversed(signed), None)
    if last is not None:
        _refuse_amendment(version, last, at=at)
    lines = lines_of(version)
    if not lines:
        raise Refusal("It promises nothing yet. Add a line first." if last is None else NOTHING_LEFT)
    ends_at = end_agreed(version, at=at)
    if ends_at is not None and ends_at <= effective_instant(version, at=at):
        raise Invalid("Its whole term has passed by now. Choose a later first day.", field="effective_on")
    for line in lines:
        _refuse_line(line, version, ends_at=ends_at, at=at)


NOTHING_LEFT = "No line is left. To end the contract as a whole, give notice or end it early."


def require_draft(version: ContractVersion) -> None:
    """Refuse to change what isn't being drafted any more."""
    match version.state:
        case ContractState.SIGNED:
            raise NotADraft(f"{version} is signed, and what was signed is never changed: amend the contract.")
        case ContractState.REQUESTED:
            raise NotADraft(f"{version} waits for approval. Withdraw that request first, then change it.")
        case ContractState.DISCARDED:
            raise NotADraft(f"{version} was discarded.")


def _refuse_past(version: ContractVersion, *, at: datetime) -> None:
    today = at.astimezone(ZoneInfo(version.zone)).date()
    if version.effective_on is not None and version.effective_on < today:
        raise Invalid(
            "This day has passed, and what was answered until now stays true. Choose today or a later day.",
            field="effective_on",
        )


def _refuse_retired(version: ContractVersion) -> None:
    """A draft may lie long enough for its reason to be retired; its policy isn't heard any more then."""
    code = version.reason_code
    if code is not None and code.retired_at is not None:
        raise Invalid(f"{code} is no longer used. Choose another reason.", field="reason_code")


def _refuse_amendment(version: ContractVersion, last: ContractVersion, *, at: datetime) -> None:
    contract, effective_at = version.contract, effective_instant(version, at=at)
    assert last.effective_at is not None  # it is signed
    if effective_at < last.effective_at:
        when = say_instant(last.effective_at, zone=version.zone)
        raise Invalid(
            f"Version {last.number} takes effect on {when}, so this one can't before that.", field="effective_on"
        )
    if contract.ends_at is None:
        return
    until = say_until(contract.ends_at, zone=version.zone)
    if is_ending(contract) and differs_in_terms(version, last=last):
        said = "It was ended early" if contract.ended_early_at is not None else "Notice was given"
        raise Invalid(f"{said}: it lasts {until}. Its terms can't be changed meanwhile.", field="term_months")
    if effective_at > contract.ends_at or (effective_at == contract.ends_at and counts_on(version)):
        raise Invalid(
            f"The contract lasts {until}. To go on after that, begin a new term no later than its end.",
            field="effective_on",
        )


def _refuse_line(line: ContractLine, version: ContractVersion, *, ends_at: datetime | None, at: datetime) -> None:
    """A line carried over may be over by itself; a new one that never speaks is a slip of the pen."""
    window = own_window(line, version.zone)
    field = f"line_{line.number}"
    if ends_at is not None and window.start is not None and window.start >= ends_at:
        raise Invalid(f"Line {line.number}: {say_line(line)}, but the contract has ended by then.", field=field)
    over = window.end is not None and window.end <= effective_instant(version, at=at)
    if over and line.carried_from is None:
        raise Invalid(f"Line {line.number}: {say_line(line)} is over before it begins.", field=field)
