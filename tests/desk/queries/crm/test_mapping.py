"""A mapping is read as it is kept."""

import pytest

from desk.domain.crm.mapping import Condition, DealTerms, Reading, Target
from desk.models import DealMapping, MappingState
from desk.queries.crm.mapping import fields_read, in_force, read_mapping, read_reading, shapes_of
from entitlements.domain.facts import Mode
from tests.desk.crm import crm, kept

pytestmark = pytest.mark.django_db


def test_its_rules_in_their_order_and_its_terms():
    read = read_mapping(in_force(crm().connection))
    assert read.terms == DealTerms(months=Reading("12"), renews=True)
    assert [(rule.key, rule.target) for rule in read.rules] == [
        ("team", Target.PLAN), ("seats", Target.FEATURE), ("longer", Target.TRIAL), ("fee", Target.NOTHING)
    ]  # fmt: skip
    team, seats, longer, _fee = read.rules
    assert (team.plan, team.products) == ("team", ("TEAM",))
    assert (seats.feature, seats.mode, seats.value) == ("seats", Mode.ADD, Reading(line_field="Seats"))
    assert (longer.where, longer.days) == ((Condition("Kind", ("trial",)),), Reading(deal_field="TrialDays"))
    assert list(shapes_of(read)) == ["seats"]


def test_what_has_to_be_asked_for():
    row = in_force(crm().connection)
    assert fields_read(row) == (("Kind", "TrialDays"), ("Seats",))
    assert fields_read(None) == ((), ())


def test_a_reading_may_be_kept_in_part():
    assert read_reading(None) == read_reading({}) == Reading()


def test_none_is_in_force_where_none_was_switched_on():
    connection = crm().connection
    row = DealMapping.objects.get()
    row.state = MappingState.FORMER
    kept(row)
    assert in_force(connection) is None
