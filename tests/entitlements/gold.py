"""Gold support, as finance makes it: premium services sold as a whole, and what a whole can't say beside them."""

from dataclasses import dataclass

from catalog.actions.cells import CellWrite, write_cells
from catalog.actions.drafts import open_draft
from catalog.actions.features import create_feature
from catalog.actions.groups import create_group
from catalog.actions.plans import create_plan
from catalog.domain.rules import FeatureRules
from catalog.domain.values import Aggregation, Better, ConfigType, FeatureShape, Kind, PlanKind, Reset
from catalog.models import Feature, FeatureGroup, Plan, PlanVersion
from journal.domain.actor import SYSTEM
from tests.catalog.factories import EPOCH, publish_now

PHONE = FeatureShape("phone", "24/7 phone", Kind.GATE)
RESPONSE = FeatureShape(
    "response", "Response", Kind.CONFIG, unit="hour", scale=3600, config_type=ConfigType.DURATION, better=Better.LESS
)
INCIDENTS = FeatureShape("incidents", "Incidents", Kind.METERED, unit="incident", aggregation=Aggregation.SUM)
MANAGER = FeatureShape("manager", "Named manager", Kind.GATE)


@dataclass(frozen=True)
class Gold:
    group: FeatureGroup
    features: dict[str, Feature]
    plan: Plan
    version: PlanVersion


def gold_support(*, response: str = "2 hours", publish: bool = True) -> Gold:
    """The add-on Gold support: premium services unlimited, answered within 2 hours."""
    by = {"by": SYSTEM, "at": EPOCH}
    group = create_group(key="premium_services", name="Premium services", **by)
    features = {shape.key: _declared(shape, group) for shape in (PHONE, RESPONSE, INCIDENTS, MANAGER)}
    plan = create_plan(key="gold_support", name="Gold support", kind=PlanKind.ADD_ON, **by)
    draft = open_draft(plan=plan, **by)
    writes = [CellWrite(version=draft, subject=group, text="Unlimited")]
    if response:
        writes.append(CellWrite(version=draft, subject=features["response"], text=response))
    write_cells(writes=writes, tokens={draft.pk: draft.edits}, **by)
    version = publish_now(draft) if publish else draft
    return Gold(group, features, plan, version)


def _declared(shape: FeatureShape, group: FeatureGroup) -> Feature:
    rules = FeatureRules(default_reset=Reset.MONTH) if shape.kind is Kind.METERED else None
    return create_feature(shape=shape, group=group, rules=rules, by=SYSTEM, at=EPOCH)
