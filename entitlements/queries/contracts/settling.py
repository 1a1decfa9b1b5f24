"""What a contract's versions make of its items and overrides: the rows as they should stand from a moment on.

A settlement is worked out from all signed versions at once and held against the rows there are: those that promise what
a version says, from the instant it says it, stay; those that promise something else end where the versions say so;
what is missing begins. Rows that have ended by the moment are not looked at, and nothing begins before it: what was
answered stays true (docs/adr/0015). The rows are in memory alone; `actions/contract_settling.py` keeps them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Max, Q

from catalog.domain.window import DAY, last_day
from entitlements.domain.contract_lines import Stretch, stretches
from entitlements.domain.facts import Mode
from entitlements.models import Contract, ContractLine, ContractVersion, Override, Subscription, SubscriptionItem
from entitlements.models.override import OverrideState
from entitlements.queries.contracts.promises import (
    ItemPromise,
    OverridePromise,
    item_facts,
    item_promise,
    override_facts,
    override_promise,
)
from entitlements.queries.contracts.versions import terms_of
from entitlements.queries.contracts.wording import on_day
from entitlements.queries.selling.on_sale import check_sale
from journal.domain.refusal import Invalid, Refusal


@dataclass(slots=True)
class Settlement:
    """`begins` are unsaved. `moves` run with another end than before, which stands beside each; `never` never began.

    `replaced` says which override each new or longer one stands for, by the new one's place in `overrides_to_judge`.
    """

    subscription: Subscription | None
    item_moves: list[tuple[SubscriptionItem, datetime | None]] = field(default_factory=list)
    items_begin: list[SubscriptionItem] = field(default_factory=list)
    items_never: list[SubscriptionItem] = field(default_factory=list)
    override_moves: list[tuple[Override, datetime | None]] = field(default_factory=list)
    overrides_begin: list[Override] = field(default_factory=list)
    overrides_never: list[Override] = field(default_factory=list)
    replaced: list[tuple[Override, Override | None]] = field(default_factory=list)


def settlement(
    contract: Contract,
    versions: Sequence[ContractVersion],
    *,
    ends_at: datetime | None,
    at: datetime,
) -> Settlement:
    """What has to be written at the moment so that the versions hold, the contract ending as said.

    Raises the refusal that keeps a line from being sold, with the line's field and number.
    """
    lines = _lines(versions)
    by_pk = {line.pk: line for rows in lines.values() for line in rows}
    found = Settlement(_subscription(contract, versions, lines, ends_at=ends_at))
    _settle_items(found, stretches(item_facts(versions, lines)), by_pk, at=at)
    _settle_overrides(found, stretches(override_facts(versions, lines), end=ends_at), by_pk, at=at)
    return found


def _lines(versions: Sequence[ContractVersion]) -> Mapping[int, list[ContractLine]]:
    found: dict[int, list[ContractLine]] = defaultdict(list)
    of_version = {version.pk: version for version in versions}
    rows = ContractLine.objects.filter(version__in=list(of_version)).select_related("plan", "feature")
    for row in rows.order_by("number"):
        row.version = of_version[row.version_id]
        found[row.version_id].append(row)
    return found


def _subscription(
    contract: Contract,
    versions: Sequence[ContractVersion],
    lines: Mapping[int, list[ContractLine]],
    *,
    ends_at: datetime | None,
) -> Subscription | None:
    """The contract's own, with the end it gets; unsaved where the first item line comes with these versions."""
    row = copy(contract.subscription)
    if row is None:
        first = next((v for v in versions if any(line.plan_id for line in lines[v.pk])), None)
        if first is None:
            return None
        assert first.effective_at is not None  # it is signed, or about to be
        number = (contract.account.subscriptions.aggregate(last=Max("number"))["last"] or 0) + 1
        row = Subscription(account=contract.account, number=number, starts_at=first.effective_at)
    row.ends_at = None if ends_at is None else max(ends_at, row.starts_at)
    return row


def rows_of(model: Any, contract: Contract, *, at: datetime) -> dict[int, list[Any]]:
    """What the contract's lines have made and what hasn't ended by the moment, by line number."""
    found: dict[int, list[Any]] = defaultdict(list)
    lasting = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
    rows = model.objects.filter(lasting, contract_line__version__contract=contract).select_related("contract_line")
    if model is Override:
        rows = rows.filter(state=OverrideState.APPROVED, revoked_at__isnull=True)
        rows = rows.select_related("feature", "account", "subscription", "contract_line")
    else:
        rows = rows.select_related("plan", "version", "subscription__account", "contract_line")
    for row in rows.order_by("starts_at", "pk"):
        found[row.contract_line.number].append(row)
    return found


def _settle_items(
    found: Settlement, wanted: Iterable[Stretch], lines: Mapping[int, ContractLine], *, at: datetime
) -> None:
    subscription = found.subscription
    if subscription is None:
        return
    contract = next(iter(lines.values())).version.contract
    there = rows_of(SubscriptionItem, contract, at=at) if subscription.pk else {}
    for row in (row for rows in there.values() for row in rows):
        row.subscription = subscription
    kept: set[int] = set()
    for stretch in (stretch for stretch in wanted if _reaches(stretch, at)):
        rows = there.get(stretch.number, [])
        row = next((r for r in rows if (item_promise(r), r.starts_at) == (stretch.promise, stretch.starts_at)), None)
        if row is not None:
            kept.add(row.pk)
            _move(found.item_moves, row, stretch.ends_at)
        elif stretch.starts_at >= at:
            before = next((r for r in rows if r.ends_at == stretch.starts_at and r.pk in kept), None)
            found.items_begin.append(_item(stretch, lines[stretch.row], subscription, before=before, at=at))
    found.items_never += [r for rows in there.values() for r in rows if r.pk not in kept and r.starts_at >= at]


def _reaches(stretch: Stretch, at: datetime) -> bool:
    """Whether it lasts up to the moment at least: what ends at it was still there, and has to be given its end."""
    return stretch.ends_at is None or stretch.ends_at >= at


def _move(moves: list[tuple[Any, datetime | None]], row: Any, ends_at: datetime | None) -> None:
    if row.ends_at != ends_at:
        moves.append((row, row.ends_at))
        row.ends_at = ends_at


def _item(
    stretch: Stretch,
    line: ContractLine,
    subscription: Subscription,
    *,
    before: SubscriptionItem | None,
    at: datetime,
) -> SubscriptionItem:
    promise = stretch.promise
    assert isinstance(promise, ItemPromise)
    assert line.plan is not None
    follows = before is not None and (before.plan_id, before.interval) == (promise.plan, promise.interval)
    told = {"quantity": promise.quantity, "interval": promise.interval, "starts_at": stretch.starts_at}
    if follows and before is not None:
        if promise.quantity > before.quantity:
            _check_sale(line, subscription, told, stretch, at=at)
        row = copy(before)
        row.pk, row._state.adding, row.follows = None, True, before
    else:
        version = _check_sale(line, subscription, told, stretch, at=at)
        row = SubscriptionItem(plan=line.plan, version=version, recorded_at=at)
    row.quantity, row.interval, row.starts_at = promise.quantity, promise.interval, stretch.starts_at
    row.ends_at, row.subscription, row.contract_line = stretch.ends_at, subscription, line
    return row


def _check_sale(
    line: ContractLine, subscription: Subscription, told: Mapping[str, Any], stretch: Stretch, *, at: datetime
) -> Any:
    assert line.plan is not None  # the stretch is of an item
    try:
        return check_sale(subscription, line.plan, ends_at=stretch.ends_at, at=at, **told)
    except Refusal as refusal:
        raise line_refused(line, refusal) from refusal


def line_refused(line: ContractLine, refusal: Refusal) -> Invalid:
    """The refusal with the line it is about."""
    return Invalid(f"Line {line.number}: {refusal.message}", field=f"line_{line.number}")


def _settle_overrides(
    found: Settlement, wanted: Iterable[Stretch], lines: Mapping[int, ContractLine], *, at: datetime
) -> None:
    if not lines:
        return
    there = rows_of(Override, next(iter(lines.values())).version.contract, at=at)
    wanted = [stretch for stretch in wanted if _reaches(stretch, at)]
    kept: set[int] = set()
    missing: list[Stretch] = []
    for stretch in wanted:
        row = next((r for r in there.get(stretch.number, []) if _says(r, stretch)), None)
        if row is not None:
            kept.add(row.pk)
            _lengthen(found, row, lines[stretch.row], stretch)
        elif stretch.starts_at >= at:
            missing.append(stretch)
    found.overrides_never += [r for rows in there.values() for r in rows if r.pk not in kept and r.starts_at >= at]
    for stretch in missing:
        row = _override(stretch, lines[stretch.row], found.subscription, at=at)
        found.overrides_begin.append(row)
        found.replaced.append((row, _before(stretch, there.get(stretch.number, []), found.overrides_never)))


def _says(row: Override, stretch: Stretch) -> bool:
    promise = override_promise(row, scoped=row.subscription_id is not None)
    return (promise, row.starts_at) == (stretch.promise, stretch.starts_at)


def _before(stretch: Stretch, rows: Sequence[Override], never: Sequence[Override]) -> Override | None:
    """What the new one stands in the place of: another that never began, or what ends where it begins."""
    alike = [row for row in rows if row in never or row.ends_at == stretch.starts_at]
    assert isinstance(stretch.promise, OverridePromise)
    same = [row for row in alike if row.feature_id == stretch.promise.feature]
    return next((row for row in same if row in never), next(iter(same), None))


def _lengthen(found: Settlement, row: Override, line: ContractLine, stretch: Stretch) -> None:
    """Move its end; where that is later, it promises more than was judged."""
    was = row.ends_at
    _move(found.override_moves, row, stretch.ends_at)
    if row.ends_at == was:
        return
    say_end(row, line)
    if was is not None and (row.ends_at is None or row.ends_at > was):
        found.replaced.append((row, row))


def _override(stretch: Stretch, line: ContractLine, subscription: Subscription | None, *, at: datetime) -> Override:
    version, promise = line.version, stretch.promise
    assert isinstance(promise, OverridePromise)
    assert line.feature is not None
    row = Override(
        account=version.contract.account,
        subscription=subscription if promise.scoped else None,
        feature=line.feature,
        mode=Mode(line.mode),
        unlimited=line.unlimited,
        amount=line.amount,
        text=line.text,
        choices=line.choices,
        typed_unit=line.typed_unit,
        starts_at=stretch.starts_at,
        ends_at=stretch.ends_at,
        reason_code=version.reason_code,
        reason=f"Contract {version.contract.key}, line {line.number}",
        link=version.contract.link,
        state=OverrideState.REQUESTED,
        requested_at=at,
        contract_line=line,
    )
    say_end(row, line)
    return row


def say_end(row: Override, line: ContractLine) -> None:
    """The last day as it is said, or, for a whole account, the day on which somebody looks at it again."""
    zone = line.version.zone
    row.through_on = None if row.ends_at is None else last_day(row.ends_at, zone)
    row.zone = zone if row.through_on else ""
    if row.ends_at is None and row.subscription is None:
        term = terms_of(line.version, at=row.starts_at).running(row.starts_at)
        row.review_on = (on_day(row.starts_at, zone) + 365 * DAY) if term is None else term.last_day + DAY
