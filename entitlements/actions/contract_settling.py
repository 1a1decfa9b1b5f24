"""Keeping what a contract's versions make of its items and overrides; `queries/contracts/settling.py` works it out."""

from entitlements.actions.decided import take_back
from entitlements.actions.internal import require_end
from entitlements.actions.licences.purchases import license_item
from entitlements.actions.override_decisions import put_in_force, stop
from entitlements.actions.override_drafts import roles_of
from entitlements.actions.subscriptions import open_subscription
from entitlements.models import Contract, Override, Subscription
from entitlements.queries.contracts.settling import Settlement
from journal.actions.deeds import Deed, keep, pending_changes


def settle(contract: Contract, settled: Settlement, *, deed: Deed, approved_by: str = "") -> None:
    """Write a settlement, and with it the contract's own end to its subscription.

    An internal account's contract always has an end, also where an amendment only takes it away.
    """
    require_end(account=contract.account, ends_at=contract.ends_at, field="term_months")
    subscription = _subscription(contract, settled, deed=deed)
    for item in settled.items_never:
        take_back(item, deed=deed)
    for row in settled.overrides_never:
        stop(row, deed=deed)
    for moved, _ in (*settled.item_moves, *settled.override_moves):
        keep(moved, deed=deed)
    for begins in settled.items_begin:
        assert subscription is not None  # it is opened with the first item
        begins.subscription = subscription
        license_item(keep(begins, deed=deed), deed=deed)
    for override in settled.overrides_begin:
        _begin(override, subscription, deed=deed, approved_by=approved_by)


def _subscription(contract: Contract, settled: Settlement, *, deed: Deed) -> Subscription | None:
    """The contract's own, opened with its first item; it ends with the contract."""
    row = settled.subscription
    if row is None:
        return None
    if row.pk is None:
        row = open_subscription(contract.account, starts_at=row.starts_at, ends_at=row.ends_at, deed=deed)
        contract.subscription = row
        keep(contract, deed=deed)
    elif pending_changes(row):
        contract.subscription = keep(row, deed=deed)
    return row


def _begin(override: Override, subscription: Subscription | None, *, deed: Deed, approved_by: str) -> None:
    if override.subscription is not None:
        override.subscription = subscription
    assert override.contract_line is not None  # a line made it
    version = override.contract_line.version
    if version.requested_by:
        override.requested_by, override.requested_by_key = version.requested_by, version.requested_by_key
    else:
        override.requested_by, override.requested_by_key = deed.by.name, deed.by.key
        override.requested_as = roles_of(deed.by)
    put_in_force(override, deed=deed, approved_by=approved_by)
