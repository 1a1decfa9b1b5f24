"""Who is meant by what somebody typed: exact first, whatever it is; then what begins alike; then what is like it.

Exact are our key, a name, an address, a domain, an id of another system, the number of a case (ours or the help
desk's) or of a contract, a device's serial number or id, and a licence key or the beginning of one that may be shown.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from entitlements.domain.licences.key_text import plainly
from entitlements.models import Account, Contract, Licence
from entitlements.queries.accounts import (
    exact_accounts,
    loose_accounts,
    search_key,
    similar_accounts,
    starts_with,
)
from entitlements.queries.licences.trying import licence_typed, prefix_in
from entitlements.queries.merged import standing_for
from support.domain.serials import serial_key
from support.models import Asset, AssetMove
from support.queries.assets.finding import asset_by_serial
from support.queries.cases.finding import find_cases

MOST = 10
SHORTEST_SERIAL = 4  # of the beginning of one
SHORTEST_LICENCE = 2  # of what may be shown of a key, after its "el_"
WHOLE_LICENCE = re.compile(r"^\s*(el_|[a-z2-7]{8}(_?[.…]*)?\s*$)", re.IGNORECASE)
BEGUN_LICENCE = re.compile(r"^\s*el_[a-z2-7]{2,8}[.…]*\s*$", re.IGNORECASE)
SECRET = re.compile(r"^el_[a-z2-7]{8}_[^….]")
LOOKED_IN = (
    "customers’ keys and names, also names spelled nearly alike",
    "e-mail addresses and their domains",
    "ids in Stripe, Salesforce, HubSpot and our own systems",
    "numbers of cases, of the help desk’s tickets and of contracts",
    "serial numbers and other systems’ ids of devices",
    "licence keys",
)


@dataclass(frozen=True, slots=True)
class Hit:
    """An account that may be meant, what of it was found, and the device where that was it; `near`: only its like."""

    account: Account
    how: str = ""
    asset: Asset | None = None
    near: bool = False


def hits(text: str, *, at: datetime, most: int = MOST) -> list[Hit]:
    """The exact ones where there are any; else the loose ones, and behind them those that are only alike."""
    if not search_key(text):
        return []
    if exact := _once(_exact(text, at=at, most=most)) or _once(_by_id_of_device(text, at=at, most=most)):
        return exact[:most]
    return _once(_loose(text, at=at, most=most))[:most]


def _exact(text: str, *, at: datetime, most: int) -> Iterator[Hit]:
    yield from (Hit(account) for account in exact_accounts(text=text, limit=most))
    yield from _cases(text)
    yield from _contracts(text)
    yield from _licence(text)
    yield from (_of_device(asset, at=at) for asset in asset_by_serial(text)[:most])


def _loose(text: str, *, at: datetime, most: int) -> Iterator[Hit]:
    """What begins so; behind it what is alike, unless just one begins so: that one is meant."""
    begun = [
        *(Hit(account) for account in loose_accounts(text=text, limit=most)),
        *(_of_device(asset, at=at) for asset in devices_beginning(text, limit=most)),
        *(_of_licence(row) for row in licences_beginning(text, limit=most)),
    ]
    yield from begun
    if len(begun) != 1 and len(begun) < most:
        yield from (Hit(account, near=True) for account in similar_accounts(text=text, limit=most))


def _cases(text: str) -> Iterator[Hit]:
    for case in find_cases(text=text, limit=MOST):
        if case.account is not None:
            yield Hit(case.account, f"Case {case.number}: {case.subject}", case.asset)


def _contracts(text: str) -> Iterator[Hit]:
    key = " ".join(text.split())
    rows = Contract.objects.filter(key__in={key, key.upper(), key.lower()})
    for row in rows.select_related("account__market", "account__owner")[:MOST]:
        yield Hit(row.account, f"Contract {row.key}: {row.name}")


def _licence(text: str) -> Iterator[Hit]:
    if WHOLE_LICENCE.match(text):
        row, _why = licence_typed(text)
        if row is not None:
            yield _of_licence(row)


def shown_of_key(text: str) -> str:
    """What may be shown of a whole licence key that somebody has: a key is a secret, and an address is kept."""
    row = licence_typed(text)[0] if tells_secret(text) else None
    return "" if row is None else f"el_{row.prefix}_…"


def tells_secret(text: str) -> bool:
    """Whether more than may be shown of a licence key was typed, mistyped or not."""
    return SECRET.match(plainly(text)) is not None


def _of_licence(row: Licence) -> Hit:
    return Hit(row.account, f"Licence el_{row.prefix}…{f' ({row.name})' if row.name else ''}")


def licences_beginning(text: str, *, limit: int) -> list[Licence]:
    """Those whose shown beginning begins so: of "el_ab", never of a word that might be a name."""
    if not BEGUN_LICENCE.match(text):
        return []
    rows = Licence.objects.filter(starts_with("prefix", prefix_in(text)))
    return list(rows.select_related("account", "policy").order_by("prefix")[:limit])


def devices_beginning(text: str, *, limit: int) -> list[Asset]:
    """Those whose serial number begins so."""
    key = serial_key(text)
    if len(key) < SHORTEST_SERIAL or "@" in key:
        return []
    rows = Asset.objects.filter(starts_with("serial_key", key)).select_related("account", "product", "location")
    return list(rows.order_by("serial_key", "pk")[:limit])


def _by_id_of_device(text: str, *, at: datetime, most: int) -> Iterator[Hit]:
    """Asked when nothing else is just so."""
    for asset in devices_by_id(text, limit=most):
        yield Hit(holder_of(asset, at=at), f"Id {asset.external_id} of {asset.product} {asset.serial}", asset)


def devices_by_id(text: str, *, limit: int) -> list[Asset]:
    """Those that bear just this id in another system; capitals count only inside of it."""
    spoken = " ".join(text.replace("\x00", "").split())
    if not spoken:
        return []
    rows = Asset.objects.filter(external_id__in={spoken, spoken.upper(), spoken.lower()}).exclude(external_id="")
    return list(rows.select_related("account", "product", "location").order_by("pk")[:limit])


def _of_device(asset: Asset, *, at: datetime) -> Hit:
    return Hit(holder_of(asset, at=at), f"Serial number {asset.serial}, {asset.product}", asset)


def holder_of(asset: Asset, *, at: datetime) -> Account:
    """Who had the device at an instant, or the account that stands for it; a read more only where it was sold since."""
    if asset.held_since <= at:
        return asset.account
    moves = AssetMove.objects.filter(asset=asset, at__gt=at).select_related("from_account")
    since = moves.order_by("at", "pk").first()
    return asset.account if since is None else standing_for(since.from_account)


def _once(found: Iterable[Hit]) -> list[Hit]:
    """Each account once, with the device that was found of it; several devices of one account stay apart."""
    kept: dict[tuple[int, int | None], Hit] = {}
    for hit in found:
        kept.setdefault((hit.account.pk, hit.asset.pk if hit.asset else None), hit)
    named = {account for account, asset in kept if asset is not None}
    return [hit for (account, asset), hit in kept.items() if asset is not None or account not in named]
