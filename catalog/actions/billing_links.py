"""Links to the billing system: what each plan, price and feature is called there."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from catalog.models import BillingLink, Feature, Plan
from catalog.models.billing import Mode
from catalog.queries.billing import Slot, links_token, say_mode, slot_of
from journal.actions.deeds import begin, keep, record, remove
from journal.domain.actor import Actor
from journal.domain.changes import Plain
from journal.domain.deed import Deed
from journal.domain.refusal import Invalid, Refusal, Stale

EDIT = "catalog.change_billinglink"


@dataclass(frozen=True, slots=True)
class Named:
    """What one slot is called in the billing system; without an id it has no link."""

    slot: Slot
    external_id: str
    lookup_key: str = ""


@transaction.atomic
def set_links(
    *, mode: Mode, named: Sequence[Named], seen: str, by: Actor, at: datetime, reason: str = ""
) -> tuple[BillingLink, ...]:
    """What plans, prices and features are called in the billing system was set, all of it or nothing."""
    by.require(EDIT)
    # Whoever writes links of the mode waits here; a first link has nobody to wait for and meets the unique index.
    standing = {slot_of(link): link for link in BillingLink.objects.select_for_update(of=("self",)).filter(mode=mode)}
    if links_token(mode=mode) != seen:
        raise Stale()
    _refuse_twice(named)
    wanted = [_trimmed(entry) for entry in named if _differs(entry, standing.get(entry.slot))]
    if not wanted:
        raise Refusal("Nothing would change: everything is linked like this already.")
    _refuse_doubles(standing, wanted)
    _refuse_key_without_id(wanted)
    things = {entry.slot: _thing(entry.slot) for entry in wanted}
    deed = begin(by=by, at=at)
    changes = _write(standing, wanted, mode=mode, deed=deed)
    said = {_words(slot, things[slot]): change for slot, change in changes.items()}
    record(deed, "billing_link:set", subject=things[wanted[0].slot], label=say_mode(mode), reason=reason, changes=said)
    return tuple(BillingLink.objects.filter(mode=mode))


def _words(slot: Slot, thing: Plan | Feature) -> str:
    return f"{thing}, {slot.interval}ly in {slot.currency}" if slot.interval else str(thing)


def _trimmed(entry: Named) -> Named:
    return Named(entry.slot, entry.external_id.strip(), entry.lookup_key.strip())


def _differs(entry: Named, link: BillingLink | None) -> bool:
    entry = _trimmed(entry)
    standing = (link.external_id, link.lookup_key) if link else ("", "")
    return (entry.external_id, entry.lookup_key) != standing


def _refuse_twice(named: Sequence[Named]) -> None:
    counted = Counter(entry.slot for entry in named)
    twice = next((slot for slot, times in counted.items() if times > 1), None)
    if twice is not None:
        said = _words(twice, _thing(twice))
        raise Invalid(f"{said} is named twice; say once what it is called.", field=twice.name)


def _refuse_doubles(standing: Mapping[Slot, BillingLink], wanted: Sequence[Named]) -> None:
    """One id stands for one thing: else a purchase of the one would provision the other."""
    ids = {slot: link.external_id for slot, link in standing.items()}
    ids |= {entry.slot: entry.external_id for entry in wanted}
    counted = Counter(external_id for external_id in ids.values() if external_id)
    errors = {
        entry.slot.name: (f"{entry.external_id} stands for something else as well; an id stands for one thing.",)
        for entry in wanted
        if counted[entry.external_id] > 1
    }
    if errors:
        raise Invalid(next(iter(errors.values()))[0], field=next(iter(errors)), errors=errors)


def _refuse_key_without_id(wanted: Sequence[Named]) -> None:
    bare = next((entry for entry in wanted if entry.lookup_key and not entry.external_id), None)
    if bare is not None:
        raise Invalid("A lookup key without an id says nothing; write the id, or clear both.", field=bare.slot.name)


def _write(
    standing: Mapping[Slot, BillingLink], wanted: Sequence[Named], *, mode: Mode, deed: Deed
) -> dict[Slot, list[Plain]]:
    changes: dict[Slot, list[Plain]] = {}
    taken = {entry.external_id for entry in wanted}
    rows: list[BillingLink] = []
    for entry in wanted:
        link = standing.get(entry.slot)
        changes[entry.slot] = [_say(link), None]
        # What gives way goes first: two plans that swap their ids would meet the unique index half-way.
        if link is not None and (not entry.external_id or link.external_id in taken - {entry.external_id}):
            remove(link, deed=deed)
            link = None
        if entry.external_id:
            rows.append(_fill(link or BillingLink(mode=mode), entry))
    for row in rows:
        keep(row, deed=deed)
        changes[slot_of(row)][1] = _say(row)
    return changes


def _fill(link: BillingLink, entry: Named) -> BillingLink:
    slot = entry.slot
    link.plan_id, link.feature_id, link.interval, link.currency = (
        slot.plan_id,
        slot.feature_id,
        slot.interval,
        slot.currency,
    )
    link.external_id, link.lookup_key = entry.external_id, entry.lookup_key
    return link


def _say(link: BillingLink | None) -> str | None:
    if link is None:
        return None
    return f"{link.external_id} ({link.lookup_key})" if link.lookup_key else link.external_id


def _thing(slot: Slot) -> Plan | Feature:
    """The plan or feature whose link it is; Refusal where it went away meanwhile."""
    if slot.feature_id is not None:
        found: Plan | Feature | None = Feature.objects.filter(pk=slot.feature_id).first()
    else:
        found = Plan.objects.filter(pk=slot.plan_id or 0).first()
    if found is None:
        raise Stale("One of these plans or features is no longer there. Reload to see what is.")
    return found
