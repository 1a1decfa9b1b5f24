"""Time worked on cases: entered, withdrawn, corrected. What is decided of it later stands in `time_afterwards`.

An entry is for whoever the case belonged to when it was entered, and stays with them where the case is given to another
account: it was their hours it was promised on. To move it, correct it: withdrawn from the one and entered anew for the
other, by the other's allowance and unit.

Locks are taken in one order: the account, the case, the entry, then counters, the balance and the audit.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from entitlements.actions.locking import lock_account
from entitlements.models import Account
from entitlements.queries.credits.courses import credit_facts
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from journal.domain.deed import Deed
from journal.domain.refusal import Invalid
from support.actions.cases.handling import lock_case, spoken, written
from support.actions.time_handling import (
    FAULTS,
    LONGEST_NAME,
    LONGEST_REASON,
    NobodysCase,
    TimeReused,
    allowance_for,
    lock_entry,
    reason_of,
    refuse_own_exemption,
    require,
)
from support.actions.time_taking import back, bill_beyond, take
from support.domain.case_events import Channel
from support.domain.time_entries import LONGEST, fault_of, say_minutes
from support.models import Allowance, Case, TimeEntry

WITH_THE_CASE = "The case isn’t counted: "
SAID = ("minutes", "channel", "worked_by", "note")


@transaction.atomic
def enter_time(
    *,
    case: Case,
    minutes: int,
    by: Actor,
    at: datetime,
    worked_at: datetime | None = None,
    channel: str | None = None,
    allowance: Allowance | None = None,
    exempt_reason: str = "",
    note: str = "",
    worked_by: str = "",
    name: str = "",
    most_beyond: int | None = None,
) -> TimeEntry:
    """Time worked on a case was entered, and counted on the customer's prepaid hours where there are any.

    What doesn't fit of an allowance that blocks becomes work to bill. Without `worked_at` the work has just ended.
    Without `allowance` the rule chooses (`choose_allowance`). Told again under one `name` it is entered once.
    `most_beyond`: refused where more than that would be billed.
    """
    require(by)
    if spoken(exempt_reason):
        refuse_own_exemption(by)
    return _enter(
        case, minutes, by=by, at=at, worked_at=worked_at, channel=channel, allowance=allowance,
        exempt_reason=exempt_reason, note=note, worked_by=worked_by, name=name, most_beyond=most_beyond,
    )  # fmt: skip


def _enter(
    case: Case, minutes: int, *, by: Actor, at: datetime, worked_at: datetime | None, channel: str | None,
    allowance: Allowance | None, exempt_reason: str, note: str, worked_by: str, name: str, most_beyond: int | None,
) -> TimeEntry:  # fmt: skip
    account, case = _held(case)
    entry = _drawn(case, account, minutes, at=at, worked_at=worked_at, channel=channel or case.channel)
    entry.exempt_reason = _exemption(case, exempt_reason)
    entry.note, entry.worked_by = written(note, field="note"), spoken(worked_by)[:LONGEST_NAME] or by.name
    entry.name = spoken(name)[:LONGEST_NAME]
    if entry.name and (known := case.time_entries.filter(name=entry.name).first()) is not None:
        said = [*SAID, *(["worked_at"] if worked_at else []), *(["exempt_reason"] if spoken(exempt_reason) else [])]
        return _the_same(known, entry, said)
    if not entry.exempt_reason:
        facts = credit_facts(account)
        entry.allowance = allowance_for(entry, allowance, counts_at=entry.worked_at, at=at, facts=facts)
        if entry.allowance is not None:
            take(entry, counts_at=entry.worked_at, by=by, at=at, facts=facts, most_beyond=most_beyond)
    return _keep_new(entry, deed=begin(by=by, at=at))


@transaction.atomic
def withdraw_time(*, entry: TimeEntry, reason: str, by: Actor, at: datetime) -> TimeEntry:
    """A time entry was withdrawn: what it took is given back, and what was to be billed of it isn't any more."""
    require(by)
    reason = reason_of(reason)
    lock_account(entry.account_id)
    held = lock_entry(entry)
    if held.withdrawn_at is not None:
        return held
    back(held, reason=reason, by=by, at=at)
    held.withdrawn_at, held.withdrawn_by, held.withdraw_reason = at, by.name, reason
    deed = begin(by=by, at=at)
    keep(held, deed=deed)
    changes = {"counted": [say_minutes(held.counted_minutes), None], "time": [say_minutes(held.minutes), None]}
    record(deed, "time:withdraw", subject=held, account_key=held.account.key, reason=reason, changes=changes)
    return held


@transaction.atomic
def correct_time(*, entry: TimeEntry, reason: str, by: Actor, at: datetime, **said: Any) -> TimeEntry:
    """A time entry was withdrawn and entered anew as it should have been, for whoever the case belongs to now.

    `said` is what differs, by the names of `enter_time`; the rest stays as it was, but for the name: that is used up.
    """
    withdrawn = withdraw_time(entry=entry, reason=reason, by=by, at=at)
    stays = {"minutes": withdrawn.minutes, "worked_at": withdrawn.worked_at, "channel": withdrawn.channel}
    stays |= {"exempt_reason": _still_left_out(withdrawn), "note": withdrawn.note, "worked_by": withdrawn.worked_by}
    if withdrawn.case.account_id == withdrawn.account_id:
        stays["allowance"] = withdrawn.allowance
    told: dict[str, Any] = {"allowance": None, "name": "", "most_beyond": None, **stays, **said}
    another = told["exempt_reason"] not in {"", withdrawn.exempt_reason}
    if another or (told["exempt_reason"] and told["minutes"] > withdrawn.minutes):
        refuse_own_exemption(by)
    return _enter(withdrawn.case, by=by, at=at, **told)


def _still_left_out(entry: TimeEntry) -> str:
    """Why it was left out by itself; what was left out with its case goes by how the case stands now."""
    return "" if entry.exempt_reason.startswith(WITH_THE_CASE) else entry.exempt_reason


def _held(case: Case) -> tuple[Account, Case]:
    """Whose it is, then the case: in the order in which a case is given to another account."""
    if case.account_id is None:
        raise NobodysCase(f"Nobody knows yet whose case {case.number} is. Say whose it is first, then enter the time.")
    account = lock_account(case.account_id)
    held = lock_case(case.pk)
    if held.account_id != account.pk:
        raise NobodysCase(f"{held.number} has just been given to another customer. Look again, then enter the time.")
    return account, held


def _drawn(
    case: Case, account: Account, minutes: int, *, at: datetime, worked_at: datetime | None, channel: str
) -> TimeEntry:  # fmt: skip
    if channel not in set(Channel):
        known = ", ".join(Channel)
        raise Invalid(f"“{channel[:40]}” is no way in which customers come; there are: {known}.", field="channel")
    began = worked_at or at - timedelta(minutes=max(0, min(minutes, LONGEST)))
    if (fault := fault_of(minutes, worked_at=began, now=at)) is not None:
        raise FAULTS[fault.code](fault.words, field=fault.field)
    began = min(began, at)  # a clock that runs ahead a little
    return TimeEntry(case=case, account=account, channel=channel, worked_at=began, minutes=minutes, recorded_at=at)


def _exemption(case: Case, said: str) -> str:
    """Why it isn't counted: somebody says so, or the whole case counts on nothing."""
    of_the_case = f"{WITH_THE_CASE}{case.uncounted_reason}" if case.uncounted_at else ""
    return (spoken(said) or of_the_case)[:LONGEST_REASON]


def _the_same(known: TimeEntry, told: TimeEntry, said: Sequence[str]) -> TimeEntry:
    """A repeat is answered with what stands, also where a colleague has left it out since; another tale under the same
    name would be lost."""
    if any(getattr(known, one) != getattr(told, one) for one in said):
        raise TimeReused(
            f"“{told.name}” told of other time on {told.case.number} before. Give every entry a name of its own; to "
            "change one, withdraw it and enter it anew.",
            field="name",
        )
    return known


def _keep_new(entry: TimeEntry, *, deed: Deed) -> TimeEntry:
    keep(entry, deed=deed)
    changes = {
        "time": [None, say_minutes(entry.minutes)],
        "counted": [None, say_minutes(entry.counted_minutes)],
        "on": [None, str(entry.allowance) if entry.allowance else "nothing"],
        **({"beyond": [None, say_minutes(entry.beyond_minutes)]} if entry.beyond_minutes else {}),
    }
    record(
        deed, "time:enter", subject=entry, account_key=entry.account.key, reason=entry.exempt_reason, changes=changes
    )  # fmt: skip
    bill_beyond(entry, by=deed.by, at=deed.at)
    return entry
