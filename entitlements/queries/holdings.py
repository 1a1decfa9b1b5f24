"""What accounts have bought and where each subscription stands at a moment: as known now, or as known then."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.domain.rollouts import Audience, RolloutFact, version_at
from catalog.domain.values import PlanKind
from catalog.domain.window import Window
from catalog.models import Plan, PlanVersion, Rollout
from entitlements.domain.facts import Phase, Standing
from entitlements.models import AccountStanding, Subscription, SubscriptionItem, SubscriptionPhase
from entitlements.snapshots import Reader, paid_windows

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


@dataclass(frozen=True, slots=True)
class HeldSubscription:
    """One subscription at a moment. `after_trial` is the plan its trial falls back to; None: the trial just ends.

    `unpaid`: its grace ran out and nobody has paid yet, so it gives nothing.
    """

    id: int
    number: int
    window: Window
    live: bool
    phase: Phase
    phase_ends_at: datetime | None
    trial_ends_at: datetime | None
    converted_at: datetime | None
    lapsed: bool
    unpaid: bool
    after_trial: str | None
    items: tuple[HeldItem, ...]

    @property
    def in_trial(self) -> bool:
        return self.live and not self.lapsed and self.phase is Phase.TRIAL

    @property
    def plans(self) -> tuple[HeldItem, ...]:
        """What stands at the base of it now; a lapsed trial no longer does."""
        return () if self.lapsed else tuple(item for item in self.items if item.live and item.is_plan)


Holdings = Mapping[int, tuple[HeldSubscription, ...]]


def holdings(*, account_ids: Collection[int], at: datetime, known_at: datetime | None = None) -> Holdings:
    """The subscriptions of each account, oldest first, in six reads however many accounts are asked about."""
    reader = Reader(known_at)
    subscriptions = reader.rows(Subscription, account_id__in=list(account_ids))
    ids = [row.id for row in subscriptions]
    items = _by_subscription(reader.rows(SubscriptionItem, subscription_id__in=ids))
    phases = _by_subscription(reader.rows(SubscriptionPhase, subscription_id__in=ids))
    book = _Book(
        plans={row.id: row for row in reader.rows(Plan)},
        versions={row.id: row for row in reader.rows(PlanVersion)},
        rollouts=tuple(_rollout(row) for row in reader.rows(Rollout)),
    )
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

    def version(self, pinned: int, at: datetime) -> Any:
        found, _rollout_that_gave_it = version_at(pinned=str(pinned), rollouts=self.rollouts, at=at)
        return self.versions[int(found)]


def _rollout(row: Any) -> RolloutFact:
    return RolloutFact(
        id=str(row.id),
        plan="",
        version=str(row.version_id),
        audience=Audience(row.audience),
        effective_at=row.effective_at,
        order=row.id,
        moves_from=frozenset(str(pk) for pk in row.moves_from),
    )


def _by_subscription(rows: Iterable[Any]) -> Mapping[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.subscription_id].append(row)
    return found


def _held(row: Any, *, items: list[Any], phases: list[Any], book: _Book, at: datetime) -> HeldSubscription:
    window = Window(row.starts_at, row.ends_at)
    trial_end = next((phase.ends_at for phase in phases if phase.phase == Phase.TRIAL), None)
    lapsed = row.converted_at is None and trial_end is not None and trial_end <= at
    phase, phase_end = _phase(row, phases, at)
    return HeldSubscription(
        id=row.id,
        number=row.number,
        window=window,
        live=window.contains(at),
        phase=phase,
        phase_ends_at=phase_end,
        trial_ends_at=trial_end,
        converted_at=row.converted_at,
        lapsed=lapsed,
        unpaid=not any(paid.contains(at) for paid in paid_windows(phases)),
        after_trial=_after_trial(items, trial_end, book) if trial_end else None,
        items=tuple(_item(item, subscription=window, book=book, at=at) for item in items),
    )


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


def _after_trial(items: list[Any], trial_end: datetime, book: _Book) -> str | None:
    """The plan the version held at the end of the trial names for afterwards."""
    for item in items:
        fallback = book.version(item.version_id, trial_end).after_trial_id
        if fallback is not None:
            return str(book.plans[fallback].name)
    return None


def _item(row: Any, *, subscription: Window, book: _Book, at: datetime) -> HeldItem:
    plan = book.plans[row.plan_id]
    window = Window(row.starts_at, row.ends_at)
    return HeldItem(
        plan=plan.name,
        version=f"{plan.name} v{book.version(row.version_id, at).number}",
        quantity=row.quantity,
        is_plan=plan.kind == PlanKind.PLAN,
        lent=row.lent,
        window=window,
        live=window.contains(at) and subscription.contains(at),
    )
