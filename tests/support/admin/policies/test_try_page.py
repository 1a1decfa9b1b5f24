"""A made-up case: its clocks, each explained, and who would be told; nothing is written, the address keeps the question."""

from typing import Any

import pytest
from django.test import Client

from journal.models import AuditEvent
from support.models import Case, SlaPolicy
from tests.entitlements.admin.reading import text_of
from tests.entitlements.factories import AccountFactory
from tests.support.admin.policies.world import saved, url
from tests.support.factories import HolidayFactory

pytestmark = pytest.mark.django_db
ASKED: dict[str, Any] = {
    "severity": "normal", "channel": "email", "opener": "customer", "zone": "Europe/Amsterdam", "country": "NL",
    "opened": "2026-03-02T16:00",
}  # fmt: skip


def answer(desk: Client, **asked: Any) -> str:
    version = SlaPolicy.objects.get().versions.order_by("-number").first()
    return text_of(desk.get(url("policy_try"), {"version": version.pk, **ASKED, **asked}))


def test_a_first_look_answers_for_a_case_opened_now(support_desk: Client, promise: SlaPolicy) -> None:
    said = text_of(support_desk.get(url("policy_try"), {"tier": "gold"}))
    assert "First response Runs Due today 10:00 (UTC)" in said


def test_a_due_time_explains_itself_and_names_who_is_told(support_desk: Client, promise: SlaPolicy) -> None:
    said = answer(support_desk)
    assert "Due tomorrow 12:00 (Amsterdam)" in said
    assert "Counts 4 business hours by Office hours (Amsterdam): Mon 2 Mar 16:00–17:00, Tue 3 Mar 09:00–12:00." in said
    assert "tomorrow 11:12 (Amsterdam) Warning: after 80 % of its time the team is told" in said
    assert not Case.objects.exists()


def test_holidays_of_the_country_are_skipped_by_name(support_desk: Client, promise: SlaPolicy) -> None:
    HolidayFactory(on="2026-03-03", name="Carnival")
    assert "Skipped 3 March (Carnival)." in answer(support_desk)
    assert "Skipped" not in answer(support_desk, country="BE")


def test_waiting_and_a_change_of_severity_count(support_desk: Client, promise: SlaPolicy) -> None:
    said = answer(
        support_desk,
        severity="urgent",
        what=["state:waiting", "state:open", ""],
        when=["2026-03-02T17:00", "2026-03-02T18:00", ""],
    )
    assert "Paused 1 hour while waiting for the customer, Mon 2 Mar 17:00–18:00. So due Tue 3 Mar 01:00." in said
    raised = answer(support_desk, what=["severity:urgent"], when=["2026-03-02T16:30"])
    assert "From Mon 2 Mar 16:30 on the target was “within 1 hour, around the clock” (Urgent)." in raised


def test_a_reply_meets_the_first_response(support_desk: Client, promise: SlaPolicy) -> None:
    said = answer(support_desk, what=["public_reply"], when=["2026-03-03T14:00"])
    assert "First response Met, late" in said
    assert "Late from tomorrow 12:00 (Amsterdam). Met tomorrow 14:00 (Amsterdam)." in said


def test_a_draft_is_tried_before_it_counts(support_desk: Client, promise: SlaPolicy) -> None:
    saved(support_desk, **{"m0.cell.normal.": "1 business hour"})
    assert "Due today 17:00 (Amsterdam)" in answer(support_desk)


def test_a_customer_s_zone_and_rules_are_taken(support_desk: Client, promise: SlaPolicy) -> None:
    AccountFactory(key="acme", zone="America/New_York", country="US")
    said = answer(support_desk, account="acme")
    assert "Times are those of America/New_York" in said


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"opened": "never"}, "“never” is no moment"),
        ({"zone": "Mars"}, "That is no time zone"),
        ({"country": "ZZ"}, "no country code"),
        ({"account": "nobody"}, "No customer has this key"),
        ({"look": "2026-01-01T00:00"}, "That is before it was opened."),
        ({"what": ["public_reply"], "when": ["2026-03-01T10:00"]}, "That is before the case was opened."),
        ({"what": ["explode"], "when": ["2026-03-03T10:00"]}, "Choose what happens."),
        ({"what": ["public_reply"], "when": [""]}, "Write a day and a time."),
    ],
)
def test_what_cannot_be_read_is_said_and_stays(
    support_desk: Client, promise: SlaPolicy, asked: dict[str, Any], told: str
) -> None:
    assert told in answer(support_desk, **asked)


def test_no_question_writes_anything(support_desk: Client, promise: SlaPolicy) -> None:
    before = AuditEvent.objects.count()
    answer(support_desk, what=["state:resolved"], when=["2026-03-02T18:00"])
    assert AuditEvent.objects.count() == before


def test_there_may_be_nothing_to_try(support_desk: Client) -> None:
    assert "There is no policy to try yet." in text_of(support_desk.get(url("policy_try")))
