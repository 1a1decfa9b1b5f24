"""What was typed becomes a draft, or is told at its place: without a database."""

import pytest
from django.http import QueryDict

from support.admin.policies.edit_page import said_at_its_place
from support.admin.policies.reading import key_of_name, read_policy
from support.admin.policies.typed import TypedCell, TypedMilestone, TypedPolicy, TypedRule, added, typed_from, typed_in
from support.domain.policy_draft import PolicyDraft
from support.domain.policy_faults import Fault
from tests.support.domain.policies import KNOWN, SEVERITIES, milestone, policy, rule

UTC = "UTC"


def read(typed: TypedPolicy) -> dict[str, list[str]]:
    return dict(read_policy(typed, severities=SEVERITIES, zone=UTC).errors)


def first(**changed: object) -> TypedMilestone:
    usual = {"kind": "first_response", "key": "first_response", "name": "First response"}
    return TypedMilestone(**{**usual, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "draft",
    [
        PolicyDraft(),
        policy("""
            milestone  | severity | channel | target            | calendar
            first      | urgent   |         | 1 h               |
            first      | urgent   | phone   | 15 min            |
            first      | normal   |         | 4 business hours  | office
            first      | low      |         | 4 business hours  | night
            resolution | urgent   |         | end of day        | office
        """, milestone("first", steps="at 80 %: team\n2 hours after: owner, raise to Urgent"), rules=[rule()]),
    ],
)  # fmt: skip
def test_a_policy_typed_as_it_stands_reads_as_it_stands(draft: PolicyDraft) -> None:
    typed = typed_from(draft, severities=SEVERITIES, zone=UTC, seen="")
    again = read_policy(typed, severities=SEVERITIES, zone=UTC)
    assert not again.errors
    assert again.draft == draft


@pytest.mark.parametrize(
    ("name", "key"),
    [("Root cause report", "root_cause_report"), ("2nd look", "nd_look"), ("…", "milestone"), ("Update", "update_2")],
)
def test_a_key_is_made_of_the_name(name: str, key: str) -> None:
    assert key_of_name(name, taken=["update"]) == key


def test_each_thing_that_cannot_be_read_is_told_at_its_place() -> None:
    typed = TypedPolicy(
        milestones=[
            first(steps="at 80 %", cells={("urgent", ""): TypedCell("soon")}),
            TypedMilestone(kind="own", name="Report", starts="never", stops="resolved"),
        ],
        rules=[TypedRule(signal="health", value="good", percent="half", through="2026-13-01")],
    )
    assert set(read(typed)) == {
        "targets/first_response/urgent/", "milestones/first_response/steps", "milestones/report/starts", "rules/0",
    }  # fmt: skip


def test_a_line_with_nothing_in_it_is_no_rule() -> None:
    assert not read(TypedPolicy(rules=[TypedRule(signal="health"), TypedRule()]))


def test_milestones_stand_in_the_order_of_their_columns() -> None:
    typed = TypedPolicy([first(place="2"), TypedMilestone(kind="own", key="report", name="Report", place="1",
                                                         starts="opened", stops="resolved")])  # fmt: skip
    draft = read_policy(typed, severities=SEVERITIES, zone=UTC).draft
    assert [each.key for each in draft.milestones] == ["report", "first_response"]


@pytest.mark.parametrize("step", ["add_channel", "add_milestone"])
def test_nonsense_adds_nothing(step: str) -> None:
    posted = QueryDict(f"step={step}&new_channel=smoke&new_milestone=smoke&channel=smoke&m0.kind=smoke\x00")
    typed = added(typed_in(posted), posted)
    assert typed.channels == []
    assert [each.kind for each in typed.milestones] == ["smoke"]
    assert "milestones/milestone" in read(typed)


def test_the_key_of_a_new_milestone_follows_its_name_until_it_is_saved() -> None:
    posted = QueryDict("m0.kind=own&m0.key=&m0.name=&m0.starts=opened&m0.stops=resolved")
    typed = typed_in(posted)
    read(typed)
    assert (typed.milestones[0].key, typed.milestones[0].unsaved) == ("milestone", True)
    named = typed_in(QueryDict("m0.kind=own&m0.key=&m0.name=Report&m0.starts=opened&m0.stops=resolved"))
    assert [each.key for each in read_policy(named, severities=SEVERITIES, zone=UTC).draft.milestones] == ["report"]


def test_a_message_beside_its_cell_leaves_the_cell_unnamed() -> None:
    draft = policy("""
        milestone | severity | channel | target | calendar
        first     | urgent   | phone   | 1 h    |
    """)
    at_phone = "targets/first_response/urgent/phone"
    fault = Fault(at_phone, "Urgent, First response by phone: it is longer than it was.")
    assert said_at_its_place(fault, draft=draft, known=KNOWN) == "It is longer than it was."
    other = Fault("rules/0", "No such market.")
    assert said_at_its_place(other, draft=draft, known=KNOWN) == "No such market."
