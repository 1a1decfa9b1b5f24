"""How prepaid help is used up is set by whoever may, refused where it can't be right, and audited."""

import pytest

from catalog.domain.values import Kind
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.models import AuditEvent
from support.actions.allowances.rules import (
    Rule,
    bring_allowance_back,
    edit_allowance,
    retire_allowance,
    set_up_allowance,
)
from support.domain.cover_terms import AtZero, CountedOn, Counts
from support.queries.allowances.concerned import concerned_by
from tests.catalog.factories import FeatureFactory
from tests.conftest import actor
from tests.support.casework import tier_feature
from tests.support.counting_world import AT, a_case, supported
from tests.support.factories import AllowanceFactory

pytestmark = pytest.mark.django_db
CASES, TIME = Counts.CASES, Counts.TIME


def credits(**shape):
    return FeatureFactory(**{"kind": Kind.CREDIT, "unit": "incident", "name": "Incidents", **shape})


def hours(**shape):
    return credits(**{"unit": "hour", "scale": 60, "name": "Support hours", **shape})


def set_up(feature, rule, *, by=None):
    return set_up_allowance(feature=feature, rule=rule, by=by or actor("finance"), at=AT)


def test_credits_become_prepaid_help():
    tier_feature()
    row = set_up(hours(), Rule(TIME, unit_minutes=15, at_zero=AtZero.OVERDRAW, default_tier="standard"))
    assert (row.counts, row.unit_minutes, row.at_zero, row.default_tier) == ("time", 15, "overdraw", "standard")
    assert AuditEvent.objects.get(verb="allowance:set_up").changes["unit_minutes"] == [None, 15]


@pytest.mark.parametrize(
    ("feature", "rule", "field", "says"),
    [
        (lambda: FeatureFactory(name="SSO"), Rule(CASES), "feature", "SSO is no credits"),
        (credits, Rule(TIME), "counts", "only hours or minutes are used up by time"),
        (hours, Rule(CASES), "counts", "a case takes one whole unit"),
        (credits, Rule(CASES, unit_minutes=15), "unit_minutes", "nothing is rounded"),
        (hours, Rule(TIME, unit_minutes=1441), "unit_minutes", "0 to 1,440 minutes"),
        (hours, Rule(TIME, unit_minutes=-1), "unit_minutes", "0 to 1,440 minutes"),
        (hours, Rule(TIME, counted_on=CountedOn.RESOLVING), "counted_on", "when it is entered"),
        (credits, Rule(CASES, default_tier="gold"), "default_tier", "no support tier 'gold'; there are: none yet"),
    ],
)
def test_what_cannot_be_right_is_refused_where_it_was_typed(feature, rule, field, says):
    with pytest.raises(Invalid, match=says) as refused:
        set_up(feature(), rule)
    assert refused.value.field == field


def test_one_feature_is_one_allowance():
    feature = credits()
    set_up(feature, Rule(CASES))
    with pytest.raises(Invalid, match="prepaid help already") as refused:
        set_up(feature, Rule(CASES))
    assert refused.value.field == "feature"


def test_a_change_writes_a_version_and_nothing_where_nothing_changes():
    row = AllowanceFactory()
    changed = edit_allowance(allowance=row, rule=Rule(CASES, CountedOn.RESOLVING), by=actor("finance"), at=AT)
    assert changed.counted_on == "resolving"
    edit_allowance(allowance=row, rule=Rule(CASES, CountedOn.RESOLVING), by=actor("finance"), at=AT)
    assert AuditEvent.objects.filter(verb="allowance:edit").count() == 1
    assert row.history.count() == 2


def test_somebody_was_faster():
    row = AllowanceFactory()
    with pytest.raises(Stale):
        edit_allowance(allowance=row, rule=Rule(CASES), by=actor("finance"), at=AT, seen="other")


def test_what_was_counted_on_keeps_what_uses_it_up():
    acme, row = supported(5)
    a_case(acme)
    with pytest.raises(Invalid, match="Cases were counted on it already") as refused:
        edit_allowance(allowance=row, rule=Rule(TIME), by=actor("finance"), at=AT)
    assert refused.value.field == "counts"


def test_retired_and_brought_back_each_once():
    row = AllowanceFactory()
    retire_allowance(allowance=row, by=actor("finance"), at=AT)
    with pytest.raises(Refusal, match="retired already"):
        retire_allowance(allowance=row, by=actor("finance"), at=AT)
    assert bring_allowance_back(allowance=row, by=actor("finance"), at=AT).retired_at is None
    with pytest.raises(Refusal, match="in use"):
        bring_allowance_back(allowance=row, by=actor("finance"), at=AT)


def test_who_may_not_is_refused():
    feature, row = credits(), AllowanceFactory()
    with pytest.raises(NotAllowed):
        set_up(feature, Rule(CASES), by=actor("support"))
    for act in (retire_allowance, bring_allowance_back):
        with pytest.raises(NotAllowed):
            act(allowance=row, by=actor("sales"), at=AT)


def test_whom_it_concerns():
    acme, row = supported(5)
    a_case(acme)
    found = concerned_by(row.feature, at=AT)
    assert (found.granted, found.by_plan, found.customers, found.open_cases) == (1, 0, 1, 1)
