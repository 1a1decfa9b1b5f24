"""What our plans, prices and features are called in the billing system, and what has no name there yet."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db.models import Max

from catalog.domain.values import PlanKind
from catalog.models import BillingLink, Feature, Plan, PlanPrice
from catalog.models.billing import Mode
from catalog.models.plan import Interval
from journal.models import AuditEvent

_EACH = {Interval.MONTH: "monthly", Interval.YEAR: "yearly"}


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing that can have a name in the billing system: a plan as a product, one of its prices, a feature."""

    plan_id: int | None = None
    interval: str = ""
    currency: str = ""
    feature_id: int | None = None

    @property
    def sort(self) -> str:
        if self.feature_id is not None:
            return "feature"
        return "price" if self.interval else "product"

    @property
    def name(self) -> str:
        """The slot as an input of a form is called."""
        own = f"feature-{self.feature_id}" if self.feature_id is not None else f"plan-{self.plan_id}"
        return f"{own}-{self.interval}-{self.currency}" if self.interval else own


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A slot with what it is for the reader, and its link where it has one."""

    slot: Slot
    section: str
    thing: str
    part: str
    link: BillingLink | None

    @property
    def missing(self) -> bool:
        return self.link is None

    @property
    def keyed(self) -> bool:
        """Only prices are found by a name of ours in the billing system."""
        return self.slot.sort == "price"


def link_rows(*, mode: Mode) -> tuple[LinkRow, ...]:
    """Every plan, price and feature in order, with and without a link, in four reads."""
    links = {slot_of(link): link for link in BillingLink.objects.filter(mode=mode)}
    return tuple(LinkRow(slot, section, thing, part, links.get(slot)) for slot, section, thing, part in _slots(links))


def slot_of(link: BillingLink) -> Slot:
    return Slot(link.plan_id, link.interval, link.currency, link.feature_id)


def links_token(*, mode: Mode) -> str:
    """Differs as soon as any link of the mode does."""
    links = BillingLink.objects.filter(mode=mode).order_by("pk")
    spelled = list(
        links.values_list("pk", "plan", "feature", "interval", "currency", "external_id", "lookup_key").iterator()
    )
    newest = links.aggregate(newest=Max("pk"))["newest"]
    return hashlib.sha256(repr((newest, spelled)).encode()).hexdigest()[:32]


def say_mode(mode: Mode) -> str:
    return f"Billing system, {'for trying out' if mode is Mode.TEST else 'live'}"


def last_changes(*, mode: Mode, newest: int = 20) -> list[AuditEvent]:
    """Who changed which links of the mode, the newest first."""
    events = AuditEvent.objects.filter(verb="billing_link:set", subject_label=say_mode(mode))
    return list(events.order_by("-seq")[:newest])


def _slots(links: Mapping[Slot, BillingLink]) -> Iterator[tuple[Slot, str, str, str]]:
    prices = _prices(links)
    for plan in Plan.objects.all():
        section = "Add-ons" if plan.kind == PlanKind.ADD_ON else "Plans"
        yield Slot(plan_id=plan.pk), section, plan.name, "Product"
        for interval, currency in sorted(prices.get(plan.pk, ())):
            part = f"{_EACH[Interval(interval)].capitalize()} price in {currency}"
            yield Slot(plan.pk, interval, currency), section, plan.name, part
    for feature in Feature.objects.select_related("group"):
        yield Slot(feature_id=feature.pk), "Features", feature.name, "Feature"


def _prices(links: Mapping[Slot, BillingLink]) -> Mapping[int, set[tuple[str, str]]]:
    """The intervals and currencies each plan has, or had, an amount in; and those that are linked all the same."""
    found: dict[int, set[tuple[str, str]]] = {}
    amounts = PlanPrice.objects.filter(contact=False, amount_micros__gt=0)
    for plan_id, interval, currency in amounts.values_list("version__plan", "interval", "currency").distinct():
        found.setdefault(plan_id, set()).add((interval, currency))
    for slot in links:
        if slot.plan_id is not None and slot.interval:
            found.setdefault(slot.plan_id, set()).add((slot.interval, slot.currency))
    return found
