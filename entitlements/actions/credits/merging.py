"""What becomes of granted credits when an account is merged away: what is left of them goes on under the other."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from catalog.domain.values import UNLIMITED
from entitlements.actions.credits.grants import GrantTerms, drafted, end_grants, moved_to, put_in_book, words_of
from entitlements.domain.credits.grants import LATEST
from entitlements.models import Account, CreditBalance, CreditGrant
from entitlements.queries.credits.balances import GrantLeft, balance_of
from entitlements.snapshots.credits import recurrence_of
from journal.actions.deeds import Deed, keep, record


def carry_credits(duplicate: Account, into: Account, *, deed: Deed) -> int:
    """Void each grant of the duplicate and grant what is left of it to the account that stays; how many.

    The duplicate's ledger stays as it was told, and says where its credits went.
    """
    # Whoever is giving something back to it is waited for, or finds it merged (actions/usage/giving_back.py).
    list(CreditBalance.objects.select_for_update().filter(account=duplicate).order_by("pk").values_list("pk"))
    rows = CreditGrant.objects.filter(account=duplicate, voided_at__isnull=True).select_related("feature", "account")
    carried = 0
    for feature in {row.feature for row in rows}:
        view = balance_of(account=duplicate, feature=feature, at=deed.at, latest=True)
        granted = [one for one in (*view.grants, *view.to_come) if one.row is not None]
        for one in granted:
            for terms in _parts(one):
                _grant(one, into, terms, deed=deed)
        if granted:
            ending = [one.row for one in granted if one.row is not None]
            end_grants(ending, reason=f"Merged into {into.name} ({into.key})", deed=deed)
        carried += len(granted)
    return carried


def carry_given_back(row: CreditGrant, amount: Decimal, into: Account, *, deed: Deed) -> None:
    """Of a grant that a merge has voided, so much more was left than was known: the account that stays has it from now
    on, until what it was carried with ends; nothing where that is over."""
    assert row.voided_at is not None
    again = recurrence_of(row)
    ends = [row.expires_at, next(iter(again.between(row.voided_at, LATEST)), None) if again else None]
    expires = min((at for at in ends if at is not None), default=None)
    if expires is not None and expires <= deed.at:
        return
    terms = moved_to(row, left=amount)
    terms = replace(terms, effective_at=deed.at, expires_at=expires, recurs=None, recurs_from=None)
    reason = f"Given back to {row.account.name} ({row.account.key}): {row.reason}"[:500]
    made = drafted(account=into, feature=row.feature, terms=terms, reason=reason, by=deed.by, at=deed.at)
    keep(made, deed=deed)
    put_in_book(made, at=deed.at)
    record(
        deed,
        "credits:grant",
        subject=made,
        account_key=into.key,
        reason=made.reason,
        changes={row.feature.name: [None, words_of(made)]},
    )


def _parts(one: GrantLeft) -> Iterator[GrantTerms]:
    """What is left of it now, until it is filled again; and from then on the grant as it was."""
    assert one.row is not None
    assert one.left is not UNLIMITED
    whole = moved_to(one.row, left=Decimal(one.row.amount))
    if one.next_at is None:
        if one.left:
            yield whole if one.row.recurs else replace(whole, amount=one.left)
        return
    if one.left:
        yield replace(whole, amount=one.left, expires_at=one.next_at, recurs=None, recurs_from=None)
    yield replace(whole, effective_at=one.next_at)


def _grant(one: GrantLeft, into: Account, terms: GrantTerms, *, deed: Deed) -> None:
    row = one.row
    assert row is not None
    reason = f"From {row.account.name} ({row.account.key}): {row.reason}"[:500]
    made = drafted(account=into, feature=row.feature, terms=terms, reason=reason, by=deed.by, at=deed.at)
    keep(made, deed=deed)
    put_in_book(made, at=deed.at)
