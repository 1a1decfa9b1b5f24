"""Covers and what they name, as programs say it: keys, serial numbers, names and e-mail addresses instead of ids."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Lower

from entitlements.models import Account, Contract
from journal.domain.refusal import Invalid
from support.domain.cover_draft import PLURALS, CoverPlace
from support.domain.cover_terms import ScopeKind
from support.domain.serials import serial_key
from support.models import Cover
from support.queries.covers.reading import CoverRead, ids_below, read_covers, things_of

LARGEST = 2**53 - 1


def cover_numbered(number: int) -> Cover | None:
    rows = Cover.objects.select_related("account", "contract", "follows")
    return rows.filter(pk=number).first() if number <= LARGEST else None


def covers_of(
    account: Account | None, *, place: CoverPlace | None, contract: str, after: int, most: int, at: datetime
) -> list[CoverRead]:
    """In the order they were written down; a page of those that stand so at the moment."""
    rows: QuerySet[Cover] = Cover.objects.select_related("account", "contract", "follows").filter(pk__gt=after)
    if account is not None:
        rows = rows.filter(account=account)
    if contract:
        rows = rows.filter(contract__key=contract.replace("\x00", ""))
    found: list[CoverRead] = []
    last = after
    while len(found) < most and (batch := list(rows.filter(pk__gt=last).order_by("pk")[: max(most, 100)])):
        last = batch[-1].pk
        found += [read for read in read_covers(batch) if place is None or read.place(at) is place]
    return found[:most]


def contract_numbered(number: str, *, account: Account) -> Contract:
    """Of this account alone: another's looks the same as none."""
    found = Contract.objects.filter(key=number.replace("\x00", ""), account=account).first()
    if found is None:
        raise Invalid(f"{account} has no contract {number!r}.", field="contract")
    return found


def things_named(kind: ScopeKind, names: Iterable[str], *, account: Account) -> frozenset[int]:
    """The account's things, and those of its child accounts, by what programs call them; every unknown one is named."""
    wanted = [name.replace("\x00", "").strip() for name in names]
    if not wanted:
        return frozenset()
    rows = things_of(kind)
    if kind is ScopeKind.CONTACT:
        rows = rows.annotate(email_key=Lower("email"))
    if kind is not ScopeKind.PRODUCT:
        rows = rows.filter(account__in=[account.pk, *ids_below(account)])
    column, spelled = _spelled(kind)
    found: dict[str, list[int]] = {}
    for row in rows.filter(**{f"{column}__in": [spelled(name) for name in wanted]}):
        found.setdefault(getattr(row, column), []).append(row.pk)
    unknown = [name for name in wanted if spelled(name) not in found]
    if unknown:
        raise Invalid(f"{account} has no {kind.value} {', '.join(map(repr, unknown))}.", field=PLURALS[kind])
    several = [name for name in wanted if len(found[spelled(name)]) > 1]
    if several:
        told = ", ".join(map(repr, several))
        raise Invalid(f"More than one {kind.value} is called {told}; narrow it on the screen.", field=PLURALS[kind])
    return frozenset(pk for name in wanted for pk in found[spelled(name)])


def naming_contact(contact: int) -> str:
    """Why a contact stays: a cover names them among those who may ask; empty: none does."""
    row = Cover.objects.filter(scope__contact=contact).order_by("-starts_at", "-pk").first()
    if row is None:
        return ""
    return (
        f"The cover “{row.name}” names them among those who may ask, and what was agreed is kept. Amend it where it still "
        "runs; this contact can be left without notices."
    )


def _spelled(kind: ScopeKind) -> tuple[str, Callable[[str], Any]]:
    """The column that names it, and how a name is spelled in it."""
    spelled: dict[ScopeKind, tuple[str, Callable[[str], Any]]] = {
        ScopeKind.ASSET: ("serial_key", serial_key),
        ScopeKind.LOCATION: ("name", str),
        ScopeKind.CONTACT: ("email_key", str.lower),
        ScopeKind.PRODUCT: ("key", str),
    }
    return spelled[kind]
