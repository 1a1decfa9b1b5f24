"""Who is meant, and is that customer covered: what support asks first. Nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from entitlements.models import Account
from entitlements.models.account import IdentifierKind
from entitlements.queries.accounts import account_by_key, search_key
from journal.domain.refusal import NotFound
from support.domain.case_events import Channel
from support.domain.serials import serial_key
from support.models import Asset
from support.queries.answers import Found, Match
from support.queries.coverage import coverage_of
from support.queries.devices import device_line, device_of, devices_of, number_of_devices
from support.queries.whom import LOOKED_IN, MOST, Hit, hits

MOST_MATCHES = MOST
LISTED_UNASKED = 5


@dataclass(frozen=True, slots=True)
class Devices:
    """The device asked about, or those to choose from, and why the one typed is not among them."""

    chosen: Asset | None
    offered: tuple[Asset, ...] = ()
    fault: str = ""


def lookup(
    *,
    text: str,
    at: datetime,
    account: str | None = None,
    device: str = "",
    channel: Channel | None = None,
) -> Found:
    """One answer where one account is meant, else the accounts that may be; `account` settles which of them it is.

    Without any text the account alone is meant, by its key or any system's id. `device` is a serial number, or a part
    of what the device is called, of that customer's.
    """
    text, device = _speakable(text), _speakable(device).strip()
    if search_key(text):
        found = hits(text, at=at)
        chosen = _chosen(found, account)
    else:
        found = _named(account) or ([] if account else hits(device, at=at))
        chosen = found[0] if len(found) == 1 and not found[0].near else None
    if chosen is None:
        return Found(searched=text, matches=tuple(map(_match, found)), looked_in=() if found else LOOKED_IN)
    about = _devices(chosen, device)
    answer = coverage_of(account=chosen.account, at=at, asset=about.chosen, channel=channel)
    return Found(
        searched=text,
        answer=answer,
        note=_note(text, chosen),
        devices=tuple(device_line(asset) for asset in about.offered),
        devices_in_all=number_of_devices(chosen.account),
        device_fault=about.fault,
    )


def _speakable(text: str) -> str:
    """Without what no database takes even in a question: the null character, and halves of characters."""
    return text.replace("\x00", "").encode(errors="ignore").decode()


def _named(key: str | None) -> list[Hit]:
    if not key:
        return []
    try:
        return [Hit(account_by_key(key))]
    except NotFound:
        return []


def _chosen(found: Sequence[Hit], account: str | None) -> Hit | None:
    """The one named, whatever of it was found; else the only one, unless it is only like what was typed."""
    if account is not None:
        named = [hit for hit in found if hit.account.key == account]
        return None if not named else named[0] if len(named) == 1 else replace(named[0], asset=None)
    return found[0] if len(found) == 1 and not found[0].near else None


def _devices(hit: Hit, typed: str) -> Devices:
    """What was typed beside the customer goes before the device that led to it."""
    if not typed:
        offered = () if hit.asset is not None else tuple(devices_of(hit.account, limit=LISTED_UNASKED))
        return Devices(hit.asset, offered)
    if hit.asset is not None and serial_key(typed) == hit.asset.serial_key:
        return Devices(hit.asset)
    exact = device_of(hit.account, typed)
    if len(exact) == 1:
        return Devices(exact[0])
    offered = tuple(exact or devices_of(hit.account, text=typed))
    if offered:
        words = f"Choose one of the devices that “{typed}” may mean."
        return Devices(None, offered, words)
    return Devices(None, (), f"{hit.account} has no device with “{typed}” in its serial number or name.")


def _match(hit: Hit) -> Match:
    serial = hit.asset.serial if hit.asset is not None else ""
    return Match(hit.account.key, hit.account.name, hit.account.country, hit.how, serial, hit.near)


def _note(text: str, hit: Hit) -> str:
    """How the two were joined, where that needs saying: whoever writes from a customer's domain is not thereby known."""
    if hit.how:
        return f"Found by: {hit.how}."
    return _by_domain(text, hit.account)


def _by_domain(text: str, account: Account) -> str:
    email = search_key(text)
    domain = email.rpartition("@")[2]
    known = account.identifiers.filter(kind=IdentifierKind.EMAIL, value_key__startswith=email)
    owned = account.identifiers.filter(kind=IdentifierKind.DOMAIN, value_key=domain)
    if "@" not in email or known.exists() or not owned.exists():
        return ""
    return f"Nobody has {email} on file; the domain {domain} is this customer's."
