"""Striking rules to come of which customers would have gained: one asks, another decides."""

from datetime import datetime, timedelta

import pytest

from catalog.actions.rules import request_rules, request_striking, set_rules, strike_rules
from catalog.domain.rules import FeatureRules
from catalog.models import Feature, FeatureRevision
from journal.actions import approvals
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NeedsSecondPerson, NotAllowed, Refusal, Stale
from tests.catalog.factories import FeatureFactory, FeatureRevisionFactory, published_version
from tests.conftest import actor

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def promised(at: datetime) -> FeatureRevision:
    """A gate that plans give; from the day after tomorrow on suspended accounts keep it."""
    feature = FeatureFactory(name="SSO")
    FeatureRevisionFactory(feature=feature)
    published_version(feature=feature)
    return FeatureRevisionFactory(feature=feature, effective_at=at + 2 * DAY, kept_when_suspended=True)


@pytest.fixture
def second(db: None) -> Actor:
    return actor("finance", name="Second Person")


def left(revision: FeatureRevision) -> int:
    return Feature.objects.get(pk=revision.feature_id).revisions.count()


def test_a_second_person_approves_and_they_are_struck(
    promised: FeatureRevision, finance: Actor, second: Actor, at: datetime
) -> None:
    asked = request_striking(revision=promised, reason="Too early", by=finance, at=at)
    assert asked.summary == (
        "The rules of SSO that were to begin on 4 March 2026 09:00 (UTC) are struck.\n"
        "Customers lose: a suspended account no longer keeps it."
    )
    approvals.approve(approval=asked, by=second, at=at + DAY)
    assert left(promised) == 1


def test_nobody_strikes_them_alone(promised: FeatureRevision, finance: Actor, at: datetime) -> None:
    with pytest.raises(NeedsSecondPerson, match="no longer keeps it"):
        strike_rules(revision=promised, reason="Too early", by=finance, at=at)
    assert left(promised) == 2


def test_it_is_asked_with_a_reason_and_by_whoever_may(
    promised: FeatureRevision, finance: Actor, sales: Actor, at: datetime
) -> None:
    with pytest.raises(Invalid):
        request_striking(revision=promised, reason=" ", by=finance, at=at)
    with pytest.raises(NotAllowed):
        request_striking(revision=promised, reason="Why", by=sales, at=at)


def test_one_request_about_the_rules_waits_at_a_time(promised: FeatureRevision, finance: Actor, at: datetime) -> None:
    request_striking(revision=promised, reason="Too early", by=finance, at=at)
    with pytest.raises(Refusal, match="decide that first"):
        request_rules(
            feature=promised.feature, rules=FeatureRules(), effective_at=at + 3 * DAY, reason="No", by=finance, at=at
        )


def test_what_changed_or_has_begun_since_is_not_struck(
    promised: FeatureRevision, finance: Actor, second: Actor, at: datetime
) -> None:
    asked = request_striking(revision=promised, reason="Too early", by=finance, at=at)
    with pytest.raises(Refusal, match="in force or past"):
        approvals.approve(approval=asked, by=second, at=at + 3 * DAY)
    more = FeatureRules(kept_when_suspended=True, buffer_percent=0, thresholds=())
    set_rules(feature=promised.feature, rules=more, effective_at=at + 2 * DAY, by=finance, at=at)
    with pytest.raises(Stale, match="have changed since"):
        approvals.approve(approval=asked, by=second, at=at + DAY)


def test_where_nobody_loses_there_is_nothing_to_ask(finance: Actor, at: datetime) -> None:
    feature = FeatureFactory()
    FeatureRevisionFactory(feature=feature)
    coming = FeatureRevisionFactory(feature=feature, effective_at=at + DAY, kept_when_suspended=True)
    with pytest.raises(Refusal, match="strike it yourself"):
        request_striking(revision=coming, reason="Why", by=finance, at=at)
    strike_rules(revision=coming, reason="Why", by=finance, at=at)
    assert left(coming) == 1
