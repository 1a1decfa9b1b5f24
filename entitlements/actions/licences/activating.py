"""Where a licence runs: devices, instances and domains, activated, heard of, moved and released.

The licence is locked while a place is taken, so that two who come for the last one follow each other and one of them
gets it. Who is active already takes no second place. A heartbeat writes one row and locks nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from entitlements.actions.licences.locking import USE, WRITE, lock_licence, require
from entitlements.actions.licences.noting import heard, note_heartbeat
from entitlements.actions.licences.refusals import (
    ActivationLimitReached,
    FileStillOut,
    HeartbeatLost,
    NotActivated,
    fingerprint_of,
    refusal_of,
    require_valid,
)
from entitlements.domain.licences.activations import Place, has_room
from entitlements.domain.licences.codes import Code
from entitlements.domain.licences.policy import BoundTo
from entitlements.domain.licences.standing import LicenceFacts, place_in, standing_alone
from entitlements.models.licence import Licence, LicenceActivation
from entitlements.queries.licences.reading import facts_of
from journal.actions.deeds import Deed, begin, keep, keep_changed, record
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal

PERMISSION = "entitlements.manage_activation"
SCOPE = USE
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Activated:
    """`again`: it was active there already, and took no second place. `over`: it is beyond the limit, and let in."""

    activation: LicenceActivation
    again: bool
    over: bool

    @property
    def code(self) -> Code:
        return Code.OVER_ACTIVATION_LIMIT_OK if self.over else Code.OK


@transaction.atomic
def activate(*, licence: Licence, fingerprint: str, by: Actor, at: datetime, name: str = "") -> Activated:
    """Activated a licence on a device, an instance or a domain."""
    require(by, PERMISSION, scope=SCOPE)
    row = lock_licence(licence)
    facts = facts_of(row, at)
    require_valid(standing_alone(facts, at=at))
    named = fingerprint_of(fingerprint, bound_to=facts.bound_to)
    match place_in(facts, named, at=at):
        case Place.WITHIN | Place.OVER:
            activation = _active_on(row, named)
            assert activation is not None
            note_heartbeat(activation, at=at)
            return Activated(activation, again=True, over=_is_over(row, named, at))
        case Place.BEYOND:
            raise _no_room(facts)
    return _take_place(row, facts, named, name, by=by, at=at)


def _take_place(licence: Licence, facts: LicenceFacts, named: str, name: str, *, by: Actor, at: datetime) -> Activated:
    """A place of its own: the last of those there are, also for one that was silent and comes back."""
    if not has_room(
        facts.activations, limit=facts.limit, overage=facts.overage, heartbeat=facts.heartbeat, at=at
    ):  # fmt: skip
        raise _no_room(facts)
    activation = _active_on(licence, named) or LicenceActivation(licence=licence, fingerprint=named)
    activation.activated_at, activation.name = at, _text(name) or activation.name
    deed = begin(by=by, at=at)
    keep(activation, deed=deed)
    heard(activation, at=at)
    place = f"{BoundTo(facts.bound_to).value} {named}"
    record(
        deed, "licence:activate", subject=licence, account_key=licence.account.key, changes={place: [None, "active"]}
    )
    return Activated(activation, again=False, over=_is_over(licence, named, at))


@transaction.atomic
def deactivate(*, licence: Licence, fingerprint: str, by: Actor, at: datetime, reason: str = "") -> LicenceActivation:
    """Released the place of a licence on a device, an instance or a domain. Possible however the licence stands.

    While software may still run there by a licence file, only those may who look after licences; else one licence would
    run in one place after another, by the files it left behind.
    """
    require(by, PERMISSION, scope=SCOPE)
    row = lock_licence(licence)
    named = fingerprint_of(fingerprint, bound_to=BoundTo(row.policy.bound_to))
    activation = _active_on(row, named)
    if activation is None:
        raise NotActivated(f"The licence is not active on “{named}”.")
    if not (by.may(PERMISSION) or by.may(WRITE)):
        _refuse_file_out(activation, at=at)
    deed = begin(by=by, at=at)
    _release([activation], deed=deed)
    place = f"{row.policy.bound_to} {named}"
    record(
        deed, "licence:deactivate", subject=row, account_key=row.account.key, reason=reason.strip(),
        changes={place: ["active", None]},
    )  # fmt: skip
    return activation


@transaction.atomic
def move_activation(
    *, licence: Licence, fingerprint: str, to: str, by: Actor, at: datetime, name: str = ""
) -> Activated:
    """Moved a licence from one device, instance or domain to another: both, or neither."""
    deactivate(licence=licence, fingerprint=fingerprint, by=by, at=at)
    return activate(licence=licence, fingerprint=to, name=name, by=by, at=at)


def heartbeat(*, licence: Licence, fingerprint: str, by: Actor, at: datetime) -> LicenceActivation:
    """Heard of an activation. One that was silent for too long takes a place anew, where there is one."""
    require(by, PERMISSION, scope=SCOPE)
    facts = facts_of(Licence.objects.select_related("policy__activation_feature").get(pk=licence.pk), at)
    require_valid(standing_alone(facts, at=at))
    named = fingerprint_of(fingerprint, bound_to=facts.bound_to)
    place = place_in(facts, named, at=at)
    if place is Place.LOST:
        return _come_back(licence, named, by=by, at=at)
    activation = _active_on(licence, named)
    if activation is None:
        raise NotActivated(f"The licence is not active on “{named}”.")
    if place is Place.BEYOND:
        raise _no_room(facts)
    note_heartbeat(activation, at=at)
    return activation


def release_all(licence: Licence, *, deed: Deed) -> int:
    """End every activation of it, as part of another act; how many there were."""
    rows = list(LicenceActivation.objects.select_for_update().filter(licence=licence, released_at=None))
    _release(rows, deed=deed)
    return len(rows)


def _refuse_file_out(activation: LicenceActivation, *, at: datetime) -> None:
    file = activation.files.filter(expires_at__gt=at).order_by("-expires_at").first()
    if file is not None:
        raise FileStillOut(
            f"Software may run on “{activation.fingerprint}” by its licence file until {file.expires_at:%Y-%m-%d %H:%M} UTC. "
            "Release it then, or ask the vendor to."
        )


def _come_back(licence: Licence, named: str, *, by: Actor, at: datetime) -> LicenceActivation:
    try:
        return activate(licence=licence, fingerprint=named, by=by, at=at).activation
    except ActivationLimitReached:
        raise HeartbeatLost(
            f"“{named}” was silent for too long, and another place took what it gave free. Release one of them first."
        ) from None


def _active_on(licence: Licence, named: str) -> LicenceActivation | None:
    rows = LicenceActivation.objects.select_related("licence__policy")
    return rows.filter(licence=licence, fingerprint=named, released_at=None).first()


def _release(rows: list[LicenceActivation], *, deed: Deed) -> None:
    for row in rows:
        row.released_at, row.released_by = max(deed.at, row.activated_at), deed.by.name
    keep_changed(rows, fields=["released_at", "released_by"], deed=deed)


def _is_over(licence: Licence, named: str, at: datetime) -> bool:
    return place_in(facts_of(licence, at), named, at=at) is Place.OVER


def _no_room(facts: LicenceFacts) -> Refusal:
    words = f"The licence runs in as many places as it may ({facts.limit}). Release one of them first."
    return refusal_of(Code.ACTIVATION_LIMIT_REACHED, words)


def _text(typed: str) -> str:
    return typed.replace("\x00", "").strip()[:LONGEST_NAME]
