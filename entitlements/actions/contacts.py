"""The people at a customer. An account is found by their addresses, as long as they are its contacts."""

from datetime import datetime

from django.db import transaction

from entitlements.actions.account_facts import require_keeper
from entitlements.actions.identifiers import forget, identify
from entitlements.actions.locking import lock_account
from entitlements.contact_uses import why_kept
from entitlements.models import Account, Contact
from entitlements.models.account import IdentifierKind
from journal.actions.deeds import Deed, begin, keep, pending_changes, record, remove
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal, Stale


@transaction.atomic
def add_contact(*, account: Account, name: str, email: str, by: Actor, at: datetime, told: bool = True) -> Contact:
    """Added a person at a customer."""
    require_keeper(by)
    account = lock_account(account.pk)
    contact = Contact(account=account, name=name.strip(), email=email.strip(), told=told)
    _refuse_twice(contact)
    deed = begin(by=by, at=at)
    keep(contact, deed=deed)
    identify(account, IdentifierKind.EMAIL, email, deed=deed)
    record(deed, "contact:add", subject=contact, account_key=account.key, changes={"email": [None, contact.email]})
    return contact


@transaction.atomic
def edit_contact(*, contact: Contact, name: str, email: str, told: bool, by: Actor, at: datetime) -> Contact:
    """Changed the name or the address of a person at a customer, or whether they get its notices."""
    require_keeper(by)
    account, row = _lock(contact)
    former = row.email
    row.name, row.email, row.told = name.strip(), email.strip(), told
    changes = pending_changes(row)
    if not changes:
        raise Refusal(f"Nothing differs from what is known of {row.name} already.")
    _refuse_twice(row)
    deed = begin(by=by, at=at)
    keep(row, deed=deed)
    if row.email != former:
        _forget_address(account, former, deed=deed)
        identify(account, IdentifierKind.EMAIL, row.email, deed=deed)
    if "told" in changes:
        changes = {**changes, "told": ["yes" if told else "no" for told in changes["told"]]}
    record(deed, "contact:edit", subject=row, account_key=account.key, changes=changes)
    return row


@transaction.atomic
def remove_contact(*, contact: Contact, reason: str, by: Actor, at: datetime) -> None:
    """Removed a person from a customer's contacts; they get its notices no longer."""
    require_keeper(by)
    account, row = _lock(contact)
    if kept := why_kept(row.pk):
        raise Refusal(kept)
    deed = begin(by=by, at=at)
    record(
        deed,
        "contact:remove",
        subject=row,
        account_key=account.key,
        reason=reason,
        changes={"name": [row.name, None], "email": [row.email, None]},
    )
    email = row.email
    remove(row, deed=deed)
    _forget_address(account, email, deed=deed)


def _lock(contact: Contact) -> tuple[Account, Contact]:
    account = lock_account(contact.account_id)
    row = Contact.objects.select_related("account").filter(pk=contact.pk).first()
    if row is None:
        raise Stale(f"{contact.name} was removed since you opened this. Look again.")
    return account, row


def _forget_address(account: Account, email: str, *, deed: Deed) -> None:
    if not account.contacts.filter(email__iexact=email).exists():
        forget(account, IdentifierKind.EMAIL, email, deed=deed)


def _refuse_twice(contact: Contact) -> None:
    others = contact.account.contacts.filter(email__iexact=contact.email).exclude(pk=contact.pk)
    if other := others.first():
        raise Invalid(f"This is the address of {other.name} already, a contact of {contact.account}.", field="email")
