"""The account of a purchase that was made elsewhere: found, opened, or confirmed by a person. Never doubled."""

from datetime import datetime

from django.db import transaction

from entitlements.actions.accounts import open_account
from entitlements.actions.billed.findings import PERMISSION, locked, settle
from entitlements.actions.contacts import add_contact
from entitlements.actions.identifiers import identify, say_identifier, say_sort
from entitlements.actions.locking import lock_account
from entitlements.actions.newcomers import country_said, free_key, only_market
from entitlements.domain.billed.findings import FindingKind, FindingState
from entitlements.domain.billed.told import Billed, BilledCustomer
from entitlements.models import Account, BillingFinding, Identifier
from entitlements.models.account import IdentifierKind, SalesChannel
from entitlements.queries.accounts import search_key
from entitlements.queries.billed.customers import Whose, whose
from journal.actions.deeds import begin, record
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal
from journal.models import Connection


def account_of_purchase(
    *, connection: Connection, billed: Billed, customer: BilledCustomer, by: Actor, at: datetime
) -> Whose:
    """The account, locked and known by the customer's id from now on; a new one where it is nobody's; or the doubt.

    Two first purchases of one customer follow each other on the connection, so that the second finds what the first
    opened. The order of locks is connection, account, subscription, here as everywhere in this folder.
    """
    found = whose(billed, customer)
    if found.account is None and not found.doubt:
        Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
        found = whose(billed, customer)
    if found.doubt:
        return found
    if found.account is None:
        return Whose(_open(customer, by=by, at=at))
    account = lock_account(found.account.pk)
    know_by_customer(account, customer.system, customer.id, by=by, at=at)
    return Whose(account)


def know_by_customer(account: Account, system: str, customer_id: str, *, by: Actor, at: datetime) -> None:
    """Let the account be found by the customer's id there; it is locked by then, and once is enough."""
    known = {"kind": IdentifierKind.EXTERNAL, "system": system, "value_key": search_key(customer_id)}
    if not customer_id or Identifier.objects.filter(**known).exists():
        return
    deed = begin(by=by, at=at)
    identify(account, IdentifierKind.EXTERNAL, customer_id, system=system, deed=deed)
    row = Identifier.objects.get(account=account, **known)
    changes = {say_sort(row): [None, row.value]}
    record(
        deed, "identifier:add", subject=row, account_key=account.key, changes=changes, label=say_identifier(row)
    )  # fmt: skip


@transaction.atomic
def confirm_customer(
    *, finding: BillingFinding, account: Account | None, by: Actor, at: datetime, reason: str = ""
) -> Account:
    """Said whose a doubtful purchase is: an account that is known, or a new one. Looked at again, it is given."""
    by.require(PERMISSION)
    row = BillingFinding.objects.select_related("connection").get(pk=finding.pk)
    if row.kind != FindingKind.DOUBTFUL:
        raise Refusal("There is no doubt about whose this is.")
    customer = BilledCustomer(**row.evidence["theirs"])
    Connection.objects.select_for_update(no_key=True).get(pk=row.connection_id)
    account = _open(customer, by=by, at=at) if account is None else lock_account(account.pk)
    row = locked(row)
    know_by_customer(account, customer.system, customer.id, by=by, at=at)
    row.account = account
    settle(row, FindingState.MENDED, reason=reason, deed=begin(by=by, at=at))
    return account


def _open(customer: BilledCustomer, *, by: Actor, at: datetime) -> Account:
    """A customer we had not heard of, with what the billing knows of it."""
    country = country_said(customer.country)
    account = open_account(
        key=free_key(customer.name, id=customer.id),
        name=(customer.name or customer.email or customer.id)[:200],
        zone="UTC",
        country=country,
        market=only_market(country),
        sales_channel=SalesChannel.SELF_SERVICE,
        external_ids=[(customer.system, customer.id)],
        by=by,
        at=at,
    )
    if customer.email:
        add_contact(account=account, name=customer.name or customer.email, email=customer.email, by=by, at=at)
    return account
