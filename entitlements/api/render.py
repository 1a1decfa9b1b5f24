"""Resolutions → the API's words. Pure: the same resolution is always the same JSON."""

from datetime import UTC
from decimal import Decimal
from typing import Any

from catalog.domain.units import smallest_unit
from catalog.domain.values import UNLIMITED, FeatureShape, Kind, Nature, Value
from catalog.domain.words import say_value
from entitlements.api.schemas import Entitlement, Explanation, Fallback, Reason, SubLimit, ThresholdStep, Verdict
from entitlements.domain.decision import ANYTHING, Asked, Decision
from entitlements.domain.resolution import Candidate, Resolution
from entitlements.domain.safeguards import Safeguard
from entitlements.domain.saying import denied, in_words
from entitlements.domain.telling import tell


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


def render_entitlement(resolution: Resolution, *, safeguard: Safeguard | None = None) -> Entitlement:
    return Entitlement(**_entitlement(resolution), **_safeguard(safeguard))


def _safeguard(safeguard: Safeguard | None) -> dict[str, Any]:
    """Nothing is said where nobody asked: a reader of the answer alone, such as a screen, needs no fallback."""
    if safeguard is None:
        return {}
    reliance = safeguard.reliance
    return {
        "fallback": Fallback(on_unreachable=reliance.fallback.value, max_age_seconds=reliance.max_age_seconds),
        "thresholds": [ThresholdStep(percent=step.percent, told=step.told.value) for step in safeguard.thresholds],
        "buffer_percent": safeguard.buffer_percent,
    }


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
        "each_seat_of": resolution.each_of.key if resolution.each_of else None,
        "sub_limits": {
            key: SubLimit(value=render_value(part), unlimited=part is UNLIMITED)
            for key, part in resolution.sub_limits.items()
        },
        "choices": [choice.key for choice in shape.choices] if shape.nature is Nature.RANKED else [],
        "better": shape.better.value if shape.kind is Kind.CONFIG and quantity else "",
        "aggregation": shape.aggregation.value if shape.aggregation else "",
        "valid_until": resolution.valid_until,
    }


def render_told(entitlement: Entitlement) -> dict[str, Any]:
    """The answer as it is remembered: what a program acts on, without what only explains it."""
    until = entitlement.valid_until
    return {
        "granted": entitlement.granted,
        "value": entitlement.value,
        "unlimited": entitlement.unlimited,
        "text": entitlement.value_text,
        "state": entitlement.state,
        "enforcement": entitlement.enforcement,
        "until": None if until is None else until.astimezone(UTC).isoformat(),
    }


def render_explanation(
    resolution: Resolution, *, zone: str, asked: Asked = ANYTHING, safeguard: Safeguard | None = None
) -> Explanation:
    told = tell(resolution, asked=asked, zone=zone)
    return Explanation(
        **_entitlement(resolution),
        **_safeguard(safeguard),
        because=[_reason(candidate, resolution.shape) for candidate in resolution.because],
        decision=render_decision(told.decision),
        in_words=list(told.lines),
    )


def render_decision(decision: Decision) -> Verdict:
    return Verdict(
        allowed=decision.allowed,
        certain=decision.certain,
        because=decision.because,
        left=render_value(decision.left),
        left_unlimited=decision.left is UNLIMITED,
        over_by=render_value(decision.over_by),
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
