"""What ends by an agreement, and is to be renewed or let go: whoever knows of such ends registers a source.

Contracts, subscriptions, the maintenance of licences and granted credits are this app's; support registers warranties
and covers. From here come the tasks about ends (docs/renewals.md), their proof, and the announcements ahead.

A source tells when things end *as things stand*: what moved, was voided or ends with something else is not told as it
was. Each thing has one end at a time; what renews by itself has the end of the term that runs.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.db.models import Q

from catalog.domain.window import ALWAYS, Window
from entitlements.domain.renewing import Settled, Stands
from entitlements.models import Account
from entitlements.models.reminder import EndOf


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which ends: those in one of the windows, of these accounts, or in these zones, or of these things by their ids.

    `at`: of what renews by itself, only the end of the term that runs then; None: of every term in the windows.
    """

    windows: tuple[Window, ...] = (ALWAYS,)
    at: datetime | None = None
    accounts: tuple[int, ...] | None = None
    zones: frozenset[str] | None = None
    subjects: tuple[str, ...] | None = None

    def of_account(self, path: str = "account") -> Q:
        """The condition on rows that lead to their account by this path."""
        found = Q()
        if self.accounts is not None:
            found &= Q(**{f"{path}__in": self.accounts})
        if self.zones is not None:
            found &= Q(**{f"{path}__zone__in": self.zones})
        return found

    def by_id(self) -> Q:
        return Q() if self.subjects is None else Q(pk__in=[int(key) for key in self.subjects])

    def within(self, column: str = "ends_at") -> Q:
        """Rows with the instant of the column in one of the windows; none without such an instant."""
        found = Q(pk__in=[])
        for window in self.windows:
            inside = Q(**{f"{column}__isnull": False})
            if window.start is not None:
                inside &= Q(**{f"{column}__gte": window.start})
            if window.end is not None:
                inside &= Q(**{f"{column}__lt": window.end})
            found |= inside
        return found

    def contains(self, instant: datetime) -> bool:
        return any(window.contains(instant) for window in self.windows)

    def of_things(self, keys: Collection[str]) -> "Wanted":
        """These things, whenever they end and whosever they are."""
        return replace(self, windows=(ALWAYS,), accounts=None, zones=None, subjects=tuple(keys))


@dataclass(frozen=True, slots=True)
class End:
    """The end of one thing. `label` names it so that a customer may read it too, such as "warranty of Pump P-7".

    `announced_as` where what is announced is called otherwise; `days`: announced so many days ahead instead of as usual.
    Nothing is announced before `since`.
    """

    kind: EndOf
    subject_key: str
    account: Account
    label: str
    at: datetime
    since: datetime
    settled: Settled | None = None
    announced_as: str = ""
    then: str = ""  # what happens at the end by itself, in words for the customer
    days: frozenset[int] = frozenset()
    quiet: bool = False  # it ends with something else, which is announced

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.subject_key}"

    @property
    def renews(self) -> bool:
        return self.settled is not None and self.settled.by_itself


@dataclass(frozen=True, slots=True)
class Offer:
    """What could be made to go on in the place of what ends: from which day, and through which where that is asked.

    `says` is what will be made, line by line.
    """

    starts_on: date
    through_on: date | None
    says: tuple[str, ...]
    asks_last_day: bool = True
    moves_start: bool = True


@dataclass(frozen=True, slots=True)
class Successor:
    """What goes on. `agreed`: nobody has to sign or approve it any more."""

    key: str
    label: str
    starts_at: datetime
    agreed: bool = True


@dataclass(frozen=True, slots=True)
class Renewing:
    """How the desk itself makes what goes on. `act(subject_key, *, starts_on, through_on, reason, by, at)` does it,
    and asks for its own permission again."""

    button: str
    says: str
    permission: str
    offer: Callable[[str, datetime], Offer]
    act: Callable[..., Successor]


def _trusted(keys: Collection[str], at: datetime) -> Mapping[str, Stands]:
    return {}


def _as_made(keys: Collection[str]) -> Mapping[str, datetime]:
    return {}


@dataclass(frozen=True, slots=True)
class Source:
    """`has` says what the customer has by a thing; `page` is where staff look at it. `stands` tells of successors that
    this source made, by their ids, whether they are agreed; of others nothing, and they are trusted. `begins`: from when
    those go on that may be agreed for another day than they were made for."""

    kind: EndOf
    ends: Callable[[Wanted], Iterable[End]]
    has: Callable[[str, datetime], Sequence[str]]
    page: Callable[[str], str]
    renewing: Renewing | None = None
    stands: Callable[[Collection[str], datetime], Mapping[str, Stands]] = field(default=_trusted)
    begins: Callable[[Collection[str]], Mapping[str, datetime]] = field(default=_as_made)


_sources: dict[EndOf, Source] = {}


def register(source: Source) -> None:
    _sources[source.kind] = source


def sources() -> tuple[Source, ...]:
    return tuple(_sources[kind] for kind in sorted(_sources))


def source_of(kind: str) -> Source | None:
    """None where whoever told of such ends is no longer there."""
    return _sources.get(EndOf(kind))


def ends(wanted: Wanted, *, kinds: Collection[EndOf] | None = None) -> Iterable[End]:
    """Every end of these kinds, or of all; in a few reads for each kind, however many there are."""
    for source in sources():
        if kinds is None or source.kind in kinds:
            yield from source.ends(wanted)
