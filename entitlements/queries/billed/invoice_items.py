"""How the sums stand that were to come on customers' next invoices, read from what was delivered. Nothing is written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from entitlements.domain.billed.findings import FindingKind, FindingState
from entitlements.models import BillingFinding
from journal.domain.delivery import DeliveryState
from journal.models import Connection, Outbound

LONGEST_ERROR = 300


@dataclass(frozen=True, slots=True)
class Standing:
    """In a few words and a colour, with what there is to say of it; `delivery` may be sent again where it was given up."""

    words: str
    colour: str
    delivery: Outbound
    detail: str = ""


def item_key(name: str) -> str:
    return f"billing:item:{name}"


def off_key(name: str) -> str:
    return f"{item_key(name)}:off"


def is_off(told: Outbound) -> bool:
    """Whether it is to be taken off again, whatever has become of it so far."""
    return Outbound.objects.filter(once_key=off_key(told.payload["name"])).exists()


def standings(names: Iterable[str]) -> Mapping[str, Standing]:
    """Of each that was promised, by its name; three reads, however many are asked for."""
    keys = {key: name for name in names for key in (item_key(name), off_key(name))}
    rows = {row.once_key: row for row in Outbound.objects.filter(once_key__in=keys)} if keys else {}
    systems = dict(Connection.objects.values_list("pk", "name")) if rows else {}
    late = _late({keys[key] for key in rows}) if rows else {}
    found = {}
    for key, name in keys.items():
        row, off = rows.get(key), rows.get(off_key(name))
        if row is not None and key == item_key(name):
            system = systems.get(row.payload["connection"], row.destination)
            found[name] = _taken_off(off, system, late.get(name)) if off else _put_on(row, system)
    return found


def _put_on(row: Outbound, system: str) -> Standing:
    match row.state:
        case DeliveryState.SENT:
            return Standing(f"On the next invoice of {system}", "green", row)
        case DeliveryState.DEAD:
            return Standing(f"Not on an invoice: {system} refused it", "red", row, said(row))
        case _ if row.last_error:
            return Standing(f"Not taken by {system} yet; tried again", "red", row, said(row))
    return Standing(f"Waits to be told to {system}", "amber", row)


def _taken_off(row: Outbound, system: str, late: BillingFinding | None) -> Standing:
    if late is not None and late.state == FindingState.OPEN:
        return Standing("Withdrawn too late", "red", row, late.words)
    if late is not None:
        return Standing(f"Invoiced by {system} before it was withdrawn", "plain", row, late.reason)
    match row.state:
        case DeliveryState.SENT:
            return Standing(f"On no invoice of {system}", "plain", row)
        case DeliveryState.DEAD:
            return Standing(f"Perhaps still on an invoice of {system}: take it off there", "red", row, said(row))
    return Standing(f"Waits to be taken off the next invoice of {system}", "amber", row, said(row))


def said(row: Outbound) -> str:
    """Why it didn't go out, without the name of the error's class."""
    words = row.last_error.partition(": ")[2] or row.last_error
    return words[:LONGEST_ERROR]


def _late(names: Iterable[str]) -> Mapping[str, BillingFinding]:
    rows = BillingFinding.objects.filter(kind=FindingKind.PUSH, about="invoiced", billing_id__in=list(names))
    return {row.billing_id: row for row in rows.order_by("pk")}
