"""Merging two accounts that are one customer. What the duplicate has goes on under the account that stays.

Nothing is lost and nothing of the past is rewritten: each row that moves gets another version, so what was believed
before the merge is read as before, of both. There is no way back by a button: what two customers did since can't be
told apart again, so a mistake is mended by hand, and the page says so first.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction

from entitlements.actions.catching_up import answers_before
from entitlements.actions.changes import journal_changes
from entitlements.actions.credits.merging import carry_credits
from entitlements.actions.seats.merging import carry_places, lock_seat_counters, seats_before
from entitlements.merge_rules import Fate, MergeRule, rules
from entitlements.models import Account, Loan, Override, Subscription
from entitlements.queries.entitlements import entitlements_of
from entitlements.queries.merge_cautions import KIND, blockers
from entitlements.queries.merging import (
    PERMISSION,
    merge_token,
    needs_second_person,
    part_of,
    parted,
    parties,
)
from journal.actions import approvals
from journal.actions.deeds import Deed, begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal, Stale
from journal.models import Approval


class CannotMerge(Refusal):
    """The two can't be merged as things stand; it says what has to be done first."""

    code = "cannot_merge"


@transaction.atomic
def ask_to_merge(
    *, duplicate: Account, into: Account, reason: str, by: Actor, at: datetime, seen: str | None = None
) -> Account | Approval:
    """Merged a duplicate into the account that stays, or asked for it where it ever held anything.

    `seen` is the token of the preview: what either got or lost since is looked at first.
    """
    by.require(PERMISSION)
    if not reason.strip():
        raise Invalid("Say how you know that they are one customer.", field="reason")
    lock_seat_counters(duplicate, into, at=at)
    duplicate, into = _lock(duplicate, into, at=at)
    if seen is not None and seen != merge_token(duplicate=duplicate, into=into):
        raise Stale(f"What {duplicate} or {into} has was changed since you looked. Look again.")
    if not needs_second_person(duplicate, at=at):
        return _merge(duplicate, into, reason=reason, asked_by=by.name, by=by, at=at)
    return approvals.request(
        kind=KIND,
        subject=duplicate,
        summary=_summary(duplicate, into),
        by=by,
        at=at,
        account_key=into.key,
        payload={"into": into.pk},
        reason=reason,
    )


@transaction.atomic
def approve_merge(*, approval: Approval, by: Actor, at: datetime) -> Account:
    """Merged two accounts as somebody had asked, for what both have by now."""
    lock_seat_counters(*parties(approval), at=at)
    duplicate, into = _lock(*parties(approval), at=at)
    return _merge(duplicate, into, reason=approval.reason, asked_by=approval.requested_by_name, by=by, at=at)


def _summary(duplicate: Account, into: Account) -> str:
    """What will happen, in words, with what moves."""
    parts = (part_of(rule, duplicate, into) for rule in rules(Fate.MOVES, Fate.UNLESS_SAME))
    moving = [f"{part.rule.words}: {part.moves}" for part in parts if part is not None and part.moves]
    first = f"Merge {duplicate} ({duplicate.key}) into {into} ({into.key}), which stays. It can't be undone."
    return "\n".join([first, *(["What moves: " + ", ".join(moving) + "."] if moving else [])])


def _lock(duplicate: Account, into: Account, *, at: datetime) -> tuple[Account, Account]:
    """Both, with every account that will point to the one that stays, in one order; or why they can't be merged."""
    # A loan's row comes before accounts, as whoever recalls it takes them (actions/loan_parts.py).
    list(Loan.objects.select_for_update().filter(account__in=[duplicate, into]).order_by("pk").values_list("pk"))
    beside = [rule.rows(duplicate).values_list("pk", flat=True) for rule in rules(Fate.MOVES) if rule.model is Account]
    ids = {duplicate.pk, into.pk, *(pk for rows in beside for pk in rows)}
    held = {row.pk: row for row in Account.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")}
    duplicate, into = held[duplicate.pk], held[into.pk]
    for why in blockers(duplicate, into, at=at):
        raise CannotMerge(why)
    return duplicate, into


def _merge(duplicate: Account, into: Account, *, reason: str, asked_by: str, by: Actor, at: datetime) -> Account:
    before = {one.pk: answers_before(account=one, at=at) for one in (duplicate, into)}
    deed = begin(by=by, at=at)
    carried, seats = carry_credits(duplicate, into, deed=deed), seats_before(duplicate)
    moved = {**dict(_moved(duplicate, into, deed=deed)), **({"credit_grants": carried} if carried else {})}
    carry_places(seats, duplicate=duplicate, into=into, deed=deed)
    duplicate.merged_into, duplicate.merged_at = into, at
    duplicate.parent = duplicate.reseller = None
    keep(duplicate, deed=deed)
    keep(into, deed=deed)  # a version of its own: what ends before is read as it was known before (actions/walk.py)
    noted: dict[str, Any] = {
        "merged": [None, _said(duplicate)],
        "asked_by": [None, asked_by],
        **{words: [None, count] for words, count in moved.items()},
    }
    event = record(deed, "account:merge", subject=into, account_key=into.key, reason=reason, changes=noted)
    gone = record(
        deed,
        "account:merge",
        subject=duplicate,
        account_key=duplicate.key,
        reason=reason,
        changes={"merged_into": [None, _said(into)]},
    )
    cause = f"{duplicate} was merged into {into}"
    journal_changes(account=into, before=before[into.pk], at=at, cause=cause, event=event)
    # Who asks for the duplicate is answered for the account that stays: that, and not an end of everything, is the
    # news for a reader who knows the customer by the former key.
    answers = entitlements_of(account=into, at=at)
    journal_changes(account=duplicate, before=before[duplicate.pk], at=at, cause=cause, event=gone, after=answers)
    return into


def _moved(duplicate: Account, into: Account, *, deed: Deed) -> Iterator[tuple[str, int]]:
    """Keep each row that moves under the account that stays; how many, by the words of their rule."""
    for rule in rules(Fate.MOVES, Fate.UNLESS_SAME):
        moving, same = parted(rule, duplicate, into)
        for row in moving:
            _keep_under(into, row, rule, deed=deed)
        for row in same:
            _end_what_is_lent_twice(row, deed=deed)
        if moving:
            yield rule.words.lower().replace(" ", "_"), len(moving)


def _keep_under(into: Account, row: Any, rule: MergeRule, *, deed: Deed) -> None:
    setattr(row, rule.column, into)
    if isinstance(row, Subscription):
        row.number = _next_number(into)
    keep(row, deed=deed)


def _next_number(account: Account) -> int:
    last = Subscription.objects.filter(account=account).order_by("-number").values_list("number", flat=True).first()
    return (last or 0) + 1


def _end_what_is_lent_twice(row: Any, *, deed: Deed) -> None:
    """A loan to a cohort lends each customer one part; the other ends with the merge."""
    speaks = isinstance(row, Override) and row.revoked_at is None and (row.ends_at is None or row.ends_at > deed.at)
    if speaks:
        row.revoked_at, row.revoked_by = deed.at, deed.by.name
        keep(row, deed=deed)


def _said(account: Account) -> str:
    return f"{account} ({account.key})"
