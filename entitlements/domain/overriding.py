"""Step 6: overrides change the value, in the order replace, add, at least, at most, deny (DESIGN.md §4).

Of several that replace, or deny, the latest to start counts, then the highest id. All that add, add. Of several
floors the highest counts, of several caps the lowest. A denial ends it: nothing stands beside it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from catalog.domain.values import FeatureShape, Value
from entitlements.domain.arithmetic import MODES, Measure, applied, size
from entitlements.domain.combining import struck
from entitlements.domain.facts import Mode, OverrideFact
from entitlements.domain.resolution import Candidate, Layer, Op, Recency, recency

Told: TypeAlias = tuple[Candidate, ...]


def overruled(
    below: Value | None, *, told: Told, overrides: Iterable[OverrideFact], shape: FeatureShape
) -> tuple[Value | None, Told]:
    """The value after all overrides, and what was told; they are awake and in their windows, the newest first."""
    groups: dict[Mode, list[OverrideFact]] = {}
    for override in overrides:
        if suits(override, shape=shape):
            groups.setdefault(override.mode, []).append(override)
        else:
            told = (*told, override_lost(override, f"{shape.name} can't be changed in this way"))
    for mode in Mode:
        if mode in groups:
            below, told = _STEPS[mode](below, told, groups[mode], shape)
    return below, told


def suits(override: OverrideFact, *, shape: FeatureShape) -> bool:
    """Whether the mode fits the kind of feature, and the value is one the feature can have."""
    if override.mode not in MODES[shape.nature]:
        return False
    return override.mode is Mode.DENY or (override.value is not None and shape.suits(override.value))


def newest(override: OverrideFact) -> Recency:
    return recency(override.window.start, override.id)


def override_name(override: OverrideFact) -> str:
    return f"Override #{override.id}"


def override_kept(override: OverrideFact, rule: str) -> Candidate:
    return _candidate(override, rule, kept=True)


def override_lost(override: OverrideFact, rule: str) -> Candidate:
    return _candidate(override, rule, kept=False)


def _candidate(override: OverrideFact, rule: str, *, kept: bool) -> Candidate:
    return Candidate(
        layer=Layer.OVERRIDE,
        kind="override",
        id=override.id,
        name=override_name(override),
        op=Op(override.mode.value),
        value=override.value if override.mode is not Mode.DENY else None,
        kept=kept,
        rule=rule,
        until=override.window.end,
        by=override.by,
        reason=override.reason,
    )


_Step: TypeAlias = tuple[Value | None, Told]


def _replaced(below: Value | None, told: Told, group: Sequence[OverrideFact], shape: FeatureShape) -> _Step:
    winner, *older = group
    rule = f"replaced by override #{winner.id}"
    others = (override_lost(o, rule) for o in older)
    return winner.value, (*struck(told, rule), override_kept(winner, "replaces what the plans give"), *others)


def _added(below: Value | None, told: Told, group: Sequence[OverrideFact], shape: FeatureShape) -> _Step:
    for override in group:
        below = applied(Op.ADD, below=below, value=override.value, shape=shape)
    return below, (*told, *(override_kept(o, "adds to what the plans give") for o in group))


def _raised(below: Value | None, told: Told, group: Sequence[OverrideFact], shape: FeatureShape) -> _Step:
    top, others = _bound(group, shape=shape, highest=True)
    losers = (override_lost(o, f"override #{top.id} asks for no less") for o in others)
    value = applied(Op.AT_LEAST, below=below, value=top.value, shape=shape)
    ruling = override_lost(top, "it is that much already") if value == below else override_kept(top, "raises it")
    return value, (*told, ruling, *losers)


def _capped(below: Value | None, told: Told, group: Sequence[OverrideFact], shape: FeatureShape) -> _Step:
    top, others = _bound(group, shape=shape, highest=False)
    losers = (override_lost(o, f"override #{top.id} allows no more") for o in others)
    value = applied(Op.AT_MOST, below=below, value=top.value, shape=shape)
    idle = "there is nothing to lower" if below is None else "it is no more than that already"
    ruling = override_lost(top, idle) if value == below else override_kept(top, "lowers it")
    return value, (*told, ruling, *losers)


def _denied(below: Value | None, told: Told, group: Sequence[OverrideFact], shape: FeatureShape) -> _Step:
    winner, *others = group
    rule = f"denied by override #{winner.id}"
    losers = (override_lost(o, rule) for o in others)
    value = applied(Op.DENY, below=below, value=None, shape=shape)
    return value, (*struck(told, rule), override_kept(winner, "denies it"), *losers)


def _bound(
    group: Sequence[OverrideFact], *, shape: FeatureShape, highest: bool
) -> tuple[OverrideFact, list[OverrideFact]]:
    """The floor that is highest, or the cap that is lowest; of equals the newest."""

    def reach(override: OverrideFact) -> Measure:
        assert override.value is not None
        above, amount = size(override.value, shape=shape)
        return (above, amount) if highest else (-above, -amount)

    # The group stands newest first, and `max` keeps the first of equals.
    top = max(group, key=reach)
    return top, [o for o in group if o is not top]


_STEPS: Mapping[Mode, Callable[[Value | None, Told, Sequence[OverrideFact], FeatureShape], _Step]] = {
    Mode.REPLACE: _replaced,
    Mode.ADD: _added,
    Mode.AT_LEAST: _raised,
    Mode.AT_MOST: _capped,
    Mode.DENY: _denied,
}
