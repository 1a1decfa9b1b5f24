"""What speaks in a version: its own terms, the included ones, those of groups; in the resolver's own order."""

from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.cases import GENERAL, INTERVALS, PHASES, Case
from catalog.domain.speaking import Written, speaker
from catalog.domain.values import UNLIMITED, PlanKind, TermState
from catalog.domain.version_diff import TermFacts
from catalog.domain.window import Window
from catalog.models import FeatureGroup, PlanTerm, PlanVersion
from catalog.queries.terms import cell_text, effective_of, effective_terms, terms_of
from entitlements.domain.facts import ItemFact, Phase, TermFact, VersionFact
from entitlements.domain.hearing import hear, live, matching
from tests.catalog.factories import (
    FeatureFactory,
    FeatureGroupFactory,
    MarketFactory,
    PlanTermFactory,
    PlanVersionFactory,
    SeatsFactory,
    StorageFactory,
    TierFactory,
    publish_now,
)

pytestmark = pytest.mark.django_db


def on_group(version: PlanVersion, group: FeatureGroup, **columns: object) -> PlanTerm:
    return PlanTermFactory(version=version, feature=None, group=group, **columns)


def test_the_version_s_own_term_speaks_before_an_included_one() -> None:
    lower = PlanTermFactory(feature=SeatsFactory(), amount=5)
    publish_now(lower.version)
    upper = PlanVersionFactory(includes=lower.version)
    speaking = effective_terms(upper).speaking(lower.feature_id)
    assert (speaking.term, speaking.depth, speaking.origin) == (lower, 1, f"from {lower.version}")

    own = PlanTermFactory(version=upper, feature=lower.feature, amount=9)
    speaking = effective_terms(upper).speaking(lower.feature_id)
    assert (speaking.term, speaking.inherited, speaking.origin) == (own, False, "")


def test_the_feature_speaks_before_its_group_and_the_nearer_group_before_the_further() -> None:
    above = FeatureGroupFactory(name="Premium")
    group = FeatureGroupFactory(parent=above, name="Support")
    phone, chat = FeatureFactory(group=group), FeatureFactory(group=group)
    version = PlanVersionFactory()
    on_group(version, above, state=TermState.NOT_INCLUDED)
    on_group(version, group, state=TermState.VALUE)
    PlanTermFactory(version=version, feature=chat, state=TermState.SET_PER_CUSTOMER)

    speaks = effective_terms(version)
    assert (speaks.speaking(phone.pk).facts.value, speaks.speaking(phone.pk).origin) == (True, "from the group Support")
    assert speaks.speaking(chat.pk).facts.state is TermState.SET_PER_CUSTOMER


def test_a_feature_that_can_not_hear_its_group_goes_by_what_stands_further_off() -> None:
    above = FeatureGroupFactory()
    group = FeatureGroupFactory(parent=above)
    tier, seats = TierFactory(group=group), SeatsFactory(group=group)
    version = PlanVersionFactory()
    on_group(version, group, state=TermState.UNLIMITED)
    on_group(version, above, state=TermState.NOT_INCLUDED)
    speaks = effective_terms(version)
    assert speaks.speaking(tier.pk).facts.state is TermState.NOT_INCLUDED
    assert speaks.speaking(seats.pk).facts.value is UNLIMITED


def test_an_amount_of_a_group_reaches_what_is_counted_alike() -> None:
    storage = StorageFactory()
    seats, gate = SeatsFactory(group=storage.group), FeatureFactory(group=storage.group)
    version = PlanVersionFactory()
    term = on_group(version, storage.group, amount=5 * 10**9, typed_unit="GB")
    speaks = effective_terms(version)
    assert speaks.speaking(storage.pk).facts.value == Decimal(5 * 10**9)
    assert [speaks.speaking(one.pk) for one in (seats, gate)] == [None, None]
    assert cell_text(term) == "5 GB"


def test_every_case_in_which_something_may_speak_differently_is_listed() -> None:
    seats, market = SeatsFactory(), MarketFactory(key="eu")
    version = PlanVersionFactory()
    PlanTermFactory(version=version, feature=seats, amount=10)
    PlanTermFactory(version=version, feature=seats, amount=2, phase="trial")
    PlanTermFactory(version=version, feature=seats, amount=12, market=market)
    found = {case: speaking.facts.value for (_, case), speaking in effective_terms(version).items()}
    assert found == {
        GENERAL: Decimal(10),
        Case("trial"): Decimal(2),
        Case(market="eu"): Decimal(12),
        Case("trial", "eu"): Decimal(2),
    }


def test_a_pause_hears_only_what_is_written_for_it() -> None:
    term = PlanTermFactory(feature=SeatsFactory(), amount=10)
    assert effective_terms(term.version).speaking(term.feature_id, Case("paused")) is None


def test_the_reads_do_not_grow_with_the_versions(django_assert_num_queries: object) -> None:
    lower = PlanVersionFactory()
    PlanTermFactory(version=lower)
    publish_now(lower)
    versions = [PlanTermFactory(version__includes=lower).version for _ in range(4)]
    with django_assert_num_queries(6):  # type: ignore[operator]
        effective_of(versions)
    with django_assert_num_queries(3):  # type: ignore[operator]
        assert len(terms_of(versions[0])) == 1


WHEN = datetime.fromisoformat("2026-03-01T00:00:00+00:00")
CASES = st.builds(
    Case, st.sampled_from(["", *PHASES]), st.sampled_from(["", "eu", "us"]), st.sampled_from(["", *INTERVALS])
)
PLACES = st.tuples(CASES, st.integers(0, 2), st.integers(0, 2))


@given(places=st.lists(PLACES, max_size=6), asked=CASES)
def test_the_same_term_speaks_here_as_in_the_resolver(places: list, asked: Case) -> None:
    written = [Written(n, case, TermFacts(), depth, distance) for n, (case, depth, distance) in enumerate(places, 1)]
    facts = [
        TermFact(
            id=str(one.id),
            feature="seats",
            state=TermState.NOT_INCLUDED,
            phase=Phase(one.case.phase) if one.case.phase else None,
            market=one.case.market or None,
            interval=one.case.interval or None,
            depth=one.depth,
            group_distance=one.distance,
        )
        for one in written
    ]
    item = ItemFact("1", "s", "pro", "v1", 1, Window(), interval=asked.interval or None)
    version = VersionFact("v1", "pro", "Pro", 1, PlanKind.PLAN)
    holder = live(item, version=version, phase=Phase(asked.phase) if asked.phase else Phase.ACTIVE)
    heard = hear(matching(facts, by=holder, market=asked.market or None), by=holder, at=WHEN).speaker
    found = speaker(written, case=asked)
    assert (heard and heard.id) == (found and str(found.id))
