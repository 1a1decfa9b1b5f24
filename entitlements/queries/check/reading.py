"""Reading one account's rows for the memory: which accounts they were, and who changed them meanwhile."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Model

from catalog.domain.fallbacks import LONGEST
from entitlements.domain.facts import Facts
from entitlements.domain.profiles import Sighting, sight
from entitlements.domain.usage.allowances import start_of
from entitlements.domain.usage.charging import Line
from entitlements.domain.usage.keys import CounterKey
from entitlements.domain.usage.operations import Why
from entitlements.domain.usage.terms import UseTerms
from entitlements.models import Account
from entitlements.queries.check.holding import FOREVER, CatalogView, Use
from entitlements.queries.usage.tallies import tallied
from entitlements.snapshots import Reader, snapshot_facts

# Longer than any transaction of the desk lasts: from then on no publication can appear that bears an earlier instant.
SETTLING = timedelta(seconds=60)
DAY = 86_400.0
STEPS_AHEAD = 4


class NewerThanCatalog(LookupError):
    """An account's rows name what the catalog, as it was read, doesn't have yet: published and sold a moment ago."""


@dataclass(frozen=True, slots=True)
class NotingReader(Reader):
    """Notes the accounts whose rows are read: the one asked about, and those above it."""

    accounts: dict[int, int | None] = field(default_factory=dict)
    at_hand: Reader | None = None

    def rows(self, model: type[Model], **filters: Any) -> list[Any]:
        found = Reader.rows(self, model, **filters) if self.at_hand is None else self.at_hand.rows(model, **filters)
        if model is Account:
            self.accounts.update({row.id: row.parent_id for row in found})
        return found


@dataclass(slots=True)
class Reading:
    """A reading under way: what others change meanwhile is noted here, and makes it worthless."""

    number: int
    changed: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Read:
    """What was read: the account seen at an instant, whose rows were looked at, and its parent if it was left out."""

    facts: Facts
    seen: Sighting
    at: float
    accounts: frozenset[int]
    parent_left_out: bool
    ahead: tuple[Sighting, ...] = ()


def read_account(
    account_id: int, *, view: CatalogView, at: float, at_hand: Reader | None = None, ahead: bool = False
) -> Read:
    """`ahead`: with what follows, in case the rows can't be read then. NewerThanCatalog: read the catalog, and try again."""
    reader = NotingReader(at_hand=at_hand)
    facts = _facts(account_id, reader, view)
    above = {parent for parent in reader.accounts.values() if parent is not None}
    seen = sight(facts, at=instant(at), settling=SETTLING)
    return Read(
        facts=facts,
        seen=seen,
        at=at,
        accounts=frozenset({*reader.accounts, *above}),
        parent_left_out=not view.asks_parents and bool(above),
        ahead=tuple(_ahead(facts, seen, at)) if ahead else (),
    )


def _facts(account_id: int, reader: Reader, view: CatalogView, *, billing: bool = False) -> Facts:
    try:
        return snapshot_facts(account_id, reader=reader, catalog=view.snapshot, billing=billing)
    except KeyError as missing:
        raise NewerThanCatalog(f"The catalog has no {missing} yet, which account {account_id} holds.") from missing


def _ahead(facts: Facts, seen: Sighting, at: float) -> Iterator[Sighting]:
    """The sightings after this one: so many, and as far as a last answer may ever be kept."""
    for _step in range(STEPS_AHEAD):
        if seen.until is None or seen.until.timestamp() - at > LONGEST:
            return
        seen = sight(facts, at=seen.until)
        yield seen


def read_billing(account_id: int, *, view: CatalogView, at: float) -> Sighting:
    """The account with its recorded billing periods."""
    facts = _facts(account_id, Reader(), view, billing=True)
    return sight(facts, at=instant(at), settling=SETTLING)


def read_use(account_id: int, feature_id: int, terms: UseTerms, *, at: float) -> Use:
    """What the account's own counter says in the period of the instant."""
    period = terms.period(instant(at))
    key = CounterKey(account_id, feature_id, start_of(period))
    line = Line(key, terms, terms.limit, most=None, why=Why.LIMIT_REACHED, end=period.end)
    said = tallied([line], at=instant(at))[key]
    return Use(seconds(period.start, -FOREVER), seconds(period.end, FOREVER), int(said.used + said.held), at)


def instant(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def seconds(at: datetime | None, otherwise: float) -> float:
    return otherwise if at is None else at.timestamp()


_days: dict[float, float] = {}


def since_when(read: Read) -> float:
    """From when on the account has its profile, rounded up to a day where that has passed: those who share a day share
    the number, which would else be a tenth of what an account takes."""
    since = seconds(read.seen.since, -FOREVER)
    day = since if since == -FOREVER else since - since % -DAY
    return _days.setdefault(day, day) if day <= read.at else since
