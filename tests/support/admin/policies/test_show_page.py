"""A policy read: one table, sentences, who gets it, its versions and what each changed."""

import pytest
from django.test import Client

from support.models import SlaPolicy
from tests.entitlements.admin.reading import text_of
from tests.support.admin.policies.conftest import SignIn
from tests.support.admin.policies.world import saved, url
from tests.support.world import the_plans

pytestmark = pytest.mark.django_db


def test_the_promise_stands_in_one_table_with_its_calendar(support_desk: Client, promise: SlaPolicy) -> None:
    said = text_of(support_desk.get(url("policy", "gold")))
    assert "In force: version 1" in said
    assert "Every channel, unless said below Urgent 1 hour 24/7 8 hours 24/7" in said
    assert "Normal 4 business hours Office hours 5 business days Office hours" in said
    assert "Phone Urgent 15 minutes 24/7 8 hours as above Every other severity: as above." in said


def test_pauses_and_warnings_are_sentences(support_desk: Client, promise: SlaPolicy) -> None:
    said = text_of(support_desk.get(url("policy", "gold")))
    assert "First response counts from when the case is opened until an agent answers publicly." in said
    assert "It pauses while the case is waiting for the customer." in said
    assert "After 80 % of its time the team is told." in said


def test_it_says_which_plans_give_the_tier(support_desk: Client, promise: SlaPolicy) -> None:
    assert "No published plan or add-on gives it" in text_of(support_desk.get(url("policy", "gold")))
    the_plans()
    SlaPolicy.objects.filter(pk=promise.pk).update(tier="standard")
    said = text_of(support_desk.get(url("policy", "standard")))
    assert "Whoever has the support tier “Standard”, which comes with: Team (version 1)" in said


def test_versions_tell_who_wrote_them_when_and_why(support_desk: Client, promise: SlaPolicy) -> None:
    saved(support_desk, **{"m0.cell.urgent.": "2 h"})
    said = text_of(support_desk.get(url("policy", "gold")))
    assert "Version 2 is in draft." in said
    assert "Version 2 Draft Written 2 March 2026 09:00 (UTC) by Suki" in said
    assert "Version 1 In force Written 1 January 2026 (UTC) by" in said
    assert "In force from 1 January 2026 00:01 (UTC), put in force by" in said
    assert "As sold" in said


def test_two_versions_are_compared_and_what_lowers_stands_first(support_desk: Client, promise: SlaPolicy) -> None:
    saved(support_desk, **{"m0.cell.normal.": "2 business hours", "m1.cell.urgent.": "12 h"})
    said = text_of(support_desk.get(url("policy", "gold"), {"from": "1", "to": "2"}))
    lowers, changes = said.index("Lowers Urgent, Resolution"), said.index("Changes Normal, First response")
    assert lowers < changes


def test_an_old_version_is_read_and_taken_up_again(support_desk: Client, promise: SlaPolicy) -> None:
    saved(support_desk, **{"m0.cell.urgent.": "2 h"})
    support_desk.post(url("policy_preview", "gold"), {"step": "drop"})
    assert "This is version 2; in force is version 1" in text_of(
        support_desk.get(url("policy", "gold"), {"version": "2"})
    )
    answer = support_desk.post(url("policy_restore", "gold", 2), {"reason": "Meant after all"})
    assert answer.url == url("policy_preview", "gold")
    assert promise.versions.get(state="draft").note == "Meant after all"


@pytest.mark.parametrize("asked", [{"version": "9"}, {"version": "99999999999999"}])
def test_a_version_that_is_not_there(support_desk: Client, promise: SlaPolicy, asked: dict[str, str]) -> None:
    assert support_desk.get(url("policy", "gold"), asked).status_code in {200, 404}
    assert support_desk.get(url("policy", "nobody")).status_code == 404


def test_an_auditor_reads_and_is_offered_nothing(sign_in: SignIn, promise: SlaPolicy) -> None:
    said = text_of(sign_in("auditor").get(url("policy", "gold")))
    assert "1 hour" in said
    assert "Change what it promises" not in said


def test_a_promise_for_another_tier_begins_empty(support_desk: Client, promise: SlaPolicy) -> None:
    the_plans()
    page = support_desk.get(url("policy_new"))
    assert "Priority Plus (priority_plus)" in text_of(page)
    answer = support_desk.post(url("policy_new"), {"tier": "priority", "name": "Priority", "note": ""})
    assert answer.url == url("policy_edit", "priority")
    assert "There is no milestone yet" in text_of(support_desk.get(answer.url))
    assert "Customers of this tier are not covered" in text_of(support_desk.get(url("policy", "priority")))


def test_it_is_renamed(support_desk: Client, promise: SlaPolicy) -> None:
    support_desk.post(url("policy_rename", "gold"), {"name": "Gold care", "note": ""})
    assert SlaPolicy.objects.get().name == "Gold care"
