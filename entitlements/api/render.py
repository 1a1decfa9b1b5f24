"""Resolutions → the API's words. Pure: the same resolution is always the same JSON."""

from decimal import Decimal
from typing import Any

from catalog.domain.units import smallest_unit
from catalog.domain.values import UNLIMITED, FeatureShape, Nature, Value
from catalog.domain.words import say_value
from entitlements.api.schemas import Entitlement, Explanation, Reason
from entitlements.domain.explain import say
from entitlements.domain.resolution import Candidate, Resolution
from entitlements.domain.saying import denied, in_words


def render_value(value: Value | None) -> Any:
    if value is None or value is UNLIMITED:
        return None
    if isinstance(value, Decimal):
        return int(value)
    if isinstance(value, frozenset):
        return sorted(value)
    return value


def value_text(value: Value | None, *, shape: FeatureShape, typed_unit: str = "") -> str:
    return "not included" if value is None else say_value(value, shape=shape, typed_unit=typed_unit)


def render_entitlement(resolution: Resolution) -> Entitlement:
    return Entitlement(**_entitlement(resolution))


def _entitlement(resolution: Resolution) -> dict[str, Any]:
    shape = resolution.shape
    quantity = shape.nature is Nature.QUANTITY
    return {
        "feature": shape.key,
        "name": shape.name,
        "kind": shape.kind.value,
        "granted": resolution.granted,
        "value": render_value(resolution.value),
        "unlimited": resolution.value is UNLIMITED,
        "unit": smallest_unit(shape) if quantity else "",
        "value_text": in_words(resolution),
        "state": "denied" if denied(resolution) else resolution.state.value,
        "reset": resolution.reset.value if resolution.reset else None,
        "enforcement": resolution.enforcement.value if resolution.granted else None,
        "overage_percent": resolution.overage_percent,
        "valid_until": resolution.valid_until,
    }


def render_explanation(resolution: Resolution, *, zone: str) -> Explanation:
    return Explanation(
        **_entitlement(resolution),
        because=[_reason(candidate, resolution.shape) for candidate in resolution.because],
        in_words=list(say(resolution, zone=zone)),
    )


def _reason(candidate: Candidate, shape: FeatureShape) -> Reason:
    return Reason(
        source=candidate.name,
        source_kind=candidate.kind,
        source_id=candidate.id,
        does=candidate.op,
        value=render_value(candidate.value),
        value_text=value_text(candidate.value, shape=shape, typed_unit=candidate.typed_unit),
        kept=candidate.kept,
        rule=candidate.rule,
        until=candidate.until,
        by=candidate.by,
        reason=candidate.reason,
    )
