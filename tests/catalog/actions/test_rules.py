"""Rules by date: never for the past, struck while they are to come, and four eyes on what takes something away."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from catalog.actions.rules import KIND, pending_request, request_rules, set_rules, strike_rules
from catalog.domain.fallbacks import Fallbacks, UseEffect
from catalog.domain.rules import FeatureRules, Threshold, Told, rules_of
from catalog.domain.values import Combine, ParentRule, Reset
from catalog.models import Feature, FeatureRevision
from catalog.queries.rules import rules_at
from journal.actions import approvals
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NeedsSecondPerson, NotAllowed, Refusal, Stale
from journal.models import Approval, AuditEvent
from tests.catalog.factories import EPOCH, FeatureFactory, FeatureRevisionFactory, SeatsFactory, published_version
from tests.conftest import actor

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
KEPT = FeatureRules(kept_when_suspended=True)
LOST = FeatureRules()


@pytest.fixture
def feature(db: None) -> Feature:
    """A gate that plans give and suspended accounts keep."""
    found = FeatureFactory(name="SSO")
    FeatureRevisionFactory(feature=found, kept_when_suspended=True)
    published_version(feature=found)
    return found


@pytest.fixture
def second(db: None) -> Actor:
    return actor("finance", name="Second Person")


def test_rules_hold_from_their_instant_and_the_past_stays(feature: Feature, finance: Actor, at: datetime) -> None:
    more = replace(KEPT, combine=Combine.MOST_GENEROUS, parent_rule=ParentRule.INHERIT)
    set_rules(feature=feature, rules=more, effective_at=at + 3 * DAY, by=finance, at=at)
    assert rules_at(feature=feature, at=at + 3 * DAY - timedelta(seconds=1)) == KEPT
    assert rules_at(feature=feature, at=at + 3 * DAY) == more
    event = AuditEvent.objects.get(verb="feature_rules:set")
    assert event.changes == {"parent_rule": ["own", "inherit"]}


def test_every_rule_is_kept(finance: Actor, at: datetime) -> None:
    seats = SeatsFactory()
    rules = FeatureRules(
        combine=Combine.ADD,
        parent_rule=ParentRule.SHARED,
        fallbacks=Fallbacks(UseEffect.IRREVERSIBLE, seconds=60),
        thresholds=(Threshold(50, Told.SALES),),
        buffer_percent=5,
    )
    assert rules_of(set_rules(feature=seats, rules=rules, effective_at=at, by=finance, at=at)) == rules


def test_a_feature_without_rules_had_the_usual_ones_before_its_first(finance: Actor, at: datetime) -> None:
    feature = FeatureFactory()
    set_rules(feature=feature, rules=KEPT, effective_at=at, by=finance, at=at)
    assert rules_at(feature=feature, at=at - DAY) == FeatureRules()


def test_what_was_to_begin_at_the_same_instant_gives_way(feature: Feature, finance: Actor, at: datetime) -> None:
    rules = replace(KEPT, parent_rule=ParentRule.INHERIT)
    set_rules(feature=feature, rules=rules, effective_at=at + DAY, by=finance, at=at)
    other = replace(rules, thresholds=())
    set_rules(feature=feature, rules=other, effective_at=at + DAY, by=finance, at=at)
    assert rules_of(feature.revisions.get(effective_at=at + DAY)) == other


@pytest.mark.parametrize("before", [timedelta(seconds=1), 400 * DAY])
def test_rules_never_change_the_past(before: timedelta, feature: Feature, finance: Actor, at: datetime) -> None:
    with pytest.raises(Invalid) as refused:
        set_rules(feature=feature, rules=LOST, effective_at=at - before, by=finance, at=at)
    assert refused.value.field == "effective_at"


def test_rules_do_not_begin_before_the_first_that_are_to_come(finance: Actor, at: datetime) -> None:
    feature = FeatureFactory()
    FeatureRevisionFactory(feature=feature, effective_at=at + 9 * DAY)
    with pytest.raises(Invalid, match="begin on"):
        set_rules(feature=feature, rules=KEPT, effective_at=at + DAY, by=finance, at=at)


def test_to_change_nothing_is_refused(feature: Feature, finance: Actor, at: datetime) -> None:
    with pytest.raises(Refusal, match="Nothing would change"):
        set_rules(feature=feature, rules=KEPT, effective_at=at, by=finance, at=at)


def test_rules_that_make_no_sense_are_refused(feature: Feature, finance: Actor, at: datetime) -> None:
    with pytest.raises(Invalid) as refused:
        set_rules(feature=feature, rules=replace(KEPT, default_reset=Reset.DAY), effective_at=at, by=finance, at=at)
    assert refused.value.field == "default_reset"


def test_sales_may_not(feature: Feature, sales: Actor, at: datetime) -> None:
    for act in (set_rules, request_rules):
        with pytest.raises(NotAllowed):
            act(feature=feature, rules=LOST, effective_at=at, reason="Why", by=sales, at=at)


def test_what_takes_something_away_needs_a_reason(feature: Feature, finance: Actor, at: datetime) -> None:
    for act in (set_rules, request_rules):
        with pytest.raises(Invalid) as refused:
            act(feature=feature, rules=LOST, effective_at=at, reason=" ", by=finance, at=at)
        assert refused.value.field == "reason"


def test_what_takes_something_away_needs_a_second_person(feature: Feature, finance: Actor, at: datetime) -> None:
    with pytest.raises(NeedsSecondPerson, match="no longer keeps it"):
        set_rules(feature=feature, rules=LOST, effective_at=at, reason="Policy", by=finance, at=at)
    assert feature.revisions.count() == 1


def test_of_a_feature_nobody_has_nothing_is_taken_away(finance: Actor, at: datetime) -> None:
    feature = FeatureFactory()
    FeatureRevisionFactory(feature=feature, kept_when_suspended=True)
    set_rules(feature=feature, rules=LOST, effective_at=at, by=finance, at=at)
    assert rules_at(feature=feature, at=at) == LOST


def test_a_second_person_approves_and_it_holds(feature: Feature, finance: Actor, second: Actor, at: datetime) -> None:
    starts = at + 5 * DAY
    asked = request_rules(feature=feature, rules=LOST, effective_at=starts, reason="Policy", by=finance, at=at)
    assert rules_at(feature=feature, at=starts) == KEPT
    approvals.approve(approval=asked, by=second, at=at + DAY)
    assert (rules_at(feature=feature, at=starts - DAY), rules_at(feature=feature, at=starts)) == (KEPT, LOST)
    assert AuditEvent.objects.get(verb="feature_rules:set").actor_name == "Second Person"


def test_approved_late_it_holds_from_the_approval_on(
    feature: Feature, finance: Actor, second: Actor, at: datetime
) -> None:
    asked = request_rules(feature=feature, rules=LOST, effective_at=at, reason="Policy", by=finance, at=at)
    approvals.approve(approval=asked, by=second, at=at + DAY)
    assert (rules_at(feature=feature, at=at), rules_at(feature=feature, at=at + DAY)) == (KEPT, LOST)


def test_nobody_approves_what_they_asked_themselves(feature: Feature, finance: Actor, at: datetime) -> None:
    asked = request_rules(feature=feature, rules=LOST, effective_at=at, reason="Policy", by=finance, at=at)
    with pytest.raises(NotAllowed, match="yourself"):
        approvals.approve(approval=asked, by=finance, at=at)


def test_the_request_says_what_customers_lose(feature: Feature, finance: Actor, at: datetime) -> None:
    asked = request_rules(feature=feature, rules=LOST, effective_at=at, reason="Policy", by=finance, at=at)
    assert asked.summary.startswith(
        "New rules of SSO from the approval on.\nCustomers lose: a suspended account no longer"
    )
    assert pending_request(feature=feature) == asked


def test_one_request_at_a_time(feature: Feature, finance: Actor, second: Actor, at: datetime) -> None:
    request_rules(feature=feature, rules=LOST, effective_at=at, reason="Policy", by=finance, at=at)
    with pytest.raises(Refusal, match="has asked for other rules"):
        request_rules(feature=feature, rules=LOST, effective_at=at, reason="Policy", by=second, at=at)


def test_what_takes_nothing_away_is_not_put_to_anybody(feature: Feature, finance: Actor, at: datetime) -> None:
    more = replace(KEPT, parent_rule=ParentRule.INHERIT)
    with pytest.raises(Refusal, match="set it yourself"):
        request_rules(feature=feature, rules=more, effective_at=at, reason="Why", by=finance, at=at)


def test_a_request_that_was_overtaken_is_refused_and_stays_open(
    feature: Feature, finance: Actor, second: Actor, at: datetime
) -> None:
    asked = request_rules(feature=feature, rules=LOST, effective_at=at, reason="Policy", by=finance, at=at)
    more = replace(KEPT, parent_rule=ParentRule.INHERIT)
    set_rules(feature=feature, rules=more, effective_at=at, by=finance, at=at)
    with pytest.raises(Stale, match="have changed since"):
        approvals.approve(approval=asked, by=second, at=at + DAY)
    asked.refresh_from_db()
    assert asked.state == Approval.State.PENDING


def test_a_rejected_request_changes_nothing(feature: Feature, finance: Actor, second: Actor, at: datetime) -> None:
    asked = request_rules(feature=feature, rules=LOST, effective_at=at, reason="Policy", by=finance, at=at)
    approvals.reject(approval=asked, by=second, at=at)
    assert rules_at(feature=feature, at=at) == KEPT


def test_an_approval_serves_once_and_for_what_it_says(
    feature: Feature, finance: Actor, second: Actor, at: datetime
) -> None:
    asked = request_rules(feature=feature, rules=LOST, effective_at=at, reason="Policy", by=finance, at=at)
    approvals.approve(approval=asked, by=second, at=at + DAY)
    set_rules(feature=feature, rules=KEPT, effective_at=at + 2 * DAY, by=finance, at=at + 2 * DAY)
    again = {"feature": feature, "effective_at": at + 3 * DAY, "by": second, "at": at + 3 * DAY, "reason": "Again"}
    with pytest.raises(NeedsSecondPerson, match="not for this"):
        set_rules(rules=LOST, approval=asked, **again)


def test_rules_to_come_are_struck_and_those_before_go_on(feature: Feature, finance: Actor, at: datetime) -> None:
    more = replace(KEPT, thresholds=())
    revision = set_rules(feature=feature, rules=more, effective_at=at + DAY, by=finance, at=at)
    strike_rules(revision=revision, reason="Too early", by=finance, at=at)
    assert rules_at(feature=feature, at=at + 2 * DAY) == KEPT
    assert AuditEvent.objects.get(verb="feature_rules:strike").reason == "Too early"
    assert FeatureRevision.history.filter(history_type="-").count() == 1


def test_rules_in_force_are_not_struck(feature: Feature, finance: Actor, at: datetime) -> None:
    with pytest.raises(Refusal, match="past never changes"):
        strike_rules(revision=feature.revisions.get(effective_at=EPOCH), reason="Why", by=finance, at=at)


def test_the_only_rules_are_not_struck(finance: Actor, at: datetime) -> None:
    revision = FeatureRevisionFactory(effective_at=at + DAY)
    with pytest.raises(Refusal, match="only rules"):
        strike_rules(revision=revision, reason="Why", by=finance, at=at)


def test_striking_says_why(feature: Feature, finance: Actor, at: datetime) -> None:
    revision = FeatureRevisionFactory(feature=feature, effective_at=at + DAY)
    with pytest.raises(Invalid) as refused:
        strike_rules(revision=revision, reason="", by=finance, at=at)
    assert refused.value.field == "reason"


def test_struck_twice_the_second_is_told(feature: Feature, finance: Actor, at: datetime) -> None:
    revision = FeatureRevisionFactory(feature=feature, effective_at=at + DAY)
    copy = FeatureRevision.objects.get(pk=revision.pk)
    strike_rules(revision=revision, reason="Why", by=finance, at=at)
    with pytest.raises(Stale):
        strike_rules(revision=copy, reason="Why", by=finance, at=at)


def test_only_those_who_approve_publications_decide(
    feature: Feature, finance: Actor, sales: Actor, at: datetime
) -> None:
    asked = request_rules(feature=feature, rules=LOST, effective_at=at, reason="Policy", by=finance, at=at)
    assert asked.kind == KIND
    with pytest.raises(NotAllowed):
        approvals.approve(approval=asked, by=sales, at=at)
