"""Which outside systems the desk can be connected with, and who takes what they send.

An app describes its vendors in AppConfig.ready(), beside the handlers of what arrives from them. Nothing here knows
any of them.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from journal.domain.connection import Mode
from journal.domain.receiving import Message, Order, Outcome, Received
from journal.models import Inbound

ANYTHING = "*"  # as a type: whatever no other handler of the vendor takes


class Verify(Protocol):
    """Pure. `secrets`: those of the purposes that verify, as entered, the newest first; never empty."""

    def __call__(self, message: Message, *, secrets: Sequence[str], at: datetime) -> Sequence[Received]: ...


# At least once: after a killed worker the same row comes again, so whatever a handler does it must be able to do twice.
# It runs with no transaction open and opens its own, never around a call to the vendor. It has two minutes.
Handler = Callable[[Inbound], Outcome]


def inside(words: str) -> str:
    """As they stand within a sentence: "signing secret", but "API key"."""
    return words[:1].lower() + words[1:] if words[1:2].islower() else words


def _chosen(only_with: tuple[str, tuple[str, ...]] | None, settings: Mapping[str, str]) -> bool:
    return only_with is None or settings.get(only_with[0], "").strip() in only_with[1]


@dataclass(frozen=True, slots=True)
class SecretKind:
    """A secret that a connection needs. `verifies`: what arrives is checked with it.

    `only_with`: the setting, and the values of it, that need this secret; without them it may be left empty.
    `begins`: how it has to begin in each mode, so that a live key is never entered where one tries things out.
    `pattern`: what the whole of it must match, where a person makes it up; `made_of` says it.
    `overlap`: how long the former one is still good after a renewal.
    """

    purpose: str
    words: str
    help: str
    verifies: bool = False
    required: bool = True
    is_long: bool = False
    begins: Mapping[Mode, tuple[str, ...]] = field(default_factory=dict)
    overlap: timedelta = timedelta(hours=24)
    pattern: str = ""
    made_of: str = ""
    only_with: tuple[str, tuple[str, ...]] | None = None

    def is_needed(self, settings: Mapping[str, str]) -> bool:
        return self.required and _chosen(self.only_with, settings)


@dataclass(frozen=True, slots=True)
class Setting:
    """Something about a connection that is no secret. `pattern`: what the whole of it must match; `such_as` says it.

    `choices`: the values it may have, each with its words. `only_with`: the other setting, and the values of it, that
    need this one; without them it may be left empty.
    `is_account`: what a message says about whose it is (`Received.of_account`) must be this, where it says so.
    """

    name: str
    words: str
    help: str
    required: bool = True
    pattern: str = ""
    such_as: str = ""
    is_account: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    only_with: tuple[str, tuple[str, ...]] | None = None

    def is_needed(self, settings: Mapping[str, str]) -> bool:
        return self.required and _chosen(self.only_with, settings)

    def said(self, settings: Mapping[str, str]) -> str:
        """What was entered, in words where it was picked."""
        entered = settings.get(self.name, "")
        return dict(self.choices).get(entered, entered)


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What a vendor wants to hear once everything is stored."""

    body: bytes = b'{"received": true}'
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Vendor:
    """An outside system, in the words of its screens.

    `words`: its name; `next_steps`: what to do at the vendor once the connection is set up, in order; `mode_words`: how
    live and for trying out are told apart there; `trying`: what a connection for trying out leaves alone; `headers`:
    which headers are kept, in lower case; `may`: what its handlers are allowed to do here; `hidden`: names in its bodies
    that no screen shows the values of.
    """

    name: str
    words: str
    verify: Verify
    secrets: tuple[SecretKind, ...]
    fields: tuple[Setting, ...] = ()
    order: Order = Order.HINT
    mode_words: str = ""
    trying: str = ""
    next_steps: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    may: frozenset[str] = frozenset()
    hidden: tuple[str, ...] = ()
    acknowledgement: Acknowledgement = Acknowledgement()

    def secret(self, purpose: str) -> SecretKind:
        return next(kind for kind in self.secrets if kind.purpose == purpose)


_SPELLED = re.compile(r"[a-z][a-z0-9_]{1,39}")
_vendors: dict[str, Vendor] = {}
_handlers: dict[tuple[str, str], Handler] = {}


def register(vendor: Vendor) -> None:
    """Once for each vendor; the same again is no harm."""
    if not _SPELLED.fullmatch(vendor.name):
        raise ValueError(f"{vendor.name!r} is no name of a vendor: write it in lower case.")
    if not any(kind.verifies for kind in vendor.secrets):
        raise ValueError(f"Nothing verifies what {vendor.name} sends: name the secret that does.")
    if _vendors.setdefault(vendor.name, vendor) != vendor:
        raise ValueError(f"{vendor.name!r} is registered already.")


def register_handler(vendor: str, types: Collection[str], handler: Handler) -> None:
    """Who takes arrivals of these types; ANYTHING for all the others."""
    for one in types:
        if _handlers.setdefault((vendor, one), handler) != handler:
            raise ValueError(f"{one!r} of {vendor!r} has a handler already.")


def known() -> dict[str, Vendor]:
    """All vendors by name, in the order of their words."""
    return {one.name: one for one in sorted(_vendors.values(), key=lambda one: one.words.lower())}


def vendor_of(name: str) -> Vendor | None:
    """None where its app is no longer there."""
    return _vendors.get(name)


def handler_of(vendor: str, type_: str) -> Handler | None:
    """None where nobody handles that type."""
    return _handlers.get((vendor, type_)) or _handlers.get((vendor, ANYTHING))


def handled_types(vendor: str) -> list[str]:
    """The types that somebody takes, ANYTHING among them where all are."""
    return sorted(type_ for name, type_ in _handlers if name == vendor)


def strict_vendors() -> list[str]:
    """Those whose arrivals build on each other."""
    return [one.name for one in _vendors.values() if one.order is Order.STRICT]
