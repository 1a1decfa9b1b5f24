"""One cell at a time: for a case, for a group, multiplied, divided, and emptied again."""

from datetime import datetime
from decimal import Decimal

import pytest

from catalog.actions.terms import Rules, clear_term, set_term
from catalog.domain.cases import GENERAL, Case
from catalog.domain.values import Enforcement, Scaling
from catalog.models import PlanTerm, PlanVersion, SubLimit
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NotAllowed, NotFound, Refusal, Stale
from journal.models import AuditEvent
from tests.catalog.calls import api_calls
from tests.catalog.factories import (
    FeatureFactory,
    MarketFactory,
    PlanTermFactory,
    PlanVersionFactory,
    SeatsFactory,
    StorageFactory,
    published_version,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(db: None) -> PlanVersion:
    return PlanVersionFactory()


@pytest.mark.parametrize(
    "case",
    [Case("trial"), Case(market="eu"), Case(interval="year"), Case("grace", "eu"), Case("paused", "eu", "month")],
)
def test_a_term_for_a_case_stands_beside_the_general_one(
    draft: PlanVersion, finance: Actor, at: datetime, case: Case
) -> None:
    MarketFactory(key="eu")
    seats = SeatsFactory()
    set_term(version=draft, feature=seats, reading="10", edits=0, by=finance, at=at)
    set_term(version=draft, feature=seats, reading="5", case=case, edits=1, by=finance, at=at)
    set_term(version=draft, feature=seats, reading="6", case=case, edits=2, by=finance, at=at)
    assert sorted(draft.terms.values_list("amount", flat=True)) == [6, 10]


def test_the_audit_names_the_case(draft: PlanVersion, finance: Actor, at: datetime) -> None:
    seats = SeatsFactory(key="seats", name="Seats")
    set_term(version=draft, feature=seats, reading="5", case=Case("trial"), edits=0, by=finance, at=at)
    event = AuditEvent.objects.get()
    assert (event.subject_label, event.changes) == (
        f"{draft}: Seats (during a trial)",
        {"seats (during a trial)": [None, "5"]},
    )


def test_a_market_that_is_not_there_has_no_terms(draft: PlanVersion, finance: Actor, at: datetime) -> None:
    with pytest.raises(NotFound, match="no market with the key mars"):
        set_term(version=draft, feature=SeatsFactory(), reading="5", case=Case("", "mars"), edits=0, by=finance, at=at)


def test_a_group_says_what_its_members_hear(draft: PlanVersion, finance: Actor, at: datetime) -> None:
    group = FeatureFactory().group
    term = set_term(version=draft, feature=group, reading="Included", edits=0, by=finance, at=at)
    assert (term.group, term.state, term.amount) == (group, "value", None)
    with pytest.raises(Invalid, match="can't be said of all of"):
        set_term(version=draft, feature=group, reading="100", edits=1, by=finance, at=at)


def test_an_amount_of_a_group_is_refused_once_not_all_is_counted_alike(
    draft: PlanVersion, finance: Actor, at: datetime
) -> None:
    storage = StorageFactory()
    term = set_term(version=draft, feature=storage.group, reading="10 GB", edits=0, by=finance, at=at)
    assert term.amount == 10 * 10**9
    SeatsFactory(group=storage.group)
    with pytest.raises(Invalid, match="not everything in it is counted alike"):
        set_term(version=draft, feature=storage.group, reading="20 GB", edits=1, by=finance, at=at)


def test_an_amount_is_multiplied_by_the_rules_or_by_words(draft: PlanVersion, finance: Actor, at: datetime) -> None:
    storage, seats = StorageFactory(), SeatsFactory(key="seats", name="Seats")
    rules = Rules(scaling=Scaling.EACH_SEAT_OF, seats_of=seats)
    term = set_term(version=draft, feature=storage, reading="1 GB", rules=rules, edits=0, by=finance, at=at)
    assert (term.scaling, term.seats_of) == ("each_seat_of", seats)
    words = "1 GB per seat of Seats, pooled"
    term = set_term(version=draft, feature=storage, reading=words, edits=1, by=finance, at=at)
    assert (term.scaling, term.seats_of) == ("per_seat_of", seats)
    assert AuditEvent.objects.latest("seq").changes[storage.key] == ["1 GB for each seat of Seats", words]
    term = set_term(version=draft, feature=storage, reading="1 GB", edits=2, by=finance, at=at)
    assert (term.scaling, term.seats_of) == ("flat", None)


def test_parts_are_written_changed_and_taken_away(draft: PlanVersion, finance: Actor, at: datetime) -> None:
    calls = api_calls()
    asked = {"version": draft, "feature": calls, "by": finance, "at": at}
    set_term(reading="1,000; of which Large model: 100, Small model: no", edits=0, **asked)
    assert set(SubLimit.objects.values_list("choice__key", "state", "amount")) == {
        ("large", "value", 100),
        ("small", "not_included", None),
    }
    set_term(reading="1,000; of which Large model: 200", edits=1, **asked)
    assert list(SubLimit.objects.values_list("choice__key", "amount")) == [("large", 200)]
    set_term(reading="1,000", rules=Rules(sub_limits=(("model.small", Decimal(5)),)), edits=2, **asked)
    assert list(SubLimit.objects.values_list("choice__key", "amount")) == [("small", 5)]
    set_term(reading="no", edits=3, **asked)
    assert not SubLimit.objects.exists()


def test_overage_up_to_a_percentage_is_soft_unless_it_is_charged(
    draft: PlanVersion, finance: Actor, at: datetime
) -> None:
    storage = StorageFactory()
    asked = {"version": draft, "feature": storage, "by": finance, "at": at}
    term = set_term(reading="8 GB, up to 20 % beyond", edits=0, **asked)
    assert (term.enforcement, term.overage_percent) == ("soft", 20)
    term = set_term(reading="8 GB, then $1 per GB, up to 20 % beyond", edits=1, **asked)
    assert (term.enforcement, term.overage_percent) == ("track", 20)


@pytest.mark.parametrize(
    ("reading", "rules", "field"),
    [
        ("5", Rules(scaling=Scaling.PER_SEAT_OF), "seats_of"),
        ("5, up to 20 % beyond", Rules(enforcement=Enforcement.HARD), "overage_percent"),
        ("5, hard limit, up to 20 % beyond", Rules(), "reading"),
        ("10 apples", Rules(), "reading"),
    ],
)
def test_rules_that_contradict_each_other_are_refused_beside_their_input(
    draft: PlanVersion, finance: Actor, at: datetime, reading: str, rules: Rules, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        set_term(version=draft, feature=SeatsFactory(), reading=reading, rules=rules, edits=0, by=finance, at=at)
    assert refused.value.field == field
    assert not PlanTerm.objects.exists()


def test_nothing_is_multiplied_by_itself_and_a_gate_by_nothing(
    draft: PlanVersion, finance: Actor, at: datetime
) -> None:
    seats = SeatsFactory()
    rules = Rules(scaling=Scaling.PER_SEAT_OF, seats_of=seats)
    with pytest.raises(Invalid, match="by itself"):
        set_term(version=draft, feature=seats, reading="5", rules=rules, edits=0, by=finance, at=at)
    with pytest.raises(Invalid, match="no amount that could be multiplied"):
        set_term(version=draft, feature=FeatureFactory(), reading="yes", rules=rules, edits=0, by=finance, at=at)


def test_what_is_not_understood_is_quoted_with_what_to_write(draft: PlanVersion, finance: Actor, at: datetime) -> None:
    with pytest.raises(Invalid, match=r"In “10 apples”, “apples” is not understood; .* is counted in seats"):
        set_term(version=draft, feature=SeatsFactory(), reading="10 apples", edits=0, by=finance, at=at)
    with pytest.raises(Invalid, match="is not used up, so it does not come again"):
        set_term(version=draft, feature=SeatsFactory(), reading="10 a month", edits=0, by=finance, at=at)


def test_a_cell_is_emptied_for_its_case_alone(draft: PlanVersion, finance: Actor, at: datetime) -> None:
    general = PlanTermFactory(version=draft, feature=SeatsFactory(key="seats"), amount=5)
    PlanTermFactory(version=draft, feature=general.feature, amount=2, phase="trial")
    asked = {"version": draft, "feature": general.feature, "by": finance, "at": at}
    clear_term(case=Case("trial"), edits=0, reason="one trial for all", **asked)

    assert draft.terms.get() == general
    event = AuditEvent.objects.get(verb="plan_term:clear")
    assert (event.changes, event.reason) == ({"seats (during a trial)": ["2", None]}, "one trial for all")
    with pytest.raises(Refusal, match="nothing to take away"):
        clear_term(case=Case("trial"), edits=1, **asked)


def test_emptying_needs_the_draft_as_it_was_seen_and_the_right(
    draft: PlanVersion, finance: Actor, support_agent: Actor, at: datetime
) -> None:
    term = PlanTermFactory(version=draft)
    asked = {"version": draft, "feature": term.feature, "case": GENERAL, "at": at}
    with pytest.raises(Stale):
        clear_term(edits=7, by=finance, **asked)
    with pytest.raises(NotAllowed):
        clear_term(edits=0, by=support_agent, **asked)
    version = published_version()
    with pytest.raises(Refusal, match="never changes"):
        clear_term(version=version, feature=version.terms.get().feature, case=GENERAL, edits=0, by=finance, at=at)
