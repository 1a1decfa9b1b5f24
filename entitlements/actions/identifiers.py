"""What an account is found by: its key and name, its contacts' addresses, its domains, its ids in other systems."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from entitlements.actions.account_facts import require_keeper
from entitlements.actions.locking import lock_account
from entitlements.domain.identifiers import SYSTEMS, NoDomain, read_domain
from entitlements.models import Account, Identifier
from entitlements.models.account import IdentifierKind
from entitlements.queries.accounts import search_key
from journal.actions.deeds import Deed, begin, keep, keep_many, record, remove
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal, Stale

GIVEN = (IdentifierKind.DOMAIN, IdentifierKind.EXTERNAL)  # the others follow the account and its contacts


@transaction.atomic
def add_identifier(
    *, account: Account, kind: IdentifierKind, value: str, by: Actor, at: datetime, system: str = ""
) -> Identifier:
    """Added a domain of e-mail, or an id in another system, by which an account is found."""
    require_keeper(by)
    account = lock_account(account.pk)
    row = _checked(account, kind, value, system)
    deed = begin(by=by, at=at)
    keep(row, deed=deed)
    record(
        deed,
        "identifier:add",
        subject=row,
        account_key=account.key,
        changes={say_sort(row): [None, row.value]},
        label=say_identifier(row),
    )
    return row


@transaction.atomic
def remove_identifier(*, identifier: Identifier, reason: str, by: Actor, at: datetime) -> None:
    """Removed a domain or an id in another system; the account is no longer found by it."""
    require_keeper(by)
    account = lock_account(identifier.account_id)
    row = Identifier.objects.filter(pk=identifier.pk).first()
    if row is None:
        raise Stale("This was removed since you opened it. Look again.")
    if row.kind not in GIVEN:
        raise Refusal("An account is always found by its key, its name and its contacts: edit those instead.")
    deed = begin(by=by, at=at)
    record(
        deed,
        "identifier:remove",
        subject=row,
        account_key=account.key,
        reason=reason,
        changes={say_sort(row): [row.value, None]},
        label=say_identifier(row),
    )
    remove(row, deed=deed)


def identify(account: Account, kind: IdentifierKind, value: str, *, deed: Deed, system: str = "") -> None:
    """Let the account be found by this too, within another deed on it; once is enough."""
    key = search_key(value)
    if not Identifier.objects.filter(account=account, kind=kind, value_key=key, system=system).exists():
        row = Identifier(account=account, kind=kind, value=value.strip(), value_key=key, system=system)
        keep(row, deed=deed)


def identify_new(account: Account, found_by: Iterable[tuple[IdentifierKind, str]], *, deed: Deed) -> None:
    """Let an account that was just opened be found by these: nothing stands there yet, so all are written at once."""
    rows = {(kind, search_key(value)): value.strip() for kind, value in found_by}
    new = [Identifier(account=account, kind=kind, value=value, value_key=key) for (kind, key), value in rows.items()]
    keep_many(new, deed=deed)


def forget(account: Account, kind: IdentifierKind, value: str, *, deed: Deed) -> None:
    """Let the account no longer be found by this, within another deed on it."""
    for row in Identifier.objects.filter(account=account, kind=kind, value_key=search_key(value)):
        remove(row, deed=deed)


def say_identifier(row: Identifier) -> str:
    """ "Stripe cus_123" or "Domain acme.example"."""
    return f"{say_sort(row)} {row.value}"


def say_sort(row: Identifier) -> str:
    """ "Stripe", "Our own system", "Domain"."""
    name = SYSTEMS.get(row.system, row.system) if row.kind == IdentifierKind.EXTERNAL else row.kind
    return name[:1].upper() + name[1:]


def _checked(account: Account, kind: IdentifierKind, value: str, system: str) -> Identifier:
    value = value.strip()
    match kind:
        case IdentifierKind.DOMAIN:
            value, system = _domain(value), ""
        case IdentifierKind.EXTERNAL if system not in SYSTEMS:
            raise Invalid("Choose the system whose id it is.", field="system")
        case IdentifierKind.EXTERNAL if not value:
            raise Invalid("Write the id as that system shows it.", field="value")
        case IdentifierKind.EXTERNAL:
            pass
        case _:
            raise Refusal("Only domains and ids in other systems are added by themselves.")
    row = Identifier(account=account, kind=kind, value=value, value_key=search_key(value), system=system)
    _refuse_taken(row)
    return row


def _domain(value: str) -> str:
    try:
        return read_domain(value)
    except NoDomain as wrong:
        raise Invalid(str(wrong), field="value") from None


def _refuse_taken(row: Identifier) -> None:
    """An id in another system leads to one account only; several accounts may share a domain."""
    same = Identifier.objects.filter(kind=row.kind, value_key=row.value_key, system=row.system).select_related(
        "account"
    )
    own = same.filter(account=row.account_id).exists()
    if own:
        raise Invalid(f"{row.account} is found by {row.value} already.", field="value")
    other = same.first() if row.kind == IdentifierKind.EXTERNAL else None
    if other is not None:
        raise Invalid(f"{say_identifier(row)} is {other.account} ({other.account.key}) already.", field="value")
