"""What a publication does to accounts: shared answers equal resolving every account by itself, before and after."""

from dataclasses import replace
from datetime import datetime

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from catalog.domain.rollouts import Audience, RolloutFact
from entitlements.domain.facts import Facts, ItemFact, Standing
from entitlements.domain.figures import Effects, FeatureEffect
from entitlements.domain.impact import HORIZON, Comparison, effects_between
from entitlements.domain.phases import pin_at, standing_at
from entitlements.domain.resolve import resolve
from entitlements.domain.trials import stretches
from tests.conftest import EXAMPLES
from tests.entitlements.domain.strategies import START, VERSIONS, accounts, instants, items, overrides

thorough = settings(
    deadline=None,
    print_blob=True,
    max_examples=3 * EXAMPLES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


@st.composite
def crowds(draw: st.DrawFn) -> list[Facts]:
    """A few accounts of one catalog: some alike, some with overrides, standings or a parent of their own."""
    first = draw(accounts())
    crowd = [first]
    for _ in range(draw(st.integers(1, 3))):
        other = replace(
            first,
            items=tuple(draw(items(n)) for n in range(draw(st.integers(0, 3)))),
            overrides=tuple(draw(overrides(n)) for n in range(8, 8 + draw(st.integers(0, 1)))),
            standings=draw(st.sampled_from(((), (), ((START, Standing.SUSPENDED),)))),
            parent=draw(st.sampled_from((None, None, first.parent))),
        )
        crowd += [other] * draw(st.integers(1, 2))
    return crowd


@st.composite
def proposals(draw: st.DrawFn) -> RolloutFact:
    version = draw(st.sampled_from(VERSIONS))
    return RolloutFact(
        id="proposed",
        plan=version.split(" v")[0],
        version=version,
        audience=draw(st.sampled_from([audience for audience in Audience if audience.moves])),
        effective_at=draw(instants),
        order=99,
        moves_from=frozenset(name for name in VERSIONS if name[:3] == version[:3]),
        cohort="beta",
    )


def edges_of(facts: Facts) -> list[datetime]:
    """Every instant at which the catalog itself changes, as the query reads them."""
    found = {rule.effective_at for feature in facts.features.values() for rule in feature.revisions}
    windows = (w for version in facts.versions.values() for term in version.terms for w in term.provided)
    return sorted(found | {edge for window in windows for edge in window.edges()})


def naive(facts: Facts, proposed: RolloutFact) -> dict[str, FeatureEffect] | None:
    """Each instant at which anything of the account could move, looked at by itself; None where nothing moves."""
    was, will = worlds(facts, proposed)
    own = _moved(was, will, proposed)
    above = set()
    parents = (was.parent, will.parent)
    while parents[0] is not None and parents[1] is not None:
        above |= _moved(parents[0], parents[1], proposed)
        parents = (parents[0].parent, parents[1].parent)
    changes: dict[str, FeatureEffect] = {}
    open_at = [at for at in sorted(own | above) if standing_at(facts, at=at) is not Standing.CLOSED]
    for at in open_at:
        changes |= {e.feature: e for e in effects_between(resolve(was, at=at), resolve(will, at=at))}
    return changes if open_at and (own or changes) else None


def worlds(facts: Facts, proposed: RolloutFact) -> tuple[Facts, Facts]:
    def ahead(one: Facts) -> Facts:
        parent = None if one.parent is None else ahead(one.parent)
        return replace(one, rollouts=(*facts.rollouts, proposed), parent=parent)

    def behind(one: Facts) -> Facts:
        return replace(one, rollouts=facts.rollouts, parent=None if one.parent is None else behind(one.parent))

    return behind(facts), ahead(facts)


def _moved(was: Facts, will: Facts, proposed: RolloutFact) -> set[datetime]:
    begin, end = proposed.effective_at, proposed.effective_at + HORIZON
    before = {part.id: part for item in was.items for part in stretches(item, facts=was)}
    found = set()
    for part in (part for item in will.items for part in stretches(item, facts=will)):
        other = before.get(part.id)
        if other is None or other.pinned != part.pinned or part.pinned not in proposed.moves_from:
            continue
        looked = sorted(_life(part, proposed) | {begin})
        differing = (
            at for at in looked if begin <= at <= end and part.window.contains(at) and _differs(part, was, will, at)
        )
        found |= {at for at in [next(differing, None)] if at is not None}
    return found


def _life(part: ItemFact, proposed: RolloutFact) -> set[datetime]:
    edges = {edge for window in (part.window, *(hold.window for hold in part.holds)) for edge in window.edges()}
    renewal = part.periods.renewal(since=proposed.effective_at) if part.periods is not None else None
    return edges | ({renewal} if renewal else set())


def _differs(part: ItemFact, was: Facts, will: Facts, at: datetime) -> bool:
    return pin_at(part, rollouts=was.rollouts, at=at) != pin_at(part, rollouts=will.rollouts, at=at)


@thorough
@given(crowds(), proposals())
def test_shared_answers_equal_resolving_every_account_by_itself(crowd: list[Facts], proposed: RolloutFact) -> None:
    shared = Comparison(proposed=proposed, before=crowd[0].rollouts, edges=edges_of(crowd[0]))
    for facts in crowd:
        found = shared.of(facts)
        expected = naive(facts, proposed)
        assert (None if found is None else {e.feature: e for e in found.changes}) == expected
        event("reached" if found else "not reached")


@thorough
@given(crowds(), proposals())
def test_the_order_of_accounts_changes_no_answer(crowd: list[Facts], proposed: RolloutFact) -> None:
    def told(order: list[Facts]) -> list[Effects | None]:
        comparison = Comparison(proposed=proposed, before=crowd[0].rollouts, edges=edges_of(crowd[0]))
        return [comparison.of(facts) for facts in order]

    assert told(crowd) == told(crowd[::-1])[::-1]


@thorough
@given(accounts(), proposals())
def test_new_customers_only_reaches_nobody(facts: Facts, proposed: RolloutFact) -> None:
    for_new = replace(proposed, audience=Audience.NEW_CUSTOMERS, moves_from=frozenset())
    assert Comparison(proposed=for_new, before=facts.rollouts, edges=edges_of(facts)).of(facts) is None


@thorough
@given(accounts(), proposals())
def test_what_is_kept_by_an_override_is_never_among_what_changes(facts: Facts, proposed: RolloutFact) -> None:
    found = Comparison(proposed=proposed, before=facts.rollouts, edges=edges_of(facts)).of(facts)
    if found is not None:
        assert not {change.name for change in found.changes} & set(found.overridden)
