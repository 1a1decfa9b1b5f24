"""Where a licence runs, and how many places that takes.

An activation takes a place from its instant until it is released, or until it was silent for longer than the policy's
heartbeat. Places are held in the order of activation: the first so many are within the limit, those after them in
overage as far as the policy lets them in, and whoever stands beyond that has none, which happens where the limit was
cut. So nobody has to be picked by hand, and whoever releases a place lets the next one have it.

A domain covers itself and `www.` before it, and nothing else: a licence for `example.com` says nothing of
`shop.example.com`, which takes a place of its own.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from entitlements.domain.licences.policy import BoundTo, Overage

LONGEST_FINGERPRINT = 200
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_PERCENT = {Overage.NONE: 100, Overage.QUARTER: 125, Overage.HALF: 150, Overage.DOUBLE: 200}


class UnfitFingerprint(ValueError):
    """It names no device, instance or domain; the message says why, to people."""


@dataclass(frozen=True, slots=True)
class ActivationFact:
    """One that isn't released. `heard_at`: the last heartbeat, the activation
    itself, or the end of a file by which it runs unheard. `order` breaks ties."""

    fingerprint: str
    activated_at: datetime
    heard_at: datetime
    order: int = 0
    name: str = ""


class Place(StrEnum):
    """What an activation has of the licence's places."""

    WITHIN = "within"
    OVER = "over"  # in overage: let in, and told
    BEYOND = "beyond"  # it has none any more
    LOST = "lost"  # silent for too long
    NONE = "none"  # never activated, or released


def normalised(text: str, *, bound_to: BoundTo) -> str:
    """The fingerprint as it is kept and compared; UnfitFingerprint where it names nothing."""
    plain = text.strip()
    if not plain:
        raise UnfitFingerprint("Name the place where the software runs.")
    if len(plain) > LONGEST_FINGERPRINT:
        raise UnfitFingerprint(f"Name the place in at most {LONGEST_FINGERPRINT} characters.")
    if bound_to is BoundTo.DOMAIN:
        return _domain(plain)
    if not plain.isprintable():
        raise UnfitFingerprint("A name of a place has no line breaks and no control characters.")
    return plain


def most_places(limit: int | None, overage: Overage) -> int | None:
    """How many places there are in all, rounded down to whole ones; None: any number."""
    if limit is None or overage is Overage.ALWAYS:
        return None
    return limit * _PERCENT[overage] // 100


def is_silent(activation: ActivationFact, *, heartbeat: timedelta | None, at: datetime) -> bool:
    return heartbeat is not None and at - activation.heard_at >= heartbeat


def taking(activations: Iterable[ActivationFact], *, heartbeat: timedelta | None, at: datetime) -> list[ActivationFact]:
    """Those that take a place at the instant, the first activated first."""
    heard = (one for one in activations if not is_silent(one, heartbeat=heartbeat, at=at))
    return sorted(heard, key=lambda one: (one.activated_at, one.order))


def place_of(
    fingerprint: str,
    activations: Iterable[ActivationFact],
    *,
    limit: int | None,
    overage: Overage,
    heartbeat: timedelta | None,
    at: datetime,
) -> Place:
    """What the place with this (normalised) fingerprint has at the instant."""
    known = list(activations)
    if all(one.fingerprint != fingerprint for one in known):
        return Place.NONE
    ranks = {one.fingerprint: rank for rank, one in enumerate(taking(known, heartbeat=heartbeat, at=at), start=1)}
    rank, most = ranks.get(fingerprint), most_places(limit, overage)
    if rank is None:
        return Place.LOST
    if limit is None or rank <= limit:
        return Place.WITHIN
    return Place.OVER if most is None or rank <= most else Place.BEYOND


def has_room(
    activations: Iterable[ActivationFact],
    *,
    limit: int | None,
    overage: Overage,
    heartbeat: timedelta | None,
    at: datetime,
) -> bool:
    """Whether one more place can be taken."""
    most = most_places(limit, overage)
    return most is None or len(taking(activations, heartbeat=heartbeat, at=at)) < most


def _domain(plain: str) -> str:
    """In small letters and in ASCII (IDNA), without the dot at its end and without `www.`."""
    if any(letter in plain for letter in ":/@?#*[]\\") or any(letter.isspace() for letter in plain):
        raise UnfitFingerprint("Write a domain alone, such as shop.example.com: no address, no port, no wildcard.")
    try:
        written = plain.removesuffix(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise UnfitFingerprint(f"“{plain}” is no domain.") from None
    labels = written.split(".")
    if len(labels) > 2 and labels[0] == "www":
        labels = labels[1:]
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        raise UnfitFingerprint(f"“{plain}” is no domain: write it in full, such as shop.example.com.")
    found = ".".join(labels)
    if len(found) > LONGEST_FINGERPRINT:
        raise UnfitFingerprint(f"Name the domain in at most {LONGEST_FINGERPRINT} characters.")
    return found
