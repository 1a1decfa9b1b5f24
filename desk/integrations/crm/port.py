"""What the desk asks of a connected CRM, in the same words for each of them.

The folder of each CRM has a `Crm`, and registers a `CrmSystem` in AppConfig.ready(); the flows know nothing else of it.
No call is made inside a transaction. What any of them may raise:

- `Later` (journal): the CRM is away, asks to be left alone, or only the last fifth of its calls is left; nothing is lost.
- `LoginRefused`: nobody gets in by what was entered; it was tried again once.
- `Declined`: it refuses what was asked for, and would again: a person has to look. The words are its own.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from desk.domain.crm.faults import FaultKind
from desk.domain.crm.outgoing import Outgoing
from desk.domain.crm.told import Company, Deal
from journal.models import Connection


class LoginRefused(Exception):
    """What was entered at the connection is no longer good; the words say what to do."""


class Declined(Exception):
    """It refuses what was asked for, and would again; the words are its own."""


class Kind(StrEnum):
    COMPANY = "company"
    DEAL = "deal"


@dataclass(frozen=True, slots=True)
class Hint:
    """A record may have changed: its id, and the stamp by which that was seen (of a deal's line, the line's)."""

    id: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Hints by their stamps and ids, and where the next page goes on; empty with the last."""

    hints: tuple[Hint, ...]
    after: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one record that was written or removed, in the order they were given. `id` is its id there.

    Words without a fault: the CRM has no place for it, and it is left out until there is one.
    """

    key: str
    id: str = ""
    fault: FaultKind | None = None
    words: str = ""


class NeedState(StrEnum):
    THERE = "there"
    MISSING = "missing"
    NOT_ALLOWED = "not_allowed"
    OTHER = "other"

    @property
    def words(self) -> str:
        return {
            "there": "There",
            "missing": "Missing",
            "not_allowed": "There, and the desk may not use it",
            "other": "There, of another type",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Need:
    """Something that has to be there before the desk can write: an object, a field, a right.

    `by_hand` is what an administrator does who would rather make it themselves; `optional`: without it the rest works.
    """

    about: str
    words: str
    state: NeedState
    by_hand: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Offered:
    """A field, or a product, that a mapping may name: as the CRM spells it, and as people there call it."""

    name: str
    words: str
    sort: str = ""


@dataclass(frozen=True, slots=True)
class FieldsRead:
    """Which fields a mapping reads beyond those that are always asked for, as the CRM spells them."""

    deal: tuple[str, ...] = ()
    line: tuple[str, ...] = ()


class Crm(Protocol):
    """An open line to the CRM of one connection."""

    def now(self) -> datetime:
        """By the CRM's own clock."""

    def changed(self, kind: Kind, *, since: datetime | None, until: datetime, after: str = "") -> Page:
        """Records stamped from `since` (None: from the beginning) and before `until`, deleted ones among them where the
        CRM says so, by stamp and id; of a deal also those whose lines changed. A page is 200 at most."""

    def count(self, kind: Kind) -> int | None:
        """About how many there are in all; None where it can't be asked."""

    def companies(self, ids: Collection[str]) -> Mapping[str, Company]:
        """As they stand now, with what was written to them; whoever was deleted or merged away is told as gone. Who may
        only be hidden from the desk is told as gone, too, and `unsure` says so."""

    def deals(self, ids: Collection[str], *, fields: FieldsRead) -> Mapping[str, Deal]:
        """As they stand now, whole, with their lines; what is no longer there is told as gone. `unsure` says where the CRM
        itself doesn't say that it was deleted, or leaves out a part of it."""

    def write(self, rows: Sequence[Outgoing]) -> list[Written]:
        """Made them stand there as they should, by their keys; companies by their ids there. Never one twice in a call.

        Each row fails or goes through by itself; of what was sent and never answered, Later is raised, and sending it
        again is no harm.
        """

    def standing(self, keys: Mapping[str, Collection[str]]) -> frozenset[str] | None:
        """Which records of entitlements stand there, of those with these keys, told by the ids of their companies; None
        where it has no place for them, or doesn't show them."""

    def needs(self) -> list[Need]:
        """What has to be there, and whether it is. Nothing is changed."""

    def set_up(self) -> list[Need]:
        """Made whatever of it is missing and can be made; what it looks like afterwards."""

    def fields_of(self, kind: Kind) -> list[Offered]:
        """The fields of companies or of deals."""

    def line_fields(self) -> list[Offered]:
        """The fields of a deal's lines."""

    def products(self) -> list[Offered]:
        """The products by their codes, 1,000 at most."""


@dataclass(frozen=True, slots=True)
class CrmSystem:
    """`opened(connection, at)` is an open line to the CRM, for the length of a `with`; `page_of(connection, kind, id)` its
    own page about a record, empty where that isn't known."""

    words: str
    opened: Callable[..., AbstractContextManager[Crm]]
    page_of: Callable[[Connection, Kind, str], str]


_systems: dict[str, CrmSystem] = {}


def register(vendor: str, system: CrmSystem) -> None:
    """Once for each vendor; the same again is no harm."""
    if _systems.setdefault(vendor, system) != system:
        raise ValueError(f"{vendor!r} is registered already.")


def system_of(vendor: str) -> CrmSystem | None:
    """None where it is no CRM."""
    return _systems.get(vendor)


def vendors() -> tuple[str, ...]:
    return tuple(sorted(_systems))
