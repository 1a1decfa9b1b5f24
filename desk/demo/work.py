"""Work of the demo: visits planned, arranged and done; repairs that are covered, partly or not at all; what is billed.

Everything stands on equipment.py (serial numbers) and covers.py (what was agreed on the two plants).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from desk.demo.covers import OF_PLANT_1, OF_PLANT_2
from desk.demo.customers import Customer
from desk.demo.equipment import CHILLER, OTHER_PRESS, OTHER_SCANNER, PRESS, PRESS_2, asset_of, maintained
from journal.domain.actor import Actor
from support.actions.work.billing import hand_over, waive
from support.actions.work.planning import plan_ahead
from support.actions.work.recording import record_work
from support.actions.work.visits import Used, complete, schedule
from support.domain.cover_terms import VisitState, WorkKind
from support.models import Case, Visit, WorkItem

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EURO = 1_000_000
MANAGER = "Marit Jansen, plant manager"
LABOUR, PARTS, TRAVEL = WorkKind.LABOUR, WorkKind.PARTS, WorkKind.TRAVEL

# serial, kind, what, how much, part number, euros, who authorised
REPAIRS: tuple[tuple[str, WorkKind, str, int, str, int | None, str], ...] = (
    (PRESS, LABOUR, "Main ram leaks: taken apart, sealed, tested", 210, "", 385, MANAGER),
    (PRESS, PARTS, "Seal kit, main ram", 1, "HM-4471", 640, MANAGER),
    (PRESS, TRAVEL, "To plant 1 and back", 80, "", 96, MANAGER),
    (CHILLER, PARTS, "Coolant R-513A, 4 kg", 4, "NK-513", 236, MANAGER),
    (CHILLER, LABOUR, "Leak found and closed, refilled", 95, "", 174, MANAGER),
    (PRESS_2, TRAVEL, "Called to plant 2 and back", 70, "", 92, ""),
    (OTHER_SCANNER, LABOUR, "Scanner at dock 4 realigned", 60, "", 110, ""),
    (OTHER_SCANNER, PARTS, "Laser module", 1, "OK-2201", 480, ""),
    (OTHER_SCANNER, TRAVEL, "To the warehouse and back", 50, "", None, ""),
)
BILLED: tuple[tuple[str, WorkKind, str, int, str, int | None, str], ...] = (
    (OTHER_SCANNER, LABOUR, "Scanner at dock 4 doesn’t start: power supply", 45, "", 83, ""),
    (OTHER_SCANNER, PARTS, "Power supply 24 V", 1, "OK-0024", 139, ""),
    (OTHER_PRESS, TRAVEL, "To the warehouse and back", 50, "", 60, ""),
)


def look_ahead(*, at: datetime) -> None:
    """What the desk does each night."""
    plan_ahead(at=at)


def arrange(customers: Sequence[Customer], *, by: Actor, at: datetime, now: datetime) -> None:
    """Suki goes to plant 1 next week."""
    visit = _next_visit(customers, OF_PLANT_1)
    if visit is not None:
        day = (now + 6 * DAY).replace(hour=8, minute=30, second=0, microsecond=0)
        schedule(visit=visit, scheduled_for=day, technician="Suki Tanaka", by=by, at=at)


def look_after(customers: Sequence[Customer], *, by: Actor, at: datetime) -> None:
    """The visit to plant 2 took place, and used two filters."""
    visit = _next_visit(customers, OF_PLANT_2)
    if visit is None:
        return
    used = [
        Used(LABOUR, "Maintenance visit", quantity=150),
        Used(TRAVEL, "To the visit", quantity=70),
        Used(PARTS, "Hydraulic filter", 2, "HM-0090", 118 * EURO, "EUR", asset=asset_of(PRESS_2)),
    ]
    complete(visit=visit, by=by, at=at, note="Both presses within tolerance; a hose to be watched.", items=used)


def repair(repairs: Sequence[Any], *, by: Actor, at: datetime) -> None:
    """What was done at customers, and who pays for it."""
    for serial, kind, words, quantity, part, euros, authorised in repairs:
        asset = asset_of(serial)
        if asset is None:
            continue
        record_work(
            account=asset.account, kind=kind, description=words, by=by, at=at,
            case=Case.objects.filter(account=asset.account, asset=asset).first(), asset=asset, quantity=quantity,
            part_number=part, amount_micros=None if euros is None else euros * EURO, currency="EUR" if euros else "",
            done_at=at - 2 * HOUR, authorised_by=authorised,
        )  # fmt: skip


def bill(*, by: Actor, at: datetime) -> None:
    """Finance hands the older work over, and lets one part go."""
    titles = [words for _serial, _kind, words, *_ in BILLED]
    items = list(WorkItem.objects.filter(billing="open", description__in=titles).order_by("pk"))
    part = [item for item in items if item.kind == PARTS]
    if part:
        waive(items=part, reason="It had been sold to them a month before; goodwill.", by=by, at=at)
    if rest := [item for item in items if item not in part]:
        hand_over(items=rest, by=by, at=at)


def _next_visit(customers: Sequence[Customer], cover: str) -> Visit | None:
    account = maintained(customers)
    rows = Visit.objects.filter(account=account, cover__name=cover, state=VisitState.PLANNED)
    return None if account is None else rows.order_by("from_on").first()
