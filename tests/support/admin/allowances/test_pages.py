"""Prepaid help on screens: the list, setting it up, changing it with what that does shown first, retiring it."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from catalog.domain.values import Kind
from journal.models import AuditEvent, Staff
from support.domain.cover_terms import CountedOn
from support.models import Allowance
from tests.catalog.factories import FeatureFactory
from tests.support.casework import tier_feature
from tests.support.counting_world import AT, a_case, sold, supported
from tests.support.factories import AllowanceFactory

pytestmark = pytest.mark.django_db
LIST = "admin:support_allowance_changelist"
CASES = {"counts": "cases", "counted_on": "opening", "unit_minutes": "0", "at_zero": "block", "default_tier": ""}


def signed_in(role: str) -> Client:
    member = Staff.objects.create(username=role, email=f"{role}@desk.example", is_staff=True)
    member.groups.set(Group.objects.filter(name=role))
    client = Client()
    client.force_login(member)
    return client


@pytest.fixture
def finance():
    return signed_in("finance")


def page(name, row=None):
    return reverse(f"admin:support_allowance_{name}", args=[row.pk] if row else [])


def test_the_list_says_how_each_is_used_up(finance):
    AllowanceFactory(feature__name="Incidents", counted_on=CountedOn.RESOLVING)
    shown = finance.get(reverse(LIST)).content.decode()
    assert "A case when it is resolved" in shown
    assert "Set up prepaid help" in shown


def test_it_is_set_up_after_it_was_shown_what_that_does(finance):
    tier_feature()
    FeatureFactory(key="incidents", name="Incidents", kind=Kind.CREDIT, unit="incident")
    told = {**CASES, "feature": "incidents", "default_tier": "standard"}
    first = finance.post(page("set_up"), told)
    assert b"Nothing was saved yet" in first.content
    assert b"No customer has any of it yet" in first.content
    assert not Allowance.objects.exists()
    done = finance.post(page("set_up"), {**told, "sure": "on"})
    assert done.status_code == 302
    row = Allowance.objects.get()
    assert (row.feature.key, row.default_tier) == ("incidents", "standard")
    assert AuditEvent.objects.filter(verb="allowance:set_up").exists()


def test_what_is_no_credits_cannot_be_chosen(finance):
    FeatureFactory(key="sso", name="SSO")
    refused = finance.post(page("set_up"), {**CASES, "feature": "sso", "sure": "on"})
    assert refused.status_code == 422
    assert "These are no credits, or prepaid help already" in refused.content.decode()


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"unit_minutes": "15"}, "Cases are counted one by one, so nothing is rounded"),
        ({"counts": "time"}, "only hours or minutes are used up by time"),
        ({"default_tier": "gold"}, "Select a valid choice"),
        ({"unit_minutes": "-1"}, "greater than or equal to 0"),
        ({"counts": ""}, "Choose what uses it up"),
    ],
)
def test_what_cannot_be_right_is_refused_beside_its_field(finance, told, says):
    row = AllowanceFactory(feature__name="Incidents")
    refused = finance.post(page("edit", row), {**CASES, **told, "sure": "on"})
    assert refused.status_code == 422
    assert says in refused.content.decode()
    assert "Nothing was saved." in refused.content.decode()


def test_a_change_says_whom_it_concerns_before_it_is_made(finance):
    acme, row = supported(10)
    a_case(acme)
    told = {**CASES, "counted_on": "resolving", "at_zero": "overdraw"}
    shown = finance.post(page("edit", row), told).content.decode()
    assert "A case counts: when it is opened → when it is resolved" in shown
    assert "When nothing is left: Blocks → Overdraws" in shown
    assert "1 open case counted at the opening" in shown
    assert "It concerns 1 customer (1 granted)." in shown
    row.refresh_from_db()
    assert row.counted_on == "opening"


def test_saved_it_holds_and_is_audited(finance):
    row = AllowanceFactory(feature__name="Incidents")
    done = finance.post(page("edit", row), {**CASES, "at_zero": "overdraw", "sure": "on"}, follow=True)
    assert "Incidents is saved" in done.content.decode()
    assert AuditEvent.objects.get(verb="allowance:edit").changes["at_zero"] == ["block", "overdraw"]


def test_somebody_else_was_faster(finance):
    row = AllowanceFactory()
    refused = finance.post(page("edit", row), {**CASES, "seen": "other", "sure": "on"})
    assert refused.status_code == 422
    assert "Someone else changed this" in refused.content.decode()


def test_what_was_counted_on_keeps_what_uses_it_up(finance):
    acme, row = supported(10)
    a_case(acme)
    feature = row.feature
    feature.unit, feature.scale = "incident", 1
    refused = finance.post(page("edit", row), {**CASES, "counts": "time", "sure": "on"})
    assert "Cases were counted on it already" in refused.content.decode()


def test_retired_and_brought_back(finance):
    row = AllowanceFactory(feature__name="Incidents")
    assert b"Nothing is counted on it from now on" in finance.get(page("retire", row)).content
    finance.post(page("retire", row))
    row.refresh_from_db()
    assert row.retired_at is not None
    finance.post(page("bring_back", row))
    row.refresh_from_db()
    assert row.retired_at is None
    assert set(AuditEvent.objects.values_list("verb", flat=True)) >= {"allowance:retire", "allowance:bring_back"}


def test_who_may_only_look_sees_it_read_only():
    client = signed_in("sales")
    row = AllowanceFactory()
    assert client.get(reverse("admin:support_allowance_change", args=[row.pk])).status_code == 200
    assert client.get(page("edit", row)).status_code == 403


def test_many_customers_are_counted_in_few_reads(finance, django_assert_max_num_queries):
    acme, row = supported(10)
    sold(acme, row, 5, at=AT)
    with django_assert_max_num_queries(25):
        finance.get(page("edit", row))
