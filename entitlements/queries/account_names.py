"""Many accounts by what programs call them, in two reads: our keys, and the ids of connected systems."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import NamedTuple

from entitlements.models import Account, Identifier
from entitlements.models.account import IdentifierKind
from entitlements.queries.accounts import search_key


class Named(NamedTuple):
    """The account that stands behind a name: where one was merged, the one that stands for it."""

    id: int
    key: str


def accounts_named(names: Collection[str]) -> Mapping[str, Named]:
    """The accounts of these names (our key, `stripe:cus_1`, or a bare id that is one account's); others are left out."""
    rows = Account.objects.filter(key__in=set(names))
    fields = ("key", "pk", "merged_into_id", "merged_into__key")
    found = {key: Named(into or pk, into_key or key) for key, pk, into, into_key in rows.values_list(*fields)}
    missing = [name for name in dict.fromkeys(names) if name not in found]
    return {**found, **_by_external_id(missing)} if missing else found


def texts_of(account_ids: Collection[int]) -> set[str]:
    """What these accounts are called: their keys, and the ids of connected systems, bare and with their system."""
    texts = set(Account.objects.filter(pk__in=account_ids).values_list("key", flat=True))
    rows = Identifier.objects.filter(account__in=account_ids, kind=IdentifierKind.EXTERNAL)
    for system, value, folded in rows.values_list("system", "value", "value_key"):
        texts |= {value, folded, f"{system}:{value}", f"{system}:{folded}"}
    return texts


def _by_external_id(names: Collection[str]) -> Mapping[str, Named]:
    parts = {name: _parts(name) for name in names}
    rows = Identifier.objects.filter(
        kind=IdentifierKind.EXTERNAL, value_key__in={value for _, value in parts.values()}
    ).values_list(
        "system", "value_key", "account_id", "account__key", "account__merged_into_id", "account__merged_into__key"
    )
    known: dict[str, list[tuple[str, Named]]] = defaultdict(list)
    for system, value, pk, key, into, into_key in rows:
        known[value].append((system, Named(into or pk, into_key or key)))
    found = {}
    for name, (system, value) in parts.items():
        meant = {account for of, account in known[value] if not system or of == system}
        if len(meant) == 1:
            found[name] = meant.pop()
    return found


def _parts(name: str) -> tuple[str, str]:
    system, _, value = name.rpartition(":")
    return system, search_key(value)
