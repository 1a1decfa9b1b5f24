"""Who may enter time, what is refused about it, and what of it several actions do alike."""

from datetime import datetime

from catalog.domain.values import Kind
from entitlements.domain.facts import Facts
from journal.domain.actor import Actor, ActorKind
from journal.domain.refusal import Invalid, Refusal
from support.actions.cases.handling import SCOPE, FromTheFuture, lock_case, spoken
from support.domain.cover_terms import Counts
from support.models import Allowance, TimeEntry
from support.queries.allowances.balances import allowances_of, balance_line
from support.queries.allowances.choosing import chosen_line

PERMISSION = "support.enter_time"
EXEMPT = "support.exempt_case"
LONGEST_NAME, LONGEST_REASON = 200, 500


class NobodysCase(Refusal):
    """Nobody knows whose case it is, so time on it is for nobody."""

    code = "nobodys_case"


class NoTimeWorked(Invalid):
    """It is of no minutes, or of fewer than none."""

    code = "no_time_worked"


class AbsurdTime(Invalid):
    """It is of more than a day."""

    code = "absurd_time"


class NotOfTime(Invalid):
    """The allowance is used up by cases, isn't used any more, or isn't the account's."""

    code = "not_of_time"


class TimeReused(Invalid):
    """The same name told of other time on this case before."""

    code = "time_reused"


class NothingToCount(Refusal):
    """The entry is counted already, is withdrawn, or was left out on purpose."""

    code = "nothing_to_count"


class OwnTime(Refusal):
    """Whoever entered it may not leave it out."""

    code = "own_time"


class DoesNotFit(Refusal):
    """Not enough is left to count it."""

    code = "does_not_fit"


FAULTS: dict[str, type[Invalid]] = {
    "no_time_worked": NoTimeWorked, "absurd_time": AbsurdTime, "from_the_future": FromTheFuture,
}  # fmt: skip


def require(by: Actor) -> None:
    """Staff by their role, a program by its scope."""
    if not by.may(SCOPE):
        by.require(PERMISSION)


def refuse_own_exemption(by: Actor) -> None:
    """Whoever enters time doesn't decide alone that it costs nothing."""
    by.require(EXEMPT)
    if by.kind is not ActorKind.SYSTEM:
        raise OwnTime("You enter it yourself: a colleague decides that it isn’t counted, once it is entered.")


def allowance_for(
    entry: TimeEntry, asked: Allowance | None, *, counts_at: datetime, at: datetime, facts: Facts
) -> Allowance | None:
    """What an entry counts on: what was asked for, else what the rule chooses; None: the account has no hours."""
    account = entry.account
    had = {row.pk: row for row in allowances_of(account, at=at, facts=facts) if row.counts == Counts.TIME}
    if asked is None:
        if len(had) < 2:
            return next(iter(had.values()), None)
        lines = [balance_line(account, row, at=at, facts=facts) for row in had.values()]
        told = {"channel": entry.channel, "worked_at": counts_at, "at": at}
        chosen = chosen_line(account, lines, entry.minutes, **told)
        return None if chosen is None else chosen.allowance
    if asked.feature.kind != Kind.CREDIT or asked.counts != Counts.TIME or asked.retired_at is not None:
        raise NotOfTime(f"Time doesn’t count on {asked}.", field="allowance")
    if asked.pk not in had:
        raise NotOfTime(f"{account} has no {asked}. Sell or grant some first.", field="allowance")
    return had[asked.pk]


def lock_entry(entry: TimeEntry) -> TimeEntry:
    lock_case(entry.case_id)
    rows = TimeEntry.objects.select_for_update(of=("self",)).select_related("case", "account", "allowance__feature")
    return rows.get(pk=entry.pk)


def reason_of(said: str) -> str:
    said = spoken(said)
    if not said:
        raise Invalid("Give a reason: the customer’s ledger tells it.", field="reason")
    if len(said) > LONGEST_REASON:
        raise Invalid(f"Keep it to {LONGEST_REASON} characters; this has {len(said):,}.", field="reason")
    return said
