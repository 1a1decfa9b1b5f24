"""Connections set up, edited, paused and turned off, and their secrets entered and renewed.

A secret comes in as text, is sealed at once, and is told to nobody: not to the audit, not to a log, not to a page.
"""

import secrets as chance
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from journal.actions.connection_inputs import (
    SETTING,
    fault_of_secret,
    faults_of_secrets,
    faults_of_settings,
    settings_of,
    text_of,
)
from journal.actions.deeds import begin, keep, pending_changes, record
from journal.domain.actor import Actor, ActorKind
from journal.domain.connection import ConnectionState, Mode
from journal.domain.deed import Deed
from journal.domain.refusal import Invalid, Refusal, Stale
from journal.models import Connection, ConnectionHealth, ConnectionSecret
from journal.queries.connections import opened
from journal.vault import seal
from journal.vendors import SecretKind, Vendor, known, vendor_of

PERMISSION = "journal.manage_connections"
MOST_SECRETS = 3  # of one purpose that are good at once


@transaction.atomic
def set_up(
    *,
    vendor: str,
    name: str,
    mode: Mode,
    settings: Mapping[str, str],
    secrets: Mapping[str, str],
    by: Actor,
    at: datetime,
    key: str = "",
) -> Connection:
    """Connected an outside system. What it posts to its address is stored and taken from now on.

    `settings` by their names, `secrets` by their purposes. `key` is made unless the edge brings one, so that a form
    sent twice sets up one connection.
    """
    by.require(PERMISSION)
    kind = _known(vendor)
    faults = faults_of_settings(kind, settings) | faults_of_secrets(kind, mode, secrets, settings)
    if faults:
        raise Invalid(next(iter(faults.values()))[0], errors=faults)
    connection = Connection(
        key=key or new_key(vendor, mode),
        vendor=vendor,
        name=text_of(name),
        mode=mode.value,
        settings=settings_of(kind, settings),
        state_since=at,
        created_at=at,
        created_by=by.name,
    )
    _refuse_second(kind, connection)
    deed = begin(by=by, at=at)
    keep(connection, deed=deed)
    ConnectionHealth.objects.create(connection=connection)
    for purpose, plain in secrets.items():
        if plain.strip():
            _enter(connection, purpose, plain, deed=deed)
    told = {"system": kind.words, "mode": mode.words, **connection.settings}
    _recorded(connection, "connection:set_up", deed=deed, changes={word: [None, value] for word, value in told.items()})
    return connection


@transaction.atomic
def edit(
    *,
    connection: Connection,
    by: Actor,
    at: datetime,
    name: str | None = None,
    settings: Mapping[str, str] | None = None,
) -> Connection:
    """Changed what a connection is called or what it is set up with; what is None stays. Its mode never changes."""
    by.require(PERMISSION)
    held = held_for_change(connection)
    if name is not None:
        held.name = text_of(name)
    if settings is not None:
        kind = _known(held.vendor)
        if faults := faults_of_settings(kind, settings):
            raise Invalid(next(iter(faults.values()))[0], errors=faults)
        held.settings = settings_of(kind, settings)
        _refuse_second(kind, held)
    changes = pending_changes(held)
    if not changes:
        return held
    deed = begin(by=by, at=at)
    keep(held, deed=deed)
    _recorded(held, "connection:edit", deed=deed, changes=changes)
    return held


@transaction.atomic
def renew_secret(
    *, connection: Connection, purpose: str, secret: str, by: Actor, at: datetime, overlap: timedelta | None = None
) -> ConnectionSecret:
    """Entered a new secret. The former one is good beside it for the overlap: a vendor may sign with either meanwhile.

    `overlap` is the vendor's usual one unless it is given; none ends the former one at once. Of several renewals within
    that time the newest three are good.
    """
    by.require(PERMISSION)
    held = held_for_change(connection)
    kind = _kind_of(_known(held.vendor), purpose)
    if fault := fault_of_secret(kind, Mode(held.mode), secret):
        raise Invalid(fault, field="secret")
    if secret.strip() in opened(held, [purpose], at=at):
        raise Invalid("This secret is in use already. Enter the new one.", field="secret")
    ends_at = at + max(kind.overlap if overlap is None else overlap, timedelta(0))
    rows = ConnectionSecret.objects.filter(connection=held, purpose=purpose)
    rows.filter(ends_at__lte=at).delete()
    former = rows.filter(ends_at=None).update(ends_at=ends_at)
    surplus = list(rows.order_by("-created_at", "-pk").values_list("pk", flat=True)[MOST_SECRETS - 1 :])
    rows.filter(pk__in=surplus).delete()
    deed = begin(by=by, at=at)
    row = _enter(held, purpose, secret, deed=deed)
    told: dict[str, Any] = {"secret": [None, kind.words]}
    if former:
        told["the former one is good until"] = [None, ends_at]
    _recorded(held, "connection:renew_secret", deed=deed, changes=told)
    return row


@transaction.atomic
def end_secret(*, secret: ConnectionSecret, by: Actor, at: datetime) -> None:
    """Ended a former secret before its time, such as one that leaked. The newest one is renewed instead."""
    by.require(PERMISSION)
    held = held_for_change(secret.connection)
    row = ConnectionSecret.objects.filter(pk=secret.pk, connection=held).first()
    if row is None or (row.ends_at is not None and row.ends_at <= at):
        raise Stale("This secret is no longer good.")
    if row.ends_at is None:
        raise Refusal("This is the secret in use. Renew it, and let the former one end at once.")
    words = _kind_of(_known(held.vendor), row.purpose).words
    was = row.ends_at
    row.delete()
    told = {"secret": [words, None], "was good until": [was, at]}
    _recorded(held, "connection:end_secret", deed=begin(by=by, at=at), changes=told)


@transaction.atomic
def pause(*, connection: Connection, by: Actor, at: datetime, reason: str = "") -> Connection:
    """Paused a connection: what arrives is stored and waits, until somebody lets it go on."""
    by.require(PERMISSION)
    held = held_for_change(connection)
    if held.state != ConnectionState.ACTIVE:
        raise Refusal("Only an active connection can be paused.")
    return _stand(held, ConnectionState.PAUSED, "connection:pause", reason=reason, deed=begin(by=by, at=at))


@transaction.atomic
def resume(*, connection: Connection, by: Actor, at: datetime) -> Connection:
    """Let a connection go on: what waits is taken, in the order in which it arrived."""
    by.require(PERMISSION)
    held = held_for_change(connection)
    if held.state == ConnectionState.ACTIVE:
        raise Refusal("This connection is active already.")
    if held.state == ConnectionState.OFF:
        _refuse_second(_known(held.vendor), held)
    ConnectionHealth.objects.filter(connection=held).update(failing_since=None, failures=0, resume_at=None)
    return _stand(held, ConnectionState.ACTIVE, "connection:resume", reason="", deed=begin(by=by, at=at))


@transaction.atomic
def turn_off(*, connection: Connection, by: Actor, at: datetime, reason: str) -> Connection:
    """Turned a connection off: its address answers as if there were nothing, and what waits is not taken."""
    by.require(PERMISSION)
    if not reason.strip():
        raise Invalid("Say why; it stands in the audit beside your name.", field="reason")
    held = held_for_change(connection)
    if held.state == ConnectionState.OFF:
        raise Refusal("This connection is turned off already.")
    return _stand(held, ConnectionState.OFF, "connection:turn_off", reason=reason, deed=begin(by=by, at=at))


def as_actor(connection: Connection) -> Actor:
    """Who acts when something that arrived is taken: the connected system, with what its vendor's handlers may do."""
    vendor = vendor_of(connection.vendor)
    return Actor(
        kind=ActorKind.CONNECTION,
        key=f"connection:{connection.key}",
        name=connection.name,
        permissions=vendor.may if vendor else frozenset(),
    )


def new_key(vendor: str, mode: Mode) -> str:
    """The end of an address: readable, and not to be guessed, which keeps noise away; it is no protection."""
    return f"{vendor.replace('_', '-')}-{mode.value}-{chance.token_hex(5)}"


def held_for_change(connection: Connection) -> Connection:
    """The row as it stands, locked."""
    return Connection.objects.select_for_update().get(pk=connection.pk)


def _known(vendor: str) -> Vendor:
    found = vendor_of(vendor)
    if found is None:
        names = ", ".join(one.words for one in known().values()) or "none"
        raise Invalid(f"The desk can’t be connected with “{vendor}”. It knows: {names}.", field="vendor")
    return found


def _kind_of(vendor: Vendor, purpose: str) -> SecretKind:
    if purpose not in {kind.purpose for kind in vendor.secrets}:
        raise Invalid(f"{vendor.words} has no such secret.", field="secret")
    return vendor.secret(purpose)


def _refuse_second(vendor: Vendor, connection: Connection) -> None:
    """One account at a vendor is connected once in a mode, else everything that arrives would be done twice."""
    for one in vendor.fields:
        account = connection.settings.get(one.name, "")
        if not one.is_account or not account:
            continue
        others = Connection.objects.filter(vendor=vendor.name, mode=connection.mode).exclude(state=ConnectionState.OFF)
        for other in others.exclude(pk=connection.pk):
            if other.settings.get(one.name) == account:
                raise Invalid(f"{account} is connected already, as “{other.name}”.", field=SETTING + one.name)


def _enter(connection: Connection, purpose: str, plain: str, *, deed: Deed) -> ConnectionSecret:
    row = ConnectionSecret(connection=connection, purpose=purpose, sealed=seal(plain.strip()), created_at=deed.at)
    return keep(row, deed=deed)


def _stand(held: Connection, state: ConnectionState, verb: str, *, reason: str, deed: Deed) -> Connection:
    was, held.state = held.state, state.value
    held.state_reason, held.state_since = text_of(reason)[:500], deed.at
    keep(held, deed=deed)
    _recorded(held, verb, deed=deed, reason=reason.strip(), changes={"state": [was, held.state]})
    return held


def _recorded(held: Connection, verb: str, *, deed: Deed, changes: Mapping[str, Any], reason: str = "") -> None:
    record(deed, verb, subject=held, reason=reason, changes=changes, label=held.name)
