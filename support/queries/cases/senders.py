"""Who wrote: whose customer an address belongs to, which addresses are ours, and which case a message answers."""

from collections.abc import Collection
from typing import NamedTuple

from django.db.models.functions import Lower

from entitlements.models import Account
from entitlements.models.account import IdentifierKind
from entitlements.queries.accounts import find_accounts, search_key
from journal.models import Staff
from support.domain.case_events import CaseState
from support.models import Case, CaseEvent, Team
from support.queries.assets.finding import asset_by_serial

SEVERAL = 2


class Sender(NamedTuple):
    """The account an address belongs to, or why none is known."""

    account: Account | None
    why: str


def account_of_sender(address: str) -> Sender:
    """By the address itself, else by its domain: only where exactly one account has it."""
    if not address:
        return Sender(None, "Nobody is named who asks.")
    wanted = search_key(address)
    # What is found by a prefix or by a name only looks alike; a case is not given away by that.
    for kind, value in ((IdentifierKind.EMAIL, wanted), (IdentifierKind.DOMAIN, wanted.rpartition("@")[2])):
        found = [
            account
            for account in find_accounts(text=wanted, limit=SEVERAL * 5)
            if account.identifiers.filter(kind=kind, value_key=value).exists()
        ]
        if len(found) == 1:
            return Sender(found[0], "")
        if found:
            names = ", ".join(account.key for account in found[:SEVERAL])
            return Sender(None, f"{value} belongs to several accounts: {names}.")
    return Sender(None, f"No account has {wanted} or its domain on file.")


def whose(address: str, *, asset: str = "") -> Sender:
    """By who asks, else by who has the device that was named, where only one has that serial number."""
    found = account_of_sender(address)
    if found.account is not None or not asset.strip():
        return found
    key, _, serial = asset.partition(":")
    devices = asset_by_serial(asset) or [
        one for one in asset_by_serial(serial) if one.product.key == key.strip().lower()
    ]
    holders = {one.account_id: one.account for one in devices if one.retired_at is None}
    if len(holders) != 1:
        return found
    holder = next(iter(holders.values()))
    return Sender(holder, f"{holder} has the device.")


def ours_among(addresses: Collection[str]) -> frozenset[str]:
    """Those that are of staff or of teams; in small letters."""
    wanted = [address.lower() for address in addresses if address]
    staff = Staff.objects.filter(is_active=True).annotate(address=Lower("email")).filter(address__in=wanted)
    teams = Team.objects.annotate(address=Lower("email")).filter(address__in=wanted)
    return frozenset(staff.values_list("address", flat=True)) | frozenset(teams.values_list("address", flat=True))


def case_answered(references: Collection[str]) -> int | None:
    """The case of the nearest message that is known under one of these names."""
    known = dict(CaseEvent.objects.filter(name__in=list(references)).order_by("-pk").values_list("name", "case_id"))
    return next((known[name] for name in references if name in known), None)


def cancelled_among(cases: Collection[int | None]) -> frozenset[int]:
    """Those that nothing brings back."""
    found = Case.objects.filter(pk__in=[pk for pk in cases if pk is not None], state=CaseState.CANCELLED)
    return frozenset(found.values_list("pk", flat=True))


def belongs_to(case: int | None, *, sender: str, account: Account | None) -> bool:
    """Whether the address is of the customer whose case this is: whoever asked, or anybody of the same account."""
    row = Case.objects.filter(pk=case).first() if case is not None else None
    if row is None:
        return False
    return bool(row.requester and row.requester == sender) or (account is not None and row.account_id == account.pk)


def strangers_among(addresses: Collection[str], *, case: int | None) -> frozenset[str]:
    """Those that aren't of the case's customer: neither whoever asked, nor an address or domain of its account.

    None of them, where no address of the customer is known at all: then nobody can be told from the customer.
    """
    row = Case.objects.select_related("account").filter(pk=case).first() if case is not None else None
    if row is None:
        return frozenset()
    known = _on_file(row.account) | ({search_key(row.requester)} - {""})
    if not known:
        return frozenset()
    wanted = {address: search_key(address) for address in addresses}
    return frozenset(each for each, key in wanted.items() if not {key, key.rpartition("@")[2]} & known)


def _on_file(account: Account | None) -> set[str]:
    """The addresses and domains by which an account is known, its contacts' among them."""
    if account is None:
        return set()
    kinds = (IdentifierKind.EMAIL, IdentifierKind.DOMAIN)
    contacts = account.contacts.values_list("email", flat=True)
    return {*account.identifiers.filter(kind__in=kinds).values_list("value_key", flat=True), *map(search_key, contacts)}
