"""One subscription as it is billed beside what we hold of it: which steps would have to be done. Nothing is written."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from catalog.models import Plan
from entitlements.domain.billed.deciding import decide
from entitlements.domain.billed.findings import FindingKind, FindingState
from entitlements.domain.billed.kept import names_of, without_kept
from entitlements.domain.billed.lines import Line, lines_of
from entitlements.domain.billed.steps import Become, Give, Held, Sold, Start, Step, Unlinked
from entitlements.domain.billed.told import Billed
from entitlements.models import BillingFinding, Subscription
from entitlements.queries.billed.held import Matched, matched, subscription_of
from entitlements.queries.billed.links import sold_of
from journal.models import Connection


@dataclass(frozen=True, slots=True)
class Compared:
    """`steps` are those that count; `names` are those of all, what was kept among them too."""

    billed: Billed
    subscription: Subscription | None
    ours: Matched
    steps: tuple[Step, ...]
    names: tuple[str, ...]
    unlinked: tuple[Unlinked, ...]

    @property
    def held(self) -> Held | None:
        return self.ours.held


def compare(
    subscription: Subscription | None,
    billed: Billed,
    *,
    at: datetime,
    kept: Collection[str] = (),
    sold: Mapping[str, Sold] | None = None,
) -> Compared:
    """What would have to be done, without what somebody decided to keep."""
    sold = sold_of(billed) if sold is None else sold
    ours = matched(subscription, billed, sold=sold, at=at)
    decided = decide(billed, ours.held, sold=sold, at=at)
    told = {"billed": billed, "held": ours.held}
    counts = without_kept(decided.steps, kept, **told)  # type: ignore[arg-type]
    names = names_of(decided.steps, **told)  # type: ignore[arg-type]
    return Compared(billed, subscription, ours, counts, names, decided.unlinked)


def compare_billed(connection: Connection, billed: Billed, *, at: datetime) -> Compared:
    """The same, of what is held under its name there, and with what was kept of it."""
    kept = kept_names(connection, billed.id)
    return compare(subscription_of(billed.system, billed.id), billed, at=at, kept=kept)


def kept_names(connection: Connection, billing_id: str) -> frozenset[str]:
    """The steps that somebody decided to leave out, by their names."""
    rows = BillingFinding.objects.filter(
        connection=connection, billing_id=billing_id, kind=FindingKind.DRIFT, about="", state=FindingState.KEPT
    )
    return frozenset(name for evidence in rows.values_list("evidence", flat=True) for name in evidence.get("steps", ()))


def side_by_side(compared: Compared, *, zone: str = "UTC", gone: bool = False) -> tuple[Line, ...]:
    """What counts of it, in the reader's words."""
    begun = [one for step in compared.steps if isinstance(step, Start) for one in step.items]
    plans = {step.sold.plan for step in (*compared.steps, *begun) if isinstance(step, Give | Become)}
    if held := compared.held:
        plans |= {item.plan for item in held.items} | {change.plan for change in held.comes}
    names = dict(Plan.objects.filter(key__in=plans).values_list("key", "name"))
    return lines_of(compared.billed, compared.held, compared.steps, names=names, zone=zone, gone=gone)
