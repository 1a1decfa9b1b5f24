"""Whose a purchase is that was made elsewhere. Nothing is written."""

from collections.abc import Collection
from dataclasses import dataclass

from django.conf import settings

from entitlements.domain.billed.told import Billed, BilledCustomer
from entitlements.models import Account, Identifier
from entitlements.models.account import IdentifierKind
from entitlements.queries.accounts import account_by_key, search_key
from entitlements.queries.billed.held import subscription_of
from entitlements.queries.merged import standing_for
from journal.domain.connection import Mode
from journal.domain.refusal import NotFound
from journal.models import AuditEvent, Connection


@dataclass(frozen=True, slots=True)
class Whose:
    """The account, or the doubt that only a person can settle; neither: it is nobody's yet."""

    account: Account | None = None
    doubt: str = ""
    candidates: tuple[str, ...] = ()  # keys of the accounts it may be


def whose(billed: Billed, customer: BilledCustomer) -> Whose:
    """The account of a purchase, by the surest that is known.

    What the desk holds of it already, else the customer's id there; both were once matched or confirmed. Else our key
    or any id of ours that was written there; one that leads nowhere is a doubt. Else the only account with a contact of
    that address; several are a doubt.
    """
    held = subscription_of(billed.system, billed.id)
    if held is not None:
        return Whose(held.account)
    known = account_of_customer(customer.system, customer.id)
    if known is not None:
        return Whose(known)
    if customer.own_id:
        return _by_own_id(customer, live=billed.live)
    return _by_address(customer, live=billed.live)


def account_of_customer(system: str, customer_id: str) -> Account | None:
    """The account that is known by the customer's id there."""
    rows = Identifier.objects.filter(kind=IdentifierKind.EXTERNAL, system=system, value_key=search_key(customer_id))
    row = rows.select_related("account").first()
    return None if row is None else standing_for(row.account)


def _by_own_id(customer: BilledCustomer, *, live: bool) -> Whose:
    try:
        account = account_by_key(customer.own_id)
    except NotFound:
        return Whose(doubt=f"The billing says it is {customer.own_id!r} here, and no account has that key or id.")
    if fitting([account], live=live):
        return Whose(account)
    tried, is_for = ("is live", "was opened by trying out") if live else ("is for trying out", "is not")
    words = f"The billing says it is {account.key!r} here. The purchase {tried}, and that account {is_for}."
    return Whose(doubt=words, candidates=(account.key,))


def _by_address(customer: BilledCustomer, *, live: bool) -> Whose:
    address = search_key(customer.email)
    if not address:
        return Whose()
    rows = Identifier.objects.filter(kind=IdentifierKind.EMAIL, value_key=address).select_related("account")
    accounts = {account.pk: account for account in (standing_for(row.account) for row in rows)}
    found = fitting(list(accounts.values()), live=live)
    if len(found) > 1:
        keys = tuple(sorted(account.key for account in found))
        return Whose(doubt=f"{customer.email} is a contact of several accounts: {', '.join(keys)}.", candidates=keys)
    return Whose(next(iter(found), None))


def fitting(accounts: Collection[Account], *, live: bool) -> list[Account]:
    """Those that what another system says in this mode may be matched with, though nobody has confirmed it."""
    if settings.DESK_TRYING_OUT or not accounts:
        return list(accounts)
    trying = [f"connection:{key}" for key in Connection.objects.filter(mode=Mode.TEST).values_list("key", flat=True)]
    keys = [account.key for account in accounts]
    opened = AuditEvent.objects.filter(account_key__in=keys, verb="account:open", actor_key__in=trying)
    tried_out = set(opened.values_list("account_key", flat=True))
    return [account for account in accounts if (account.key in tried_out) is not live]
