"""Whole accounts at random: several items, versions, phases, markets, rollouts, overrides, standings and a parent."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from hypothesis import strategies as st

from catalog.domain.rollouts import Audience, RolloutFact
from catalog.domain.values import (
    UNLIMITED,
    AddOnEffect,
    AtTrialEnd,
    Combine,
    Enforcement,
    FeatureShape,
    GivenBy,
    Nature,
    ParentRule,
    PlanKind,
    Reset,
    Scaling,
    TermState,
    Value,
)
from catalog.domain.window import ALWAYS, Window
from entitlements.domain.facts import (
    BilledFeatureFact,
    Facts,
    FeatureFact,
    FeatureRule,
    Hold,
    ItemFact,
    Mode,
    OverrideFact,
    Phase,
    Standing,
    TermFact,
    VersionFact,
)
from entitlements.domain.periods import Periods
from tests.spec.tables import SHAPES

T = TypeVar("T")
START = datetime(2026, 3, 1, tzinfo=UTC)
# Few instants, so that edges meet; a feature may only scale with one that stands before it here.
instants = st.integers(0, 24).map(lambda n: START + timedelta(hours=6 * n))
LADDER = ("seats", "storage", "projects")
PLANS = {
    "Free": (PlanKind.PLAN, AddOnEffect.ADDS),
    "Pro": (PlanKind.PLAN, AddOnEffect.ADDS),
    "Team": (PlanKind.PLAN, AddOnEffect.ADDS),
    "Extra": (PlanKind.ADD_ON, AddOnEffect.ADDS),
    "Swap": (PlanKind.ADD_ON, AddOnEffect.REPLACES),
}
VERSIONS = ("Free v1", "Free v2", "Pro v1", "Pro v2", "Team v1", "Extra v1", "Swap v1")
TERMS = 6


@st.composite
def windows(draw: st.DrawFn) -> Window:
    edges = sorted(draw(st.lists(instants, min_size=2, max_size=2)))
    return Window(draw(st.sampled_from((None, edges[0]))), draw(st.sampled_from((None, edges[1]))))


def values(shape: FeatureShape) -> st.SearchStrategy[Value]:
    keys = [choice.key for choice in shape.choices]
    match shape.nature:
        case Nature.GATE:
            return st.booleans()
        case Nature.QUANTITY:
            return st.sampled_from((Decimal(0), Decimal(1), Decimal(5), Decimal(8), UNLIMITED))
        case Nature.RANKED:
            return st.sampled_from(keys)
        case Nature.SET:
            return st.frozensets(st.sampled_from(keys))
        case Nature.TEXT:
            return st.sampled_from(("a", "b", "c"))


def _terms_of(
    shape: FeatureShape, said: st.SearchStrategy[tuple[TermState, Value | None]]
) -> st.SearchStrategy[TermFact]:
    below = LADDER[: LADDER.index(shape.key)] if shape.key in LADDER else ()
    scalings = [
        (Scaling.FLAT, ""),
        (Scaling.PER_UNIT, ""),
        *((by, seats) for by in (Scaling.PER_SEAT_OF, Scaling.EACH_SEAT_OF) for seats in below),
    ]
    return st.builds(
        lambda said, scaling, place, phase, market, interval, conditions, provided, afterwards: TermFact(
            "", shape.key, *said, phase, market, interval, *place, "", *scaling, *conditions, "", tuple(provided),
            (), *afterwards,
        ),
        said,
        st.sampled_from(scalings),
        st.sampled_from(((0, 0), (0, 0), (0, 1), (1, 0), (1, 1))),
        st.sampled_from((None, None, None, None, *Phase)),
        st.sampled_from((None, None, None, None, "eu", "us")),
        st.sampled_from((None, None, None, None, "month", "year")),
        st.sampled_from(CONDITIONS),
        st.one_of(st.just([ALWAYS]), st.just([ALWAYS]), st.lists(windows(), max_size=2)),
        st.sampled_from(AFTERWARDS),
    )  # fmt: skip


def _said(shape: FeatureShape) -> st.SearchStrategy[tuple[TermState, Value | None]]:
    given = st.tuples(st.just(TermState.VALUE), values(shape))
    others = [(state, None) for state in TermState if state is not TermState.VALUE]
    return st.one_of(given, given, st.sampled_from(others))


CONDITIONS = tuple((reset, enforcement, overage) for reset, enforcement, overage in (
    (None, Enforcement.HARD, None), (Reset.DAY, Enforcement.SOFT, 10), (Reset.MONTH, Enforcement.TRACK, None),
))  # fmt: skip
AFTERWARDS = (
    (AtTrialEnd.KEPT_FOR, 1), (AtTrialEnd.KEPT_FOR, 3), (AtTrialEnd.KEPT_IF_USED, None), (AtTrialEnd.ENDS, None),
)  # fmt: skip
TERMS_OF = {key: _terms_of(shape, _said(shape)) for key, shape in SHAPES.items()}
# Few features at a time, so that plans, add-ons and overrides meet in the same one.
focuses = st.one_of(
    st.just(LADDER),
    st.just(("sso",)),
    st.lists(st.sampled_from(sorted(SHAPES)), min_size=1, max_size=2, unique=True).map(tuple),
)


@st.composite
def versions(draw: st.DrawFn, name: str, focus: tuple[str, ...]) -> VersionFact:
    plan, _, number = name.partition(" v")
    kind, effect = PLANS[plan]
    cells = draw(st.lists(st.one_of([TERMS_OF[key] for key in focus]), min_size=1, max_size=TERMS))
    after = draw(st.sampled_from((None, "Free")))
    numbered = tuple(replace(term, id=str(n)) for n, term in enumerate(cells, start=8))
    return VersionFact(name, plan, plan, int(number), kind, effect, after, numbered)


@st.composite
def rollouts(draw: st.DrawFn) -> tuple[RolloutFact, ...]:
    published = draw(st.lists(st.sampled_from(VERSIONS), max_size=4))
    return tuple(
        RolloutFact(
            id=str(n),
            plan=name.split(" v")[0],
            version=name,
            audience=draw(st.sampled_from(Audience)),
            effective_at=draw(instants),
            order=n,
            moves_from=draw(st.frozensets(st.sampled_from([v for v in VERSIONS if v[:3] == name[:3]]))),
            cohort=draw(st.sampled_from(("beta", "early"))),
            cancelled_at=draw(st.sampled_from((None, None, None, START))),
        )
        for n, name in enumerate(published)
    )


@st.composite
def periods(draw: st.DrawFn) -> Periods:
    """A subscription that began up to a month before, with the periods recorded so far."""
    starts = sorted(draw(st.sets(instants, max_size=2)))
    return Periods(
        starts_at=draw(instants) - timedelta(days=draw(st.sampled_from((0, 27, 31)))),
        begun=draw(instants),
        interval=draw(st.sampled_from(("month", "year"))),
        zone="Europe/Amsterdam",
        recorded=tuple(starts),
        last_end=max(starts) + timedelta(days=draw(st.sampled_from((1, 31)))) if starts else None,
    )


@st.composite
def items(draw: st.DrawFn, number: int) -> ItemFact:
    pinned = draw(st.sampled_from(VERSIONS))
    return ItemFact(
        id=str(number),
        subscription=draw(st.sampled_from(("one", "two"))),
        plan=pinned.split(" v")[0],
        pinned=pinned,
        quantity=draw(st.integers(1, 3)),
        window=draw(st.one_of(st.just(ALWAYS), windows())),
        phases=draw(
            st.one_of(st.just(()), st.lists(st.tuples(st.sampled_from(Phase), windows()), max_size=2).map(tuple))
        ),
        trial_lapses_at=draw(st.one_of(st.none(), instants)),
        interval=draw(st.sampled_from((None, "month", "year"))),
        lent=draw(st.booleans()),
        holds=draw(st.lists(windows().map(Hold), max_size=2).map(tuple)),
        recorded_at=draw(st.one_of(st.none(), instants)),
        cohorts=draw(st.frozensets(st.sampled_from(("beta", "early")))),
        periods=draw(st.one_of(st.none(), periods())),
        used_in_trial=draw(st.sampled_from((frozenset(SHAPES), frozenset(("sso", "seats")), frozenset()))),
    )


@st.composite
def overrides(draw: st.DrawFn, number: int, focus: tuple[str, ...] = tuple(SHAPES)) -> OverrideFact:
    feature = draw(st.sampled_from(focus))
    mode = draw(st.sampled_from(Mode))
    return OverrideFact(
        id=str(number),
        feature=feature,
        mode=mode,
        window=draw(windows()),
        value=None if mode is Mode.DENY else draw(values(SHAPES[feature])),
        scope_subscription=draw(st.sampled_from((None, None, "one", "two"))),
    )


@st.composite
def billed(draw: st.DrawFn, number: int, focus: tuple[str, ...] = tuple(SHAPES)) -> BilledFeatureFact:
    """What a system that bills the account says it has; sso, the one gate, more often than what it can't give."""
    label = draw(st.sampled_from(("Stripe", "Old billing")))
    return BilledFeatureFact(
        id=str(number),
        feature=draw(st.sampled_from(("sso", *focus))),
        window=draw(st.one_of(st.just(ALWAYS), windows())),
        system=label.lower(),
        label=label,
    )


@st.composite
def rules(draw: st.DrawFn) -> tuple[FeatureRule, ...]:
    starts = draw(st.lists(instants, unique=True, max_size=2))
    return tuple(
        FeatureRule(
            effective_at=start,
            given_by=draw(st.sampled_from((GivenBy.PLANS, GivenBy.PLANS, GivenBy.BILLING))),
            combine=draw(st.sampled_from(Combine)),
            parent_rule=draw(st.sampled_from(ParentRule)),
            default_reset=draw(st.sampled_from((None, Reset.YEAR))),
            kept_when_suspended=draw(st.booleans()),
        )
        for start in sorted(starts)
    )


@st.composite
def accounts(draw: st.DrawFn, *, depth: int = 1, focus: tuple[str, ...] = ()) -> Facts:
    focus = focus or draw(focuses)
    return Facts(
        account=f"account-{depth}",
        market=draw(st.sampled_from((None, "eu"))),
        features={key: FeatureFact(shape, draw(rules()) if key in focus else ()) for key, shape in SHAPES.items()},
        versions={name: draw(versions(name, focus)) for name in VERSIONS},
        rollouts=draw(rollouts()),
        items=tuple(draw(items(n)) for n in range(draw(st.sampled_from((4, 2, 3, 5, 1, 0))))),
        overrides=tuple(draw(overrides(n, focus)) for n in range(8, 8 + draw(st.integers(0, 6)))),
        billed=tuple(draw(billed(n, focus)) for n in range(8, 8 + draw(st.sampled_from((0, 1, 3))))),
        standings=draw(
            st.one_of(st.just(()), st.lists(st.tuples(instants, st.sampled_from(Standing)), max_size=2).map(tuple))
        ),
        parent=draw(accounts(depth=depth - 1, focus=focus)) if depth and draw(st.integers(0, 2)) == 2 else None,
        zone=draw(st.sampled_from(("UTC", "America/New_York"))),
    )


@st.composite
def turned(draw: st.DrawFn, facts: Facts) -> Facts:
    """The same facts, every list of rows in another order."""

    def mixed(rows: tuple[T, ...]) -> tuple[T, ...]:
        return tuple(draw(st.permutations(rows)))

    cells = {key: replace(v, terms=mixed(tuple(_market(t) for t in v.terms))) for key, v in facts.versions.items()}
    keys = draw(st.permutations(sorted(facts.features)))
    return replace(
        facts,
        features={key: replace(facts.features[key], revisions=facts.features[key].revisions[::-1]) for key in keys},
        versions=cells,
        rollouts=mixed(facts.rollouts),
        items=mixed(tuple(replace(item, phases=mixed(item.phases)) for item in facts.items)),
        overrides=mixed(facts.overrides),
        billed=mixed(facts.billed),
        standings=mixed(facts.standings),
        parent=draw(turned(facts.parent)) if facts.parent else None,
    )


def _market(term: TermFact) -> TermFact:
    return replace(term, provided=term.provided[::-1])
