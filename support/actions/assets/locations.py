"""Locations: where the equipment of a customer stands."""

from datetime import datetime

from django.db import transaction

from catalog.domain.countries import NoCountry, country_code
from entitlements.actions.locking import lock_account
from entitlements.models import Account
from journal.actions.deeds import begin, keep, pending_changes, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid
from support.actions.assets.held import require, spoken
from support.models import Location


@transaction.atomic
def add_location(
    *, account: Account, name: str, by: Actor, at: datetime, address: str = "", country: str = "", zone: str = ""
) -> Location:
    """A place of a customer was written down, at which its equipment stands."""
    require(by)
    location = Location(account=lock_account(account.pk))
    _write(location, name=name, address=address, country=country, zone=zone)
    deed = begin(by=by, at=at)
    keep(location, deed=deed)
    changes = {"location": [None, location.name], "address": [None, location.address]}
    record(deed, "location:add", subject=location, account_key=location.account.key, changes=changes)
    return location


@transaction.atomic
def edit_location(
    *, location: Location, name: str, by: Actor, at: datetime, address: str = "", country: str = "", zone: str = ""
) -> Location:
    """A location is called otherwise, or its address was put right; what stands there stays there."""
    require(by)
    location = Location.objects.select_for_update(of=("self",)).select_related("account").get(pk=location.pk)
    _write(location, name=name, address=address, country=country, zone=zone)
    changes = pending_changes(location)
    if not changes:
        return location
    deed = begin(by=by, at=at)
    keep(location, deed=deed)
    record(deed, "location:edit", subject=location, account_key=location.account.key, changes=changes)
    return location


def _write(location: Location, *, name: str, address: str, country: str, zone: str) -> None:
    name = spoken(name)
    if not name:
        raise Invalid("Give the location a name, such as Plant 2.", field="name")
    alike = Location.objects.filter(account_id=location.account_id, name__iexact=name).exclude(pk=location.pk)
    if alike.exists():
        raise Invalid(f"{location.account} has a location called {name} already.", field="name")
    try:
        location.country = country_code(country) if spoken(country) else ""
    except NoCountry as unknown:
        raise Invalid(str(unknown), field="country") from unknown
    location.name, location.address, location.zone = name, spoken(address), spoken(zone)
