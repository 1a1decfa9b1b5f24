"""Step 5: base plans combine by the feature's rule, then add-ons stand for them or add to them (DESIGN.md §4).

Of several that are equally good the latest to start speaks, then the highest id, wherever one must be chosen. Texts
are all equally good. Sets have no best: `most_generous` and `add` unite them, `most_restrictive` keeps what all hold;
the first named is the one whose conditions travel. The value alone is compared, never its reset or enforcement.

A lent plan is never narrowed and never summed: it counts where it alone gives more than the others together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from catalog.domain.values import Better, Combine, FeatureShape, Nature, Value
from entitlements.domain.arithmetic import Measure, applied, goodness, plus
from entitlements.domain.candidates import Offer, kept, lost
from entitlements.domain.resolution import Candidate, Op, Recency


@dataclass(frozen=True, slots=True)
class Tally:
    """A value so far, the offer whose conditions travel with it, and what was told on the way."""

    value: Value | None = None
    winner: Offer | None = None
    told: tuple[Candidate, ...] = ()


def struck(told: Iterable[Candidate], rule: str) -> tuple[Candidate, ...]:
    """The same candidates, none of them counting any more; those that had lost before keep their own rule."""
    return tuple(replace(c, kept=False, rule=rule) if c.kept else c for c in told)


def base_of(offers: Sequence[Offer], *, rule: Combine, shape: FeatureShape) -> Tally:
    """The base plans' value, by the feature's rule; a lent plan always counts by the most generous."""
    if not offers:
        return Tally()
    if len(offers) == 1:
        return Tally(offers[0].value, offers[0], (kept(offers[0], Op.GIVES, "the base"),))
    if shape.nature is Nature.SET:
        return _united(offers, rule=rule, shape=shape)
    owned = [o for o in offers if not o.source.lent]
    lent = [o for o in offers if o.source.lent]
    if rule is Combine.ADD and shape.nature is Nature.QUANTITY and owned:
        return _summed(owned, lent, shape=shape)
    if not owned:
        return _best(lent, shape=shape)
    if rule is not Combine.MOST_RESTRICTIVE:
        return _best(offers, shape=shape)
    return _least(owned, lent, shape=shape)


def _best(offers: Sequence[Offer], *, shape: FeatureShape) -> Tally:
    winner = best(offers, shape=shape)
    others = (lost(o, _why(winner, o, shape=shape)) for o in offers if o is not winner)
    return Tally(winner.value, winner, (kept(winner, Op.GIVES, "the base"), *others))


def _least(owned: Sequence[Offer], lent: Sequence[Offer], *, shape: FeatureShape) -> Tally:
    """The least of the plans owned, unless a lent plan is better than that."""
    lowest = min(goodness(o.value, shape=shape) for o in owned)
    least = best([o for o in owned if goodness(o.value, shape=shape) == lowest], shape=shape)
    others = [lost(o, _why_least(least, o, shape=shape)) for o in owned if o is not least]
    top = _best([least, *lent], shape=shape)
    return replace(top, told=(*top.told, *others))


def _summed(owned: Sequence[Offer], lent: Sequence[Offer], *, shape: FeatureShape) -> Tally:
    """The plans owned add up, unless one lent plan is better than all of them together."""
    ordered = sorted(owned, key=lambda o: _strength(o, shape=shape), reverse=True)
    total: Value = ordered[0].value
    for o in ordered[1:]:
        total = plus(total, o.value)
    top = best(lent, shape=shape) if lent else None
    if top is not None and goodness(top.value, shape=shape) > goodness(total, shape=shape):
        told = _best(lent, shape=shape).told
        better = f"{top.source.name} gives more than they do together"
        return Tally(top.value, top, (*told, *(lost(o, better) for o in ordered)))
    counted = (
        kept(o, Op.ADD if n else Op.GIVES, "adds to the base" if n else "the base") for n, o in enumerate(ordered)
    )
    return Tally(total, ordered[0], (*counted, *(lost(o, "the plans together give no less") for o in lent)))


def _united(offers: Sequence[Offer], *, rule: Combine, shape: FeatureShape) -> Tally:
    """Sets: united, or only what all the plans owned hold and, on top, what the lent plans hold."""
    narrowing = rule is Combine.MOST_RESTRICTIVE
    ordered = sorted(offers, key=lambda o: _strength(o, shape=shape), reverse=True)
    if narrowing:
        owned = [o for o in reversed(ordered) if not o.source.lent]
        ordered = [*owned, *(o for o in ordered if o.source.lent)]
    value: Value | None = None
    told = []
    for n, o in enumerate(ordered):
        op = Op.GIVES if n == 0 else Op.NARROW if narrowing and not o.source.lent else Op.ADD
        value = applied(op, below=value, value=o.value, shape=shape)
        told.append(kept(o, op, _SET_RULES[op]))
    return Tally(value, ordered[0], tuple(told))


_SET_RULES = {Op.GIVES: "the base", Op.NARROW: "only what all plans hold counts", Op.ADD: "adds to the base"}


def with_add_ons(base: Tally, *, replacing: Sequence[Offer], adding: Sequence[Offer], shape: FeatureShape) -> Tally:
    """The best replacing add-on stands for the base, whatever the base gives; then the adding ones add."""
    if replacing:
        winner = best(replacing, shape=shape)
        others = (lost(o, _why(winner, o, shape=shape)) for o in replacing if o is not winner)
        told = struck(base.told, f"replaced by {winner.source.name}")
        base = Tally(winner.value, winner, (*told, kept(winner, Op.GIVES, "stands for the base"), *others))
    if not adding:
        return base
    if shape.nature in {Nature.QUANTITY, Nature.SET}:
        return _added(base, adding, shape=shape)
    return _outbid(base, adding, shape=shape)


def _added(base: Tally, adding: Sequence[Offer], *, shape: FeatureShape) -> Tally:
    value, told = base.value, list(base.told)
    for o in adding:
        told.append(kept(o, Op.GIVES if value is None else Op.ADD, "adds to the base"))
        value = plus(value, o.value)
    return replace(base, value=value, told=tuple(told))


def _outbid(base: Tally, adding: Sequence[Offer], *, shape: FeatureShape) -> Tally:
    """Gates, choices and texts don't add up: the add-on counts if it is better, and a text always."""
    top = best(adding, shape=shape)
    others = [lost(o, _why(top, o, shape=shape)) for o in adding if o is not top]
    weighed = shape.nature is not Nature.TEXT
    if weighed and base.value is not None and goodness(top.value, shape=shape) <= goodness(base.value, shape=shape):
        return replace(base, told=(*base.told, lost(top, "no better than the base"), *others))
    told = struck(base.told, f"{top.source.name} speaks in its place")
    return replace(base, value=top.value, told=(*told, kept(top, Op.GIVES, "stands for the base"), *others))


def best(offers: Sequence[Offer], *, shape: FeatureShape) -> Offer:
    """The most generous; of equals the latest to start, then the highest id."""
    return max(offers, key=lambda o: _strength(o, shape=shape))


def _strength(offered: Offer, *, shape: FeatureShape) -> tuple[Measure, Recency]:
    return goodness(offered.value, shape=shape), offered.source.recency


def _why(winner: Offer, loser: Offer, *, shape: FeatureShape) -> str:
    name = winner.source.name
    if shape.nature is Nature.TEXT:
        return f"{name} is the newer"
    if goodness(winner.value, shape=shape) == goodness(loser.value, shape=shape):
        return f"{name} gives the same"
    plain = shape.nature is Nature.QUANTITY and shape.better is not Better.LESS
    return f"{name} gives more" if plain else f"{name} is better"


def _why_least(winner: Offer, loser: Offer, *, shape: FeatureShape) -> str:
    same = goodness(winner.value, shape=shape) == goodness(loser.value, shape=shape)
    return _why(winner, loser, shape=shape) if same else f"{winner.source.name} gives less, and the least counts"
