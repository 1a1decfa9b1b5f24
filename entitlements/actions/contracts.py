"""Contracts: opening one with a number of its own, and what is written of it beside its versions."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from entitlements.actions.locking import lock_account
from entitlements.domain.renewing import own_days
from entitlements.models import Account, Contract, ContractVersion
from entitlements.queries.contracts.token import contract_token
from journal.actions.deeds import Deed, begin, keep, pending_changes, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Stale

PERMISSION = "entitlements.write_contract"
SCOPE = "contracts:write"
TRIES = 3


def require_writer(by: Actor) -> None:
    """Staff by their role, a program by its scope."""
    if not by.may(SCOPE):
        by.require(PERMISSION)


@transaction.atomic
def open_contract(*, account: Account, name: str, by: Actor, at: datetime, key: str = "", link: str = "") -> Contract:
    """Opened a contract with its first version as an empty draft; it promises nothing until that is signed.

    Without a number of its own it gets the next of the year: C-2026-0012.
    """
    require_writer(by)
    account = lock_account(account.pk)
    if not name.strip():
        raise Invalid("Give the contract a name, such as what it is about.", field="name")
    if key.strip() and Contract.objects.filter(key=key.strip()).exists():
        raise Invalid(f"There is a contract {key.strip()} already.", field="key")
    deed = begin(by=by, at=at)
    contract = Contract(account=account, key=key.strip(), name=name.strip(), link=link, created_at=at)
    if contract.key:
        keep(contract, deed=deed)
    else:
        _keep_numbered(contract, deed=deed)
    version = ContractVersion(contract=contract, number=1, zone=account.zone, drafted_at=at, drafted_by=by.name)
    keep(version, deed=deed)
    record(
        deed, "contract:open", subject=contract, account_key=account.key, changes={"contract": [None, str(contract)]}
    )
    return contract


def _keep_numbered(contract: Contract, *, deed: Deed) -> None:
    """Two that are opened at once for different customers may want the same number: the later takes the next."""
    year = deed.at.astimezone(ZoneInfo(contract.account.zone)).year
    for left in reversed(range(TRIES)):
        contract.key = _next_key(year)
        try:
            keep(contract, deed=deed)
        except Stale:
            if not left:
                raise
        else:
            return


def _next_key(year: int) -> str:
    """One more than the highest of the year; numbers that people gave in another way are passed over."""
    prefix = f"C-{year}-"
    keys = Contract.objects.filter(key__startswith=prefix).values_list("key", flat=True)
    numbers = [int(tail) for key in keys if (tail := key.removeprefix(prefix)).isdecimal()]
    return f"{prefix}{max(numbers, default=0) + 1:04}"


@transaction.atomic
def rename(
    *, contract: Contract, name: str, by: Actor, at: datetime, link: str | None = None, seen: str | None = None
) -> Contract:
    """Gave a contract another name, or another link to what was signed; what it promises stays as it is."""
    require_writer(by)
    contract = lock_contract(contract, seen=seen)
    if not name.strip():
        raise Invalid("Give the contract a name, such as what it is about.", field="name")
    contract.name, contract.link = name.strip(), contract.link if link is None else link
    changes = pending_changes(contract)
    if not changes:
        return contract
    deed = begin(by=by, at=at)
    keep(contract, deed=deed)
    record(deed, "contract:rename", subject=contract, account_key=contract.account.key, changes=changes)
    return contract


@transaction.atomic
def announce_ahead(
    *, contract: Contract, days: Sequence[int], by: Actor, at: datetime, seen: str | None = None
) -> Contract:
    """Said how many days ahead the end of a contract is announced; none: as that of every other."""
    require_writer(by)
    contract = lock_contract(contract, seen=seen)
    try:
        contract.announced_days = list(own_days(days))
    except ValueError as unfit:
        raise Invalid(str(unfit), field="days") from None
    changes = pending_changes(contract)
    if not changes:
        return contract
    deed = begin(by=by, at=at)
    keep(contract, deed=deed)
    record(deed, "contract:announce_ahead", subject=contract, account_key=contract.account.key, changes=changes)
    return contract


def lock_contract(contract: Contract, *, seen: str | None = None) -> Contract:
    """The contract as it stands once its account is ours, or Stale where the form showed something else."""
    account = lock_account(contract.account_id)
    row = Contract.objects.select_related("subscription").get(pk=contract.pk)
    row.account = account
    if row.subscription is not None:
        row.subscription.account = account
    if seen is not None and seen != contract_token(row):
        raise Stale
    return row
