"""What won deals become, drafted: each deed is in the audit in words, and what can't be said is refused at its input."""

from typing import Any

import pytest

from desk.actions.crm import mappings
from desk.domain.crm.mapping import Condition, DealTerms, Reading, Rule, Target
from desk.models import DealMapping, DealRule
from desk.queries.crm.mapping import read_mapping
from desk.queries.crm.mapping_versions import mapping_token
from entitlements.domain.facts import Mode
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.models import AuditEvent
from tests.conftest import actor
from tests.desk.mapped import crm, disk, drafted, longer, switched_on, team
from tests.entitlements.world import AT, catalog

pytestmark = pytest.mark.django_db
BY: dict[str, Any] = {"by": SYSTEM, "at": AT}


@pytest.fixture(autouse=True)
def _catalog() -> None:
    catalog()


def last_deed() -> AuditEvent:
    return AuditEvent.objects.latest("seq")


def test_the_first_draft_begins_empty() -> None:
    mapping = mappings.draft(connection=crm(), by=actor("finance"), at=AT)
    assert (mapping.number, mapping.state, mapping.rules.count()) == (1, "draft", 0)
    assert last_deed().verb == "deal_mapping:draft"


def test_only_who_may_change_mappings_drafts_one() -> None:
    with pytest.raises(NotAllowed):
        mappings.draft(connection=crm(), by=actor("sales"), at=AT)


def test_one_is_drafted_at_a_time() -> None:
    connection = crm()
    drafted(connection)
    with pytest.raises(Refusal, match="Version 1 is being drafted already"):
        mappings.draft(connection=connection, **BY)


def test_a_draft_of_what_is_in_force_keeps_its_rules_and_their_keys() -> None:
    connection = crm()
    former = switched_on(connection, team(), disk())
    again = mappings.draft(connection=connection, **BY)
    assert read_mapping(again) == read_mapping(former)
    assert again.number == 2


def test_a_rule_is_kept_as_it_was_said_and_told_in_words() -> None:
    mapping = drafted(crm())
    said = team(
        " TEAM-SEAT", "team-seat", interval="year",
        where=(Condition("Region", ("EMEA", " US ")),), starts=Reading(line_field="ServiceDate", deal_field="Start"),
    )  # fmt: skip
    row = mappings.add_rule(mapping=mapping, rule=said, **BY)
    assert row.key == "team-seat"
    assert row.products == ["TEAM-SEAT"]
    assert row.where == [{"field": "Region", "values": ["EMEA", "US"]}]
    assert row.readings == {"starts": {"line_field": "ServiceDate", "deal_field": "Start"}}
    assert last_deed().changes == {
        "rule 1": [
            None,
            "Each TEAM-SEAT whose Region is EMEA or US becomes Team × the line’s quantity, paid by the year, "
            "from the line’s ServiceDate, else the deal’s Start",
        ]
    }


def test_a_key_is_never_given_twice_in_a_connection() -> None:
    connection = crm()
    mapping = drafted(connection, team(), team())
    assert list(mapping.rules.values_list("key", flat=True)) == ["team-seat", "team-seat-2"]
    mappings.remove_rule(mapping=mapping, key="team-seat-2", **BY)
    assert mappings.add_rule(mapping=mapping, rule=team(), **BY).key == "team-seat-3"


REFUSED = [
    (team(quantity=Reading("five")), "quantity", "“five” is no number"),
    (team(quantity=Reading("0")), "quantity", "no whole number from 1"),
    (team(starts=Reading("1 March")), "starts", "no day such as 2026-03-31"),
    (team(starts=Reading("2026-03-02"), through=Reading("2026-03-01")), "through", "over before it begins"),
    (team(where=(Condition("Region", ()),)), "where", "which values the field Region"),
    (team(where=(Condition(" ", ("EMEA",)),)), "where", "which field is to have the value EMEA"),
    (Rule("", Target.PLAN, plan="team", quantity=Reading(line_field="Seats")), "quantity", "reads no line"),
    (Rule("", Target.PLAN, products=("A",), plan="gone"), "plan", "on sale"),
    (Rule("", Target.FEATURE, products=("A",), feature="gone", mode=Mode.ADD), "feature", "Choose a feature"),
    (disk("a lot"), "value", "is no amount"),
    (disk(""), "value", "Say what Storage becomes"),
    (disk(mode=None), "mode", "in which way"),
    (Rule("", Target.FEATURE, feature="sso", mode=Mode.ADD), "mode", "can’t be changed in this way"),
    (longer("400"), "days", "from 1 to 365"),
    (Rule("", Target.TRIAL), "days", "by how many days"),
    (longer(through=Reading(deal_field="TrialEnd")), "through", "Say either"),
]


@pytest.mark.parametrize(("rule", "field", "words"), REFUSED)
def test_what_cant_be_said_is_refused_at_its_input(rule: Rule, field: str, words: str) -> None:
    mapping = drafted(crm())
    with pytest.raises(Invalid, match=words) as refused:
        mappings.add_rule(mapping=mapping, rule=rule, **BY)
    assert refused.value.field == field
    assert not mapping.rules.exists()


def test_everything_that_is_wrong_is_said_at_once() -> None:
    mapping = drafted(crm())
    rule = team(quantity=Reading("x"), starts=Reading("y"))
    with pytest.raises(Invalid) as refused:
        mappings.add_rule(mapping=mapping, rule=rule, **BY)
    assert set(refused.value.errors) == {"quantity", "starts"}


def test_a_denial_takes_no_value_and_a_gate_needs_none() -> None:
    mapping = drafted(crm())
    denied = mappings.add_rule(mapping=mapping, rule=disk(mode=Mode.DENY), **BY)
    given = mappings.add_rule(mapping=mapping, rule=Rule("", Target.FEATURE, feature="sso", mode=Mode.REPLACE), **BY)
    assert (denied.readings, given.readings) == ({}, {})
    assert last_deed().changes == {"rule 2": [None, "Each won deal gives Single sign-on"]}


def test_an_edited_rule_keeps_its_key_and_the_audit_says_both() -> None:
    mapping = drafted(crm(), team())
    row = mappings.edit_rule(mapping=mapping, key="team-seat", rule=disk(), **BY)
    assert (row.key, row.plan, row.position) == ("team-seat", None, 1)
    was, becomes = last_deed().changes["rule 1"]
    assert was == "Each TEAM-SEAT becomes Team × the line’s quantity"
    assert becomes == "Each DISK adds 500 GB to Storage"


def test_an_edit_that_changes_nothing_is_no_deed() -> None:
    mapping = drafted(crm(), team())
    before = last_deed()
    mappings.edit_rule(mapping=mapping, key="team-seat", rule=team(), **BY)
    assert last_deed() == before


def test_a_rule_moves_past_its_neighbour() -> None:
    mapping = drafted(crm(), team("A"), team("B"), team("C"))
    mappings.move_rule(mapping=mapping, key="c", up=True, **BY)
    assert [rule.key for rule in read_mapping(mapping).rules] == ["a", "c", "b"]
    mappings.move_rule(mapping=mapping, key="a", up=False, **BY)
    assert [rule.key for rule in read_mapping(mapping).rules] == ["c", "a", "b"]
    with pytest.raises(Refusal, match="the first already"):
        mappings.move_rule(mapping=mapping, key="c", up=True, **BY)


def test_a_rule_taken_out_closes_the_gap() -> None:
    mapping = drafted(crm(), team("A"), team("B"))
    mappings.remove_rule(mapping=mapping, key="a", **BY)
    assert list(mapping.rules.values_list("key", "position")) == [("b", 1)]
    assert last_deed().changes == {"rule 1": ["Each A becomes Team × the line’s quantity", None]}
    with pytest.raises(Stale, match="taken out"):
        mappings.remove_rule(mapping=mapping, key="a", **BY)


def test_the_terms_are_kept_and_told() -> None:
    terms = DealTerms(
        starts=Reading(deal_field="Start"), months=Reading("12", deal_field="Term"), renews=True, notice_days=30
    )
    mapping = mappings.set_terms(mapping=drafted(crm()), terms=terms, **BY)
    assert read_mapping(DealMapping.objects.get(pk=mapping.pk)).terms == terms
    was, becomes = last_deed().changes["terms"]
    assert was == "The contract begins on the day the deal was won. It lasts until somebody ends it."
    assert becomes == (
        "The contract begins on the deal’s Start, else the day the deal was won. It lasts the deal’s Term, else 12 months. "
        "Then it renews by as many months, each time. Notice is given 30 days before the end."
    )


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (DealTerms(months=Reading("12"), through=Reading(deal_field="End")), "through"),
        (DealTerms(renews=True), "renews"),
        (DealTerms(months=Reading("a year")), "months"),
        (DealTerms(starts=Reading("soon")), "starts"),
        (DealTerms(notice_days=4000), "notice_days"),
    ],
)
def test_terms_that_cant_be_are_refused_at_their_input(terms: DealTerms, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        mappings.set_terms(mapping=drafted(crm()), terms=terms, **BY)
    assert refused.value.field == field


def test_nothing_is_written_over_what_another_hand_wrote() -> None:
    mapping = drafted(crm(), team())
    seen = mapping_token(mapping)
    mappings.add_rule(mapping=mapping, rule=disk(), seen=seen, **BY)
    with pytest.raises(Stale):
        mappings.remove_rule(mapping=mapping, key="team-seat", seen=seen, **BY)
    assert mapping.rules.count() == 2


def test_what_is_in_force_is_not_edited() -> None:
    mapping = switched_on(crm(), team())
    with pytest.raises(Stale, match="no draft any more"):
        mappings.add_rule(mapping=mapping, rule=disk(), **BY)


def test_a_draft_is_given_up_and_its_number_is_not_used_again() -> None:
    connection = crm()
    mapping = drafted(connection, team())
    mappings.discard(mapping=mapping, **BY)
    assert not DealMapping.objects.exists()
    assert not DealRule.objects.exists()
    assert last_deed().verb == "deal_mapping:discard"
    assert mappings.draft(connection=connection, **BY).number == 2
    with pytest.raises(Stale, match="given up"):
        mappings.add_rule(mapping=mapping, rule=team(), **BY)


def test_a_former_version_is_taken_up_as_a_draft_with_its_keys() -> None:
    connection = crm()
    first = switched_on(connection, team(), disk())
    second = mappings.draft(connection=connection, **BY)
    mappings.remove_rule(mapping=second, key="disk", **BY)
    with pytest.raises(Refusal, match="Version 2 is being drafted already"):
        mappings.take_up(version=first, reason="Sales sells disks again", **BY)
    mappings.discard(mapping=second, **BY)
    third = mappings.take_up(version=first, reason="Sales sells disks again", **BY)
    assert read_mapping(third) == read_mapping(first)
    assert (last_deed().reason, third.number, third.state) == ("Sales sells disks again", 3, "draft")
