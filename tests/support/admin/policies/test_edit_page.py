"""The table of a policy written like a spreadsheet: saved as a draft, refused beside the cell, nothing lost."""

import pytest
from django.test import Client

from support.domain.target_text import write_target
from support.models import SlaPolicy, SlaPolicyVersion
from support.queries.policies import draft_of, open_version
from tests.entitlements.admin.reading import text_of
from tests.support.admin.policies.world import opened, saved, url
from tests.support.factories import CalendarVersionFactory

pytestmark = pytest.mark.django_db


def target(policy: SlaPolicy, milestone: str, severity: str, channel: str = "") -> str:
    version = open_version(policy)
    promised = draft_of(version).targets.get((milestone, severity, channel))
    return "" if promised is None else f"{write_target(promised.target)} {promised.calendar or '24/7'}"


def test_what_is_in_force_stands_in_the_cells(support_desk: Client, promise: SlaPolicy) -> None:
    form = opened(support_desk)
    assert form["m0.cell.urgent."] == "1 h"
    assert form["m0.cell.urgent.phone"] == "15 min"
    assert form["m0.cell.normal."] == "4 business hours"
    assert form["m0.calendar"] == "office"
    assert form["m0.steps"] == "at 80 %: team"
    assert form["m1.cell.normal."] == "5 business days"


def test_saving_what_was_opened_changes_nothing_it_says(support_desk: Client, promise: SlaPolicy) -> None:
    answer = saved(support_desk)
    assert answer.url == url("policy_preview", "gold")
    before, after = (draft_of(version) for version in promise.versions.order_by("number"))
    assert before == after


def test_a_cell_is_typed_as_people_write_it(support_desk: Client, promise: SlaPolicy) -> None:
    saved(support_desk, **{"m0.cell.urgent.": "45 minutes", "m1.cell.normal.": "end of next business day"})
    assert target(promise, "first_response", "urgent") == "45 min 24/7"
    assert target(promise, "resolution", "normal") == "end of next business day office"
    assert promise.versions.get(state="draft").note == "Because"


def test_an_empty_cell_promises_nothing_more(support_desk: Client, promise: SlaPolicy) -> None:
    saved(support_desk, **{"m0.cell.urgent.phone": ""})
    assert target(promise, "first_response", "urgent", "phone") == ""


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("m0.cell.urgent.", "soon", "is not a target"),
        ("m0.cell.normal.", "next business day", "end of next business day"),
        ("m0.steps", "at 80 %", "doesn’t say who is told"),
        ("m1.name", "", "Give the milestone a name."),
        ("m1.cell.urgent.", "30 min", ""),  # a resolution before the response: the checks tell
        ("note", "", "Give a reason"),
    ],
)
def test_what_cannot_be_is_said_at_its_place_and_all_that_was_typed_stays(
    support_desk: Client, promise: SlaPolicy, field: str, typed: str, told: str
) -> None:
    answer = saved(support_desk, **{"m0.cell.normal.": "3 business hours", field: typed})
    assert answer.status_code == 422
    page = answer.content.decode()
    said = text_of(answer).replace("'", "’")
    assert "Nothing was saved." in said
    assert told in said
    assert f'value="{typed}"' in page or typed in page
    if field != "m0.cell.normal.":
        assert 'value="3 business hours"' in page
    assert not promise.versions.filter(state="draft").exists()


def test_an_error_is_linked_from_the_summary_to_its_cell(support_desk: Client, promise: SlaPolicy) -> None:
    page = saved(support_desk, **{"m0.cell.urgent.phone": "soon"}).content.decode()
    assert '<a href="#id_targets.first_response.urgent.phone">First response, Urgent, Phone</a>' in page
    assert 'id="id_targets.first_response.urgent.phone"' in page


def test_business_time_without_a_calendar_is_refused_in_its_cell(support_desk: Client, promise: SlaPolicy) -> None:
    answer = saved(support_desk, **{"m0.calendar": ""})
    assert answer.status_code == 422
    assert "First response, Normal" in text_of(answer)


def test_a_cell_may_count_by_a_calendar_of_its_own(support_desk: Client, promise: SlaPolicy) -> None:
    CalendarVersionFactory(calendar__key="nights", calendar__name="Nights")
    saved(
        support_desk,
        **{"m0.cell.urgent.": "2 business hours", "m1.cell.urgent.": "3 days", "m0.calendar.normal.": "nights"},
    )
    assert target(promise, "first_response", "normal") == "4 business hours nights"
    assert target(promise, "first_response", "urgent") == "2 business hours office"
    assert opened(support_desk)["m0.calendar.normal."] == "nights"


def test_rows_for_a_channel_are_added_without_saving(support_desk: Client, promise: SlaPolicy) -> None:
    typed = {**opened(support_desk), "m0.cell.urgent.": "50 min", "new_channel": "chat", "step": "add_channel"}
    answer = support_desk.post(url("policy_edit", "gold"), {**typed, "channel": ["phone"]})
    page = answer.content.decode()
    assert 'name="m0.cell.urgent.chat"' in page
    assert 'value="50 min"' in page
    assert SlaPolicyVersion.objects.filter(state="draft").count() == 0


def test_a_milestone_of_our_own_gets_its_key_from_its_name(support_desk: Client, promise: SlaPolicy) -> None:
    typed = {**opened(support_desk), "new_milestone": "own", "step": "add_milestone"}
    assert 'name="m2.name"' in support_desk.post(url("policy_edit", "gold"), typed).content.decode()
    own = {
        "m2.kind": "own", "m2.key": "", "m2.name": "Root cause report", "m2.starts": "opened", "m2.stops": "by_hand",
        "m2.recurrence": "none", "m2.measured": "from_start", "m2.calendar": "office", "m2.place": "3",
        "m2.cell.urgent.": "5 business days",
    }  # fmt: skip
    assert saved(support_desk, **own).status_code == 302
    milestone = promise.versions.get(state="draft").milestones.get(key="root_cause_report")
    assert (milestone.name, milestone.starts) == ("Root cause report", "opened")
    assert target(promise, "root_cause_report", "urgent") == "5 business days office"


def test_a_milestone_is_taken_out(support_desk: Client, promise: SlaPolicy) -> None:
    saved(support_desk, **{"m1.removed": "on"})
    assert [row.key for row in promise.versions.get(state="draft").milestones.all()] == ["first_response"]


def test_a_rule_lasts_through_its_day_where_staff_are(support_desk: Client, promise: SlaPolicy) -> None:
    rule = {
        "r0.signal": "renewal_within", "r0.value": "60", "r0.milestone": "", "r0.percent": "50",
        "r0.through": "2026-12-31", "r0.reason": "Renewals deserve care.",
    }  # fmt: skip
    assert saved(support_desk, **rule).status_code == 302
    row = promise.versions.get(state="draft").rules.get()
    assert (row.percent, row.ends_at.isoformat()) == (50, "2027-01-01T00:00:00+00:00")
    assert opened(support_desk)["r0.through"] == "2026-12-31"


def test_a_rule_without_an_end_is_refused_beside_it(support_desk: Client, promise: SlaPolicy) -> None:
    answer = saved(
        support_desk, **{"r0.signal": "health", "r0.value": "critical", "r0.percent": "50", "r0.reason": "x"}
    )
    assert answer.status_code == 422
    assert "Rule 1: Choose the last day on which the rule holds." in text_of(answer)


def test_nobody_overwrites_what_somebody_else_saved(support_desk: Client, promise: SlaPolicy) -> None:
    first = opened(support_desk)
    saved(support_desk, **{"m0.cell.urgent.": "50 min"})
    answer = support_desk.post(url("policy_edit", "gold"), {**first, "note": "Mine", "m0.cell.urgent.": "40 min"})
    assert answer.status_code == 422
    assert "Someone else changed this" in text_of(answer)
    assert target(promise, "first_response", "urgent") == "50 min 24/7"
