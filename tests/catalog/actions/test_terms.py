"""Cells of a draft: given a meaning, settled, sold as an add-on."""

from datetime import datetime
from decimal import Decimal

import pytest

from catalog.actions.terms import Rules, name_add_on, set_term, settle
from catalog.domain.cells import Reading
from catalog.domain.values import Enforcement, Reset, TermState
from catalog.models import PlanTerm, PlanVersion
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.models import AuditEvent
from tests.catalog.factories import (
    AddOnFactory,
    FeatureFactory,
    PlanFactory,
    PlanTermFactory,
    PlanVersionFactory,
    RetentionFactory,
    RolesFactory,
    SeatsFactory,
    StorageFactory,
    TierFactory,
    published_version,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(db: None) -> PlanVersion:
    return PlanVersionFactory()


def test_finance_types_a_cell_as_it_stands_on_a_price_page(draft: PlanVersion, finance: Actor, at: datetime) -> None:
    term = set_term(
        version=draft, feature=StorageFactory(), reading="8 GB, then $0.125 per GB", edits=0, by=finance, at=at
    )
    assert (term.value, term.typed_unit, term.enforcement) == (Decimal(8 * 10**9), "GB", "track")
    assert [(line.amount_micros, line.per_amount) for line in term.price_lines.all()] == [(125_000, 10**9)]


def test_the_audit_tells_what_the_cell_said_before_and_after(draft: PlanVersion, finance: Actor, at: datetime) -> None:
    term = PlanTermFactory(version=draft, feature=StorageFactory(key="storage"), amount=10**9, typed_unit="GB")
    set_term(version=draft, feature=term.feature, reading="2 GB", edits=0, reason="asked", by=finance, at=at)

    event = AuditEvent.objects.get(verb="plan_term:set")
    assert event.changes == {"storage": ["1 GB", "2 GB"]}
    assert (event.reason, event.subject_label) == ("asked", f"{draft}: {term.feature}")


@pytest.mark.parametrize(
    ("factory", "typed", "value"),
    [
        (FeatureFactory, "yes", True),
        (SeatsFactory, "2 Million", Decimal(2_000_000)),
        (RetentionFactory, "7 days", Decimal(7 * 86_400)),
        (TierFactory, "Smart", "smart"),
        (RolesFactory, "Owner, Billing", frozenset({"owner", "billing"})),
    ],
)
def test_every_kind_of_feature_takes_its_own_words(
    draft: PlanVersion, finance: Actor, at: datetime, factory: type, typed: str, value: object
) -> None:
    term = set_term(version=draft, feature=factory(), reading=typed, edits=0, by=finance, at=at)
    assert PlanTerm.objects.get(pk=term.pk).value == value


@pytest.mark.parametrize(
    ("typed", "state"),
    [("Unlimited", "unlimited"), ("no", "not_included"), ("Custom", "set_per_customer")],
)
def test_words_that_stand_for_a_whole_cell_are_states(
    draft: PlanVersion, finance: Actor, at: datetime, typed: str, state: str
) -> None:
    assert set_term(version=draft, feature=StorageFactory(), reading=typed, edits=0, by=finance, at=at).state == state


@pytest.mark.parametrize(
    "typed",
    ["Coming soon", "10 GB, then $-1 per GB", "30 GB every 2 weeks", "8 GB, then 0.125 per GB", "10 GB or 20 GB", "✓"],
)
def test_what_isnt_understood_whole_is_refused_with_its_own_words(
    draft: PlanVersion, finance: Actor, at: datetime, typed: str
) -> None:
    with pytest.raises(Refusal) as refused:
        set_term(version=draft, feature=StorageFactory(), reading=typed, edits=0, by=finance, at=at)
    assert refused.value.field == "reading"
    assert not PlanTerm.objects.exists()


def test_another_period_of_an_average_is_a_change_and_is_told(draft: PlanVersion, finance: Actor, at: datetime) -> None:
    storage = StorageFactory()
    first = set_term(version=draft, feature=storage, reading="8 GB a billing period", edits=0, by=finance, at=at)
    assert first.reset == "billing"
    second = set_term(version=draft, feature=storage, reading="8 GB a month", edits=1, by=finance, at=at)
    assert second.reset == "month"
    ((before, after),) = AuditEvent.objects.first().changes.values()
    assert "billing period" in before
    assert "month" in after


def test_each_edit_makes_the_forms_opened_before_it_stale(draft: PlanVersion, finance: Actor, at: datetime) -> None:
    set_term(version=draft, feature=SeatsFactory(), reading="5", edits=0, by=finance, at=at)
    with pytest.raises(Stale):
        set_term(version=draft, feature=SeatsFactory(), reading="6", edits=0, by=finance, at=at)
    assert PlanTerm.objects.count() == 1


def test_a_cell_that_can_not_be_read_is_refused_beside_its_input(
    draft: PlanVersion, finance: Actor, at: datetime
) -> None:
    with pytest.raises(Invalid, match="not an amount") as refused:
        set_term(version=draft, feature=SeatsFactory(), reading="fifty", edits=0, by=finance, at=at)
    assert refused.value.field == "reading"


def test_a_cell_that_says_the_same_already_is_told(draft: PlanVersion, finance: Actor, at: datetime) -> None:
    term = PlanTermFactory(version=draft, feature=SeatsFactory(), amount=5)
    with pytest.raises(Refusal, match="Nothing would change"):
        set_term(version=draft, feature=term.feature, reading="5", edits=0, by=finance, at=at)
    assert not AuditEvent.objects.exists()


def test_a_published_cell_never_changes(finance: Actor, at: datetime) -> None:
    version = published_version()
    feature = version.terms.get().feature
    with pytest.raises(Refusal, match="never changes"):
        set_term(version=version, feature=feature, reading="no", edits=version.edits, by=finance, at=at)


def test_support_may_not_write_a_cell(draft: PlanVersion, support_agent: Actor, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        set_term(version=draft, feature=SeatsFactory(), reading="5", edits=0, by=support_agent, at=at)


def test_a_changed_cell_keeps_what_stood_on_the_page(draft: PlanVersion, finance: Actor, at: datetime) -> None:
    term = PlanTermFactory(version=draft, feature=StorageFactory(), amount=1, source_text="1 B included")
    changed = set_term(version=draft, feature=term.feature, reading="2 GB", edits=0, by=finance, at=at)
    assert changed.source_text == "1 B included"


def test_a_limit_may_go_on_with_a_warning(draft: PlanVersion, finance: Actor, at: datetime) -> None:
    rules = Rules(Reset.DAY, Enforcement.SOFT, overage_percent=20)
    term = set_term(version=draft, feature=StorageFactory(), reading="1 GB", edits=0, rules=rules, by=finance, at=at)
    assert (term.reset, term.enforcement, term.overage_percent) == ("day", "soft", 20)


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        (Rules(reset=Reset.DAY), "reset"),
        (Rules(enforcement=Enforcement.HARD, overage_percent=10), "overage_percent"),
    ],
)
def test_rules_that_make_no_sense_for_seats_are_refused(
    draft: PlanVersion, finance: Actor, at: datetime, rules: Rules, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        set_term(version=draft, feature=SeatsFactory(), reading="5", edits=0, rules=rules, by=finance, at=at)
    assert refused.value.field == field


def test_a_gate_has_no_limit_to_keep(draft: PlanVersion, finance: Actor, at: datetime) -> None:
    rules = Rules(enforcement=Enforcement.SOFT)
    with pytest.raises(Invalid) as refused:
        set_term(version=draft, feature=FeatureFactory(), reading="yes", edits=0, rules=rules, by=finance, at=at)
    assert refused.value.field == "enforcement"


def test_a_person_settles_what_the_page_left_open(draft: PlanVersion, finance: Actor, at: datetime) -> None:
    term = PlanTermFactory(version=draft, state=TermState.UNSETTLED, source_text="Coming soon")
    settled = settle(term=term, reading="no", edits=0, reason="not in this year", by=finance, at=at)

    assert (settled.state, settled.source_text) == ("not_included", "Coming soon")
    assert AuditEvent.objects.get().reason == "not in this year"


def test_settling_needs_a_reason(draft: PlanVersion, finance: Actor, at: datetime) -> None:
    term = PlanTermFactory(version=draft, state=TermState.UNSETTLED)
    with pytest.raises(Invalid) as refused:
        settle(term=term, reading="no", edits=0, reason=" ", by=finance, at=at)
    assert refused.value.field == "reason"


def test_what_is_settled_is_not_settled_again(draft: PlanVersion, finance: Actor, at: datetime) -> None:
    with pytest.raises(Refusal, match="settled already"):
        settle(term=PlanTermFactory(version=draft), reading="no", edits=0, reason="x", by=finance, at=at)


def test_an_add_on_is_named_as_the_seller(draft: PlanVersion, finance: Actor, at: datetime) -> None:
    term = PlanTermFactory(version=draft, state=TermState.ADD_ON)
    add_on = AddOnFactory(name="Backups")
    name_add_on(term=term, add_on=add_on, edits=0, by=finance, at=at)

    term.refresh_from_db()
    assert term.sold_as == add_on
    key = term.feature.key
    assert AuditEvent.objects.get().changes == {key: ["sold as an add-on", "sold as an add-on (Backups)"]}


def test_a_plan_is_no_add_on(draft: PlanVersion, finance: Actor, at: datetime) -> None:
    term = PlanTermFactory(version=draft, state=TermState.ADD_ON)
    with pytest.raises(Invalid) as refused:
        name_add_on(term=term, add_on=PlanFactory(), edits=0, by=finance, at=at)
    assert refused.value.field == "sold_as"


def test_only_what_is_sold_as_an_add_on_names_one(draft: PlanVersion, finance: Actor, at: datetime) -> None:
    with pytest.raises(Refusal, match="not sold as an add-on"):
        name_add_on(term=PlanTermFactory(version=draft), add_on=AddOnFactory(), edits=0, by=finance, at=at)


def test_a_cell_that_stops_being_an_add_on_forgets_its_seller(draft: PlanVersion, finance: Actor, at: datetime) -> None:
    term = PlanTermFactory(version=draft, state=TermState.ADD_ON, sold_as=AddOnFactory())
    assert set_term(version=draft, feature=term.feature, reading="yes", edits=0, by=finance, at=at).sold_as is None


def test_a_reading_made_elsewhere_is_taken_as_it_is(draft: PlanVersion, finance: Actor, at: datetime) -> None:
    reading = Reading(TermState.VALUE, Decimal(7))
    assert set_term(version=draft, feature=SeatsFactory(), reading=reading, edits=0, by=finance, at=at).amount == 7
