"""What accounts have bought and where each subscription stands at a moment: as known now, or as known then."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.domain.rollouts import RolloutFact
from catalog.domain.values import PlanKind
from catalog.domain.window import Window
from catalog.models import Plan, PlanVersion, Rollout
from entitlements.domain.facts import ItemFact, Phase, Standing
from entitlements.domain.lifecycle import State, state_at
from entitlements.domain.phases import reached_at
from entitlements.domain.resolution import VersionCause
from entitlements.models import Account, AccountStanding, Subscription, SubscriptionItem, SubscriptionPhase
from entitlements.models.lapsing import lapse_of
from entitlements.queries.life.state import life_from
from entitlements.snapshots import Reader, paid_windows
from entitlements.snapshots.catalog import rollout_fact
from entitlements.snapshots.moving import Surroundings, read_surroundings

PHASES = tuple(Phase)  # of several at once, the earliest in this order speaks


@dataclass(frozen=True, slots=True)
class HeldItem:
    """A plan or an add-on of a subscription, in the version it has at the moment asked about."""

    plan: str
    version: str
    quantity: int
    is_plan: bool
    lent: bool
    window: Window
    live: bool
    origin: str = ""
    cause: VersionCause | None = None


@dataclass(frozen=True, slots=True)
class HeldSubscription:
    """One subscription at a moment. `after_trial` is the plan its trial falls back to; None: the trial just ends.

    `with_card`: at its end the trial becomes a sale by itself.
    `unpaid`: its grace ran out and nobody has paid yet, so it gives nothing.
    """

    id: int
    number: int
    window: Window
    live: bool
    phase: Phase
    phase_ends_at: datetime | None
    trial_ends_at: datetime | None
    with_card: bool
    converted_at: datetime | None
    lapsed: bool
    unpaid: bool
    after_trial: str | None
    items: tuple[HeldItem, ...]
    state: State

    @property
    def in_trial(self) -> bool:
        return self.live and not self.lapsed and self.phase is Phase.TRIAL

    @property
    def plans(self) -> tuple[HeldItem, ...]:
        """What stands at the base of it now; what was tried no longer does once the trial has lapsed."""
        return tuple(item for item in self.items if item.live and item.is_plan and not self._tried(item))

    def _tried(self, item: HeldItem) -> bool:
        began, end = item.window.start, self.trial_ends_at
        return self.lapsed and not item.lent and began is not None and end is not None and began < end


Holdings = Mapping[int, tuple[HeldSubscription, ...]]


def holdings(*, account_ids: Collection[int], at: datetime, known_at: datetime | None = None) -> Holdings:
    """The subscriptions of each account, oldest first, in so many reads however many accounts are asked about."""
    reader = Reader(known_at)
    subscriptions = reader.rows(Subscription, account_id__in=list(account_ids))
    ids = [row.id for row in subscriptions]
    items = _by_subscription(reader.rows(SubscriptionItem, subscription_id__in=ids))
    phases = _by_subscription(reader.rows(SubscriptionPhase, subscription_id__in=ids))
    book = _book(reader, subscriptions)
    held: dict[int, list[HeldSubscription]] = defaultdict(list)
    for row in sorted(subscriptions, key=lambda row: row.number):
        held[row.account_id].append(_held(row, items=items[row.id], phases=phases[row.id], book=book, at=at))
    return {account_id: tuple(held[account_id]) for account_id in account_ids}


def standings(
    *, account_ids: Collection[int], at: datetime, known_at: datetime | None = None
) -> Mapping[int, Standing]:
    """How each account stands at the moment: open unless the last row by then says otherwise. One read."""
    rows = Reader(known_at).rows(AccountStanding, account_id__in=list(account_ids), starts_at__lte=at)
    last = {row.account_id: Standing(row.standing) for row in sorted(rows, key=lambda row: row.starts_at)}
    return {account_id: last.get(account_id, Standing.OPEN) for account_id in account_ids}


@dataclass(frozen=True, slots=True)
class _Book:
    """The plans by id, and which version of one an item has at a moment."""

    plans: Mapping[int, Any]
    versions: Mapping[int, Any]
    rollouts: tuple[RolloutFact, ...]
    around: Surroundings
    zones: Mapping[int, str]

    def version(self, item: Any, subscription: Any, at: datetime) -> tuple[Any, VersionCause | None]:
        """The version at the moment, and why it isn't simply its pin: a publication moved it, or a hold keeps it."""
        fact = ItemFact(
            id=str(item.id),
            subscription=str(subscription.id),
            plan=self.plans[item.plan_id].key,
            pinned=str(item.version_id),
            quantity=item.quantity,
            window=Window(item.starts_at, item.ends_at),
            **self.around.moving(item, subscription=subscription, zone=self.zones[subscription.account_id]),
        )
        reached = reached_at(fact, rollouts=self.rollouts, at=at)
        return self.versions[int(reached.version)], reached.cause


def _book(reader: Reader, subscriptions: list[Any]) -> _Book:
    plans = {row.id: row for row in reader.rows(Plan)}
    versions = {row.id: row for row in reader.rows(PlanVersion)}
    rollouts = tuple(rollout_fact(row, versions=versions, plans=plans) for row in reader.rows(Rollout))
    accounts = {row.account_id for row in subscriptions}
    return _Book(
        plans=plans,
        versions=versions,
        rollouts=rollouts,
        around=read_surroundings(
            reader,
            account_ids=accounts,
            subscription_ids=[row.id for row in subscriptions],
            rollouts=rollouts,
        ),
        zones={row.id: row.zone for row in reader.rows(Account, id__in=list(accounts))},
    )


def _by_subscription(rows: Iterable[Any]) -> Mapping[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.subscription_id].append(row)
    return found


def _held(row: Any, *, items: list[Any], phases: list[Any], book: _Book, at: datetime) -> HeldSubscription:
    window = Window(row.starts_at, row.ends_at)
    trial = next((phase for phase in phases if phase.phase == Phase.TRIAL), None)
    lapse = lapse_of(row, phases=phases)
    phase, phase_end = _phase(row, phases, at)
    return HeldSubscription(
        id=row.id,
        number=row.number,
        window=window,
        live=window.contains(at),
        phase=phase,
        phase_ends_at=phase_end,
        trial_ends_at=trial and trial.ends_at,
        with_card=trial is not None and trial.with_card,
        converted_at=row.converted_at,
        lapsed=lapse is not None and lapse <= at,
        unpaid=not any(paid.contains(at) for paid in paid_windows(phases)),
        after_trial=_after_trial(row, items, trial.ends_at, book) if trial and not trial.with_card else None,
        items=tuple(_item(item, row, book=book, at=at) for item in items),
        state=state_at(life_from(row, phases, bought_at=_bought_at(items, lapse, book)), at=at),
    )


def _bought_at(items: list[Any], lapse: datetime | None, book: _Book) -> datetime | None:
    """When a plan was bought after the trial had lapsed."""
    plans = (item for item in items if book.plans[item.plan_id].kind == PlanKind.PLAN and not item.lent)
    later = (item.starts_at for item in plans if item.follows_id is None and lapse and item.starts_at >= lapse)
    return min(later, default=None)


def _phase(row: Any, phases: list[Any], at: datetime) -> tuple[Phase, datetime | None]:
    running = [
        (PHASES.index(Phase(phase.phase)), phase.ends_at)
        for phase in phases
        if Window(phase.starts_at, phase.ends_at).contains(at) and not _cut_short(phase, row, at)
    ]
    if not running:
        return Phase.ACTIVE, None
    place, end = min(running, key=lambda found: found[0])
    return PHASES[place], end


def _cut_short(phase: Any, subscription: Any, at: datetime) -> bool:
    """Whether a conversion, or a payment, had ended the phase by then."""
    over = subscription.converted_at if phase.phase == Phase.TRIAL else phase.restored_at
    return over is not None and over <= at


def _after_trial(subscription: Any, items: list[Any], trial_end: datetime, book: _Book) -> str | None:
    """The plan the version held at the end of the trial names for afterwards."""
    for item in items:
        fallback = None if item.lent else book.version(item, subscription, trial_end)[0].after_trial_id
        if fallback is not None:
            return str(book.plans[fallback].name)
    return None


def _item(row: Any, subscription: Any, *, book: _Book, at: datetime) -> HeldItem:
    plan = book.plans[row.plan_id]
    window = Window(row.starts_at, row.ends_at)
    version, cause = book.version(row, subscription, at)
    return HeldItem(
        plan=plan.name,
        version=f"{plan.name} v{version.number}",
        quantity=row.quantity,
        is_plan=plan.kind == PlanKind.PLAN,
        lent=row.lent,
        window=window,
        live=window.contains(at) and Window(subscription.starts_at, subscription.ends_at).contains(at),
        origin=row.origin,
        cause=cause,
    )
