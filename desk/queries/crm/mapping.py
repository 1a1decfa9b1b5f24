"""Mappings of deals as the domain reads them."""

from collections.abc import Mapping

from catalog.domain.values import FeatureShape
from catalog.models import Feature
from desk.domain.crm.mapping import Condition, DealTerms, Reading, Rule, Target
from desk.domain.crm.mapping import DealMapping as ReadMapping
from desk.domain.crm.mapping import fields_read as fields_of
from desk.models import DealMapping, DealRule, MappingState
from entitlements.domain.facts import Mode
from journal.models import Connection


def in_force(connection: Connection) -> DealMapping | None:
    """The one by which deals are taken in; None: nobody has switched one on."""
    return DealMapping.objects.filter(connection=connection, state=MappingState.IN_FORCE).order_by("pk").first()


def read_mapping(row: DealMapping) -> ReadMapping:
    """A version with its rules, in their order."""
    terms = DealTerms(
        starts=read_reading(row.starts),
        months=read_reading(row.months),
        through=read_reading(row.through),
        renews=row.renews,
        notice_days=row.notice_days,
    )
    rules = row.rules.select_related("plan", "feature").order_by("position", "pk")
    return ReadMapping(tuple(_rule(rule) for rule in rules), terms)


def read_reading(kept: Mapping[str, str] | None) -> Reading:
    """As it is kept: {written, line_field, deal_field}, each of which may be missing."""
    kept = kept or {}
    return Reading(kept.get("written", ""), kept.get("line_field", ""), kept.get("deal_field", ""))


def shapes_of(mapping: ReadMapping) -> Mapping[str, FeatureShape]:
    """The shapes of the features that its rules name; one read."""
    keys = {rule.feature for rule in mapping.rules if rule.feature}
    return {row.key: row.shape for row in Feature.objects.filter(key__in=keys)} if keys else {}


def fields_read(row: DealMapping | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The fields of deals, and of their lines, that a version reads, as the CRM spells them; nothing of None."""
    if row is None:
        return (), ()
    found = set(fields_of(read_mapping(row)))
    return (
        tuple(sorted(name for name, of_line in found if not of_line)),
        tuple(sorted(name for name, of_line in found if of_line)),
    )


def _rule(row: DealRule) -> Rule:
    readings = row.readings or {}
    return Rule(
        key=row.key,
        target=Target(row.target),
        products=tuple(row.products),
        where=tuple(Condition(one["field"], tuple(one["values"])) for one in row.where),
        plan=row.plan.key if row.plan is not None else "",
        interval=row.interval,
        feature=row.feature.key if row.feature is not None else "",
        mode=Mode(row.mode) if row.mode else None,
        quantity=read_reading(readings.get("quantity")),
        value=read_reading(readings.get("value")),
        days=read_reading(readings.get("days")),
        through=read_reading(readings.get("through")),
        starts=read_reading(readings.get("starts")),
        note=row.note,
    )
