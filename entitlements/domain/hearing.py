"""Who speaks about a feature: of an item that is alive, which of its terms is heard.

Of the terms of one item that match its phase, market and payment interval, exactly one speaks (DESIGN.md §3 and §4):

1. A paused item lets only terms written for a pause speak.
2. A term that gives something drops out where it isn't provided in the account's market at the instant. A term that
   gives nothing needs no providing: a plan's "no" is a "no" everywhere.
3. Of the rest, the version's own term beats an included one; then a term for the feature itself beats one for its
   group, and a nearer group a further one; then one for the phase, then for the market, then for the interval, beats
   the general one; then the lowest id speaks, which only happens if the same thing was written twice.

If the one that speaks says "not included", "set per customer", "sold as an add-on" or nothing settled, the item has
no value here, and no lower term shines through.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.domain.values import UNLIMITED, AddOnEffect, PlanKind, TermState, Value
from catalog.domain.window import ALWAYS
from entitlements.domain.facts import ItemFact, Phase, TermFact, VersionFact
from entitlements.domain.resolution import Layer, Recency, VersionCause, recency


@dataclass(frozen=True, slots=True)
class Source:
    """Where an offer comes from, as it is named and ordered."""

    layer: Layer
    kind: str
    id: str
    name: str
    recency: Recency
    until: datetime | None = None
    lent: bool = False
    replaces: bool = False
    cause: VersionCause | None = None


@dataclass(frozen=True, slots=True)
class Live:
    """An item that is alive at the instant, with the version and the phase it has then."""

    item: ItemFact
    version: VersionFact
    phase: Phase
    source: Source


@dataclass(frozen=True, slots=True)
class Heard:
    """What the terms of one item say about one feature: the one that speaks, and those it silenced, with the rule."""

    speaker: TermFact | None
    silenced: tuple[tuple[TermFact, str], ...] = ()


def live(item: ItemFact, *, version: VersionFact, phase: Phase, cause: VersionCause | None = None) -> Live:
    add_on = version.kind is PlanKind.ADD_ON
    name = f"{version.plan_name} v{version.number}"
    source = Source(
        layer=Layer.ADD_ON if add_on else Layer.BASE,
        kind=version.kind.value,
        id=item.id,
        name=f"{name}, {item.note}" if item.note else name,
        recency=recency(item.window.start, item.id),
        until=item.window.end,
        lent=item.lent and not add_on,
        replaces=add_on and version.effect is AddOnEffect.REPLACES,
        cause=cause,
    )
    return Live(item, version, phase, source)


def gives(term: TermFact) -> bool:
    """Whether the term gives anything at all; a gate written as "off" says "not included"."""
    if term.state is TermState.UNLIMITED:
        return True
    return term.state is TermState.VALUE and term.value is not None and term.value is not False


def term_value(term: TermFact) -> Value | None:
    if not gives(term):
        return None
    return UNLIMITED if term.state is TermState.UNLIMITED else term.value


def everywhere(term: TermFact) -> bool:
    """Whether no market restricts the term, as is nearly always so."""
    return len(term.provided) == 1 and term.provided[0] == ALWAYS


def provided(term: TermFact, *, at: datetime) -> bool:
    return everywhere(term) or any(window.contains(at) for window in term.provided)


def matching(terms: Iterable[TermFact], *, by: Live, market: str | None) -> list[TermFact]:
    """The terms written for this item's phase, market and interval, or for any."""
    phase, interval = by.phase, by.item.interval
    return [
        term
        for term in terms
        if (term.phase is None or term.phase is phase)
        and (term.market is None or term.market == market)
        and (term.interval is None or term.interval == interval)
    ]


def hear(terms: Sequence[TermFact], *, by: Live, at: datetime) -> Heard:
    """Which of an item's matching terms on one feature speaks, and why each of the others doesn't."""
    silenced = []
    able = []
    for term in terms:
        if by.phase is Phase.PAUSED and term.phase is None:
            silenced.append((term, "the subscription is paused"))
        elif gives(term) and not provided(term, at=at):
            silenced.append((term, "not provided in this market"))
        else:
            able.append(term)
    if len(able) > 1:
        able.sort(key=precedence)
        silenced.extend((term, _outspoken(term, able[0])) for term in able[1:])
    told = sorted((entry for entry in silenced if gives(entry[0])), key=lambda entry: precedence(entry[0]))
    return Heard(able[0] if able else None, tuple(told))


def precedence(term: TermFact) -> tuple[int, int, bool, bool, bool, Recency]:
    """Own > included; then feature > nearest group; then phase > market > interval: the smallest speaks."""
    return (
        term.depth,
        term.group_distance,
        term.phase is None,
        term.market is None,
        term.interval is None,
        recency(None, term.id),
    )


def _outspoken(term: TermFact, speaker: TermFact) -> str:
    if term.depth != speaker.depth:
        return "the plan's own term speaks" if speaker.depth == 0 else "the term of a nearer plan speaks"
    if term.group_distance != speaker.group_distance:
        return "the feature's own term speaks" if speaker.group_distance == 0 else "the term of a nearer group speaks"
    if (term.phase is None) != (speaker.phase is None):
        return f"the term for {_PHASE_WORDS[speaker.phase or Phase.ACTIVE]} speaks"
    if (term.market is None) != (speaker.market is None):
        return "the term for this market speaks"
    if (term.interval is None) != (speaker.interval is None):
        return "the term for this payment interval speaks"
    return "the same term is written twice"


_PHASE_WORDS = {
    Phase.PAUSED: "the pause",
    Phase.WINDING_DOWN: "winding down",
    Phase.GRACE: "the grace period",
    Phase.TRIAL: "the trial",
    Phase.ACTIVE: "active subscriptions",
}


def path_of(term: TermFact) -> str:
    """How the plan comes to speak about the feature, if not by a term of its own for it."""
    steps = []
    if term.depth:
        steps.append("by a plan it includes")
    if term.group_distance:
        steps.append(f"through {term.group_name}" if term.group_name else "through its group")
    return ", ".join(steps)
