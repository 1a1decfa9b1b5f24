"""What takes part in an answer: the offers of items and of the parent account, before and after they are weighed.

An *offer* is a value with its conditions, made by the term that speaks (`hearing.py`). Once it is weighed it is a
candidate of the answer, kept or lost, with the rule that said so.
"""

from dataclasses import dataclass
from datetime import datetime

from catalog.domain.tails import SubLimits
from catalog.domain.values import Enforcement, FeatureShape, Reset, Value
from entitlements.domain.facts import TermFact
from entitlements.domain.hearing import Live, Source, everywhere, path_of, term_value
from entitlements.domain.resolution import Candidate, Layer, Op, Resolution, earliest, recency


@dataclass(frozen=True, slots=True)
class Offer:
    """A value that takes part, with the conditions that travel with it if it wins."""

    source: Source
    value: Value
    typed_unit: str
    reset: Reset | None
    enforcement: Enforcement
    overage_percent: int | None
    until: datetime | None
    path: str = ""
    sub_limits: SubLimits = ()
    each_of: FeatureShape | None = None  # as much again for each seat of this feature
    term: str = ""  # the plan's term that speaks


def offer(
    term: TermFact,
    *,
    value: Value,
    by: Live,
    at: datetime,
    sub_limits: SubLimits | None = None,
    each_of: FeatureShape | None = None,
) -> Offer:
    """`sub_limits` are the term's own where nothing multiplies them."""
    return Offer(
        source=by.source,
        value=value,
        typed_unit=term.typed_unit,
        reset=term.reset,
        enforcement=term.enforcement,
        overage_percent=term.overage_percent,
        until=_until(term, by.source.until, at=at),
        path=path_of(term) if term.depth or term.group_distance else "",
        sub_limits=term.sub_limits if sub_limits is None else sub_limits,
        each_of=each_of,
        term=term.id,
    )


def _until(term: TermFact, end: datetime | None, *, at: datetime) -> datetime | None:
    """When it stops by itself: with the item, or when the market is left; windows that touch are one."""
    if everywhere(term):
        return end
    left: datetime | None = at
    while left is not None and any(window.contains(left) for window in term.provided):
        ends = [window.end for window in term.provided if window.contains(left)]
        left = None if None in ends else max(e for e in ends if e is not None)
    return earliest(end, left)


def parent_offer(resolution: Resolution, *, account: str) -> Offer:
    """What the parent account has, as one more base candidate; it carries the parent's conditions."""
    assert resolution.value is not None
    return Offer(
        source=Source(Layer.BASE, "parent", account, f"Parent account {account}", recency(None, account)),
        value=resolution.value,
        typed_unit=resolution.typed_unit,
        reset=resolution.reset,
        enforcement=resolution.enforcement,
        overage_percent=resolution.overage_percent,
        until=None,
        sub_limits=tuple(resolution.sub_limits.items()),
        each_of=resolution.each_of,
        path=_path_above(resolution),
        term=resolution.term,
    )


def _path_above(resolution: Resolution) -> str:
    """By what the parent has it: "by Team v1", or through those above it "by its parent top, by Team v1"."""
    names = [_named_above(candidate) for candidate in resolution.because if candidate.kept]
    return f"by {' and '.join(dict.fromkeys(names))}" if names else ""


def _named_above(candidate: Candidate) -> str:
    if candidate.kind != "parent":
        return candidate.name
    return f"its parent {candidate.id}" + (f", {candidate.path}" if candidate.path else "")


def kept(offered: Offer, op: Op, rule: str) -> Candidate:
    return _candidate(offered, op, rule, kept=True)


def lost(offered: Offer, rule: str) -> Candidate:
    return _candidate(offered, Op.GIVES, rule, kept=False)


def _candidate(offered: Offer, op: Op, rule: str, *, kept: bool) -> Candidate:
    source = offered.source
    return Candidate(
        layer=source.layer,
        kind=source.kind,
        id=source.id,
        name=source.name,
        op=op,
        value=offered.value,
        kept=kept,
        rule=rule,
        until=offered.until,
        typed_unit=offered.typed_unit,
        path=offered.path,
        cause=source.cause,
    )


def unheard(term: TermFact, *, by: Live, rule: str) -> Candidate:
    """A term that is alive and gives nothing to this answer, with the rule."""
    return Candidate(
        layer=by.source.layer,
        kind=by.source.kind,
        id=by.source.id,
        name=by.source.name,
        op=Op.GIVES,
        value=term_value(term),
        kept=False,
        rule=rule,
        until=by.source.until,
        typed_unit=term.typed_unit,
        path=path_of(term),
        cause=by.source.cause,
    )
