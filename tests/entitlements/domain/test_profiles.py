"""What accounts share is all that decides: a profile answers as the resolver does, over time and over catalog edits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from catalog.domain.rollouts import Audience, RolloutFact
from catalog.domain.values import PlanKind, TermState
from catalog.domain.window import Window
from entitlements.domain.boundaries import boundaries
from entitlements.domain.facts import BilledFeatureFact, Facts, FeatureFact, Hold, ItemFact, TermFact, VersionFact
from entitlements.domain.outdating import outdated
from entitlements.domain.periods import Periods
from entitlements.domain.profiles import (
    Sighting,
    in_person,
    keeps_after_trial,
    sight,
    terms_by_profile,
    without_overrides,
)
from entitlements.domain.usage.terms import UseTerms, use_terms
from tests.conftest import EXAMPLES
from tests.entitlements.domain.strategies import START, TERMS, VERSIONS, accounts, instants, rollouts, rules, versions
from tests.spec.tables import SHAPES

MOMENT = timedelta(microseconds=1)
MOST = 6  # moments between the first and the last that are looked at
thorough = settings(
    deadline=None,
    print_blob=True,
    max_examples=3 * EXAMPLES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


@dataclass(frozen=True)
class Catalog:
    """One catalog for a child and its parent, as in the desk."""

    features: Mapping[str, FeatureFact]
    rollouts: tuple[RolloutFact, ...]
    versions: Mapping[str, VersionFact]

    def versions_of(self, pinned: Iterable[str], *, market: str | None) -> Mapping[str, VersionFact]:
        return self.versions


def catalog_of(facts: Facts) -> Catalog:
    return Catalog(facts.features, facts.rollouts, facts.versions)


def under(facts: Facts, catalog: Catalog) -> Facts:
    parent = None if facts.parent is None else under(facts.parent, catalog)
    return replace(
        facts, features=catalog.features, rollouts=catalog.rollouts, versions=catalog.versions, parent=parent
    )


@st.composite
def worlds(draw) -> Facts:
    """An account whose parent has the same catalog."""
    facts = draw(accounts())
    return under(facts, catalog_of(facts))


def decisive(terms: UseTerms) -> UseTerms:
    """Everything but the reasons, which name rows, and how long it holds."""
    return replace(terms, answer=replace(terms.answer, because=(), valid_until=None, source=""))


def held_equal(facts: Facts, seen: Sighting, catalog: Catalog, at: datetime) -> None:
    by_rows = use_terms(facts, at=at)
    by_memory = terms_by_profile(seen.profile, catalog, at=at)
    assert by_rows.keys() == by_memory.keys()
    for key, terms in by_memory.items():
        mine = in_person(terms, zone=facts.zone, billing=seen.billing)
        assert decisive(mine) == decisive(by_rows[key]), (key, at)


def within(facts: Facts, seen: Sighting, at: datetime) -> list[datetime]:
    """Every instant of the stretch at which something happens, the moment before each, and its last moment."""
    edges = boundaries(facts)
    last = START + timedelta(days=400) if seen.until is None else seen.until - MOMENT
    found = {*edges, *(edge - MOMENT for edge in edges)}
    between = sorted(moment for moment in found if at < moment < last)
    return [at, *between[:: 1 + len(between) // MOST], last]


@thorough
@given(worlds(), instants)
def test_a_profile_answers_as_the_resolver_does_for_as_long_as_it_is_had(facts, at):
    seen = sight(facts, at=at)
    assert seen.until is None or seen.until > at
    event("with its parent" if facts.parent else "alone")
    for moment in within(facts, seen, at):
        held_equal(facts, seen, catalog_of(facts), moment)


@thorough
@given(worlds(), instants)
def test_the_next_profile_takes_over_where_the_one_before_ends(facts, at):
    for _ in range(4):
        seen = sight(facts, at=at)
        held_equal(facts, seen, catalog_of(facts), at)
        if seen.until is None:
            return
        at = seen.until


@st.composite
def edited(draw, facts: Facts) -> Catalog:
    """The catalog after finance was at it: more publications, some called off or retired, other rules and windows."""
    newer = (replace(r, id=f"n{r.id}", order=r.order + 10) for r in draw(rollouts()))
    kept = tuple(_touched(r, draw(st.integers(0, 5))) for r in facts.rollouts)
    features = {key: FeatureFact(fact.shape, draw(rules()) or fact.revisions) for key, fact in facts.features.items()}
    touched = draw(st.sampled_from(VERSIONS))
    again = {touched: draw(versions(touched, tuple(SHAPES)[:TERMS]))} if draw(st.booleans()) else {}
    return Catalog(features, (*kept, *newer), {**facts.versions, **again})


def _touched(rollout: RolloutFact, how: int) -> RolloutFact:
    match how:
        case 0:
            return replace(rollout, cancelled_at=START)
        case 1:
            return replace(rollout, sold_until=START + timedelta(days=2))
        case _:
            return rollout


def changes(before: Catalog, after: Catalog) -> list[tuple[RolloutFact | None, RolloutFact | None]]:
    old, new = ({r.id: r for r in catalog.rollouts} for catalog in (before, after))
    pairs = [(old.get(key), new.get(key)) for key in {**old, **new}]
    return [pair for pair in pairs if pair[0] != pair[1]]


def retold(before: Catalog, after: Catalog) -> set[str]:
    different = (key for key in before.versions if before.versions[key] != after.versions[key])
    return {
        key
        for key in different
        if before.versions[key].after_trial != after.versions[key].after_trial
        or keeps_after_trial(before.versions[key])
        or keeps_after_trial(after.versions[key])
    }


def chosen_anew(facts: Facts, pairs: list[tuple[RolloutFact | None, RolloutFact | None]]) -> bool:
    """Whether a publication for a cohort that the account is in was changed: its members are read again."""
    cohorts = {r.cohort for pair in pairs for r in pair if r is not None and r.audience is Audience.COHORT}
    return any(item.cohorts & cohorts for item in facts.items) or (
        facts.parent is not None and chosen_anew(facts.parent, pairs)
    )


@thorough
@given(st.data(), worlds(), instants)
def test_after_a_catalog_edit_no_account_is_read_again_but_those_it_tells_apart(data, facts, at):
    before, after = catalog_of(facts), data.draw(edited(facts))
    pairs, seen = changes(before, after), sight(facts, at=at)
    assume(not chosen_anew(facts, pairs))
    if outdated(seen.profile, latest=seen.latest, changed=pairs, retold=retold(before, after)):
        event("read again")
        return
    event("not read again")
    edited_facts = under(facts, after)
    for moment in within(edited_facts, seen, at):
        held_equal(edited_facts, seen, after, moment)


@thorough
@given(worlds(), instants)
def test_what_is_shared_with_those_who_were_promised_nothing_is_their_profile(facts, at):
    seen = sight(facts, at=at)
    plain = sight(replace(facts, overrides=()), at=at)
    assert without_overrides(seen.profile) == plain.profile


def twin(item: ItemFact, later: timedelta) -> ItemFact:
    """The same purchase of somebody else, made a little later."""
    start = None if item.window.start is None else item.window.start + later
    recorded = None if item.recorded_at is None else item.recorded_at + later
    return replace(item, id=f"9{item.id}", subscription=f"{item.subscription}-two", recorded_at=recorded,
                   window=replace(item.window, start=start))  # fmt: skip


@thorough
@given(worlds())
def test_accounts_that_differ_in_name_and_in_dates_that_have_passed_share_one_profile(facts):
    at, later = START + timedelta(days=30), timedelta(minutes=7)
    at_edges = {rollout.effective_at for rollout in facts.rollouts}
    bought = [item for item in facts.items if item.window.start and not item.window.end and not item.trial_lapses_at]
    assume(not at_edges & {item.recorded_at for item in bought})
    one = replace(facts, items=tuple(bought), overrides=())
    two = replace(one, account="another", items=tuple(twin(item, later) for item in bought), zone="Asia/Tokyo")
    assume(len({item.window.start for item in bought}) == len(bought))
    assert sight(one, at=at).profile == sight(two, at=at).profile


def test_what_is_young_is_not_shared_until_it_has_settled():
    hour = timedelta(hours=1)
    item = ItemFact("1", "one", "Pro", "Pro v1", 1, Window(START, None), recorded_at=START)
    facts = Facts("acme", None, {}, {"Pro v1": VersionFact("Pro v1", "Pro", "Pro", 1, PlanKind.PLAN)}, items=(item,))
    fresh = sight(facts, at=START + MOMENT, settling=hour)
    assert (fresh.profile.young, fresh.until) == (START, START + hour)
    assert sight(facts, at=START + hour, settling=hour).profile.young is None


DAY = timedelta(days=1)


def test_what_the_billing_says_is_shared_for_as_long_as_it_is_said():
    def said(number: int, since: datetime) -> Facts:
        fact = BilledFeatureFact(str(number), "sso", Window(since, START + 2 * DAY), "stripe", "Stripe")
        return Facts("acme", None, {"sso": FeatureFact(SHAPES["sso"], ())}, {}, billed=(fact,))

    one, two = (sight(facts, at=START + DAY) for facts in (said(8, START), said(9, START - DAY)))
    assert one.profile == two.profile
    assert (one.since, one.until) == (START, START + 2 * DAY)
    assert sight(said(8, START), at=START - DAY).until == START
    assert sight(said(8, START), at=START + 2 * DAY).profile.billed == ()


def seats(number: int) -> TermFact:
    return TermFact(str(number), "seats", TermState.VALUE, Decimal(number))


def held(*published: RolloutFact, **item) -> Facts:
    """Pro v1 gives 1 seat and v2 gives 2; one item of it, sold at the start."""
    told = {"window": Window(START, None), "recorded_at": START} | item
    one = ItemFact("1", "one", "Pro", "Pro v1", 1, **told)
    versions = {
        f"Pro v{n}": VersionFact(f"Pro v{n}", "Pro", "Pro", n, PlanKind.PLAN, terms=(seats(n),)) for n in (1, 2)
    }
    return Facts("acme", None, {"seats": FeatureFact(SHAPES["seats"], ())}, versions, published, (one,))


def published(audience: Audience, at: datetime) -> RolloutFact:
    return RolloutFact("1", "Pro", "Pro v2", audience, at, 1, frozenset({"Pro v1"}), cohort="beta")


def seats_of(facts: Facts, at: datetime, seen: Sighting | None = None) -> Decimal:
    seen = seen or sight(facts, at=at)
    held_equal(facts, seen, catalog_of(facts), at)
    return terms_by_profile(seen.profile, catalog_of(facts), at=at)["seats"].answer.value


def test_what_came_at_renewal_stays_in_the_profile():
    facts = held(published(Audience.AT_RENEWAL, START + DAY), periods=Periods(START, START))
    renewal = START + timedelta(days=31)
    assert sight(facts, at=START + DAY).until == renewal
    assert [seats_of(facts, at) for at in (renewal - MOMENT, renewal)] == [1, 2]


def test_a_publication_moves_who_was_sold_before_it_and_nobody_sold_after_it():
    moving = published(Audience.NOW, START + DAY)
    before, after = held(moving), held(moving, recorded_at=START + 2 * DAY)
    assert [seats_of(facts, START + 3 * DAY) for facts in (before, after)] == [2, 1]


def test_a_hold_keeps_the_version_of_its_beginning():
    hold = (Hold(Window(START + 2 * DAY, None)),)
    earlier, later = (held(published(Audience.NOW, START + n * DAY), holds=hold) for n in (1, 3))
    assert [seats_of(facts, START + 4 * DAY) for facts in (earlier, later)] == [2, 1]


@pytest.mark.parametrize(
    ("audience", "at", "again"),
    [
        (Audience.NOW, START + DAY, False),
        (Audience.NOW, START - DAY, True),  # some of those who share the profile may have been sold before it
        (Audience.AT_RENEWAL, START + DAY, True),
        (Audience.NEW_CUSTOMERS, START - DAY, False),
    ],
)
def test_only_those_are_read_again_whom_a_publication_tells_apart(audience, at, again):
    seen = sight(held(), at=START + 2 * DAY)
    changed = [(None, published(audience, at))]
    assert outdated(seen.profile, latest=seen.latest, changed=changed, retold=()) is again


@pytest.mark.parametrize(("day", "again"), [(1, True), (3, False)])
def test_a_past_trial_is_read_again_where_its_outcome_may_be_another(day, again):
    lapsed = sight(held(trial_lapses_at=START + 2 * DAY), at=START + 4 * DAY)
    other = replace(published(Audience.NEW_CUSTOMERS, START + day * DAY), plan="Free", version="Free v1")
    assert lapsed.profile.tried == {"Pro v1"}
    assert outdated(lapsed.profile, latest=lapsed.latest, changed=[(None, other)], retold=()) is again
    assert outdated(lapsed.profile, latest=lapsed.latest, changed=(), retold={"Pro v1"})
