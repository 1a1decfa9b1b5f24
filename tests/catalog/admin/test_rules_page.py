"""The page of a feature's rules: what holds, what would change and for whom, then the button."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import Feature, FeatureRevision
from journal.models import Approval
from tests.catalog.factories import (
    FeatureFactory,
    FeatureRevisionFactory,
    SeatsFactory,
    StorageFactory,
    published_version,
)
from tests.entitlements.factories import BilledFeatureFactory

pytestmark = pytest.mark.django_db


def url(feature: Feature) -> str:
    return reverse("admin:catalog_feature_rules", args=[feature.pk])


def answers(desk: Client, feature: Feature, **changed: Any) -> dict[str, Any]:
    """What the form shows, with some of it changed."""
    form = desk.get(url(feature)).context["form"]
    shown = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in (shown | changed).items() if value not in (None, False)}


def kept() -> Feature:
    """A gate that is sold, and that suspended accounts keep."""
    feature = FeatureFactory(name="SSO")
    FeatureRevisionFactory(feature=feature, kept_when_suspended=True)
    published_version(feature=feature)
    return feature


def test_what_holds_is_said_in_sentences(finance_desk: Client) -> None:
    page = finance_desk.get(url(StorageFactory())).content.decode()
    assert "paying customers and trials keep the last answer for up to 1 hour, then no" in page
    assert "80 %: customer; 90 %: customer and sales" in page


@pytest.mark.parametrize(
    ("factory", "asked", "spared"),
    [
        (FeatureFactory, ("effect", "reason"), ("default_reset", "percent_1", "buffer_percent", "below_use")),
        (SeatsFactory, ("percent_1", "buffer_percent", "below_use", "squeeze"), ("default_reset",)),
        (StorageFactory, ("default_reset", "percent_1"), ()),
    ],
)
def test_only_what_fits_the_feature_is_asked(
    factory: Any, asked: tuple[str, ...], spared: tuple[str, ...], finance_desk: Client
) -> None:
    fields = finance_desk.get(url(factory())).context["form"].fields
    assert fields.keys() >= set(asked)
    assert not fields.keys() & set(spared)


def test_first_the_page_says_what_would_change(finance_desk: Client) -> None:
    feature = FeatureFactory()
    given = answers(finance_desk, feature, effect="irreversible", step="check")
    page = finance_desk.post(url(feature), given).content.decode()
    assert "everybody is refused" in page
    assert "Set these rules" in page
    assert not FeatureRevision.objects.exists()


def test_the_words_alone_come_while_somebody_chooses(finance_desk: Client) -> None:
    feature = FeatureFactory()
    given = answers(finance_desk, feature, fallback_trial="allow", step="look")
    words = finance_desk.post(url(feature), given).content.decode()
    assert "trials go on" in words
    assert "<form" not in words


def test_rules_hold_from_now_on(finance_desk: Client) -> None:
    feature = SeatsFactory()
    given = answers(
        finance_desk, feature, age="30", age_unit="60", percent_1="50", told_1="sales", percent_2="", step="do"
    )
    assert finance_desk.post(url(feature), given).status_code == 302
    newest = feature.revisions.latest("effective_at")
    assert (newest.fallback_seconds, newest.thresholds) == (1800, [[50, "sales"], [100, "customer and sales"]])


def test_a_change_below_what_is_in_use_can_be_refused(finance_desk: Client) -> None:
    feature = SeatsFactory()
    given = answers(finance_desk, feature, below_use="refuse", step="check")
    assert "the change is refused until less is in use" in finance_desk.post(url(feature), given).content.decode()
    finance_desk.post(url(feature), given | {"step": "do"})
    assert feature.revisions.latest("effective_at").below_use == "refuse"


def test_who_loses_a_seat_can_be_said(finance_desk: Client) -> None:
    feature = SeatsFactory()
    given = answers(finance_desk, feature, squeeze="longest_unused", reason="Agreed", step="check")
    assert "then whoever was away longest" in finance_desk.post(url(feature), given).content.decode()
    finance_desk.post(url(feature), given | {"step": "do"})
    assert feature.revisions.latest("effective_at").squeeze == "longest_unused"


def test_a_day_begins_in_the_reader_s_own_zone(finance_desk: Client) -> None:
    feature = FeatureFactory()
    with time_machine.travel("2026-03-02T09:00:00Z", tick=False):
        given = answers(finance_desk, feature, parent_rule="inherit", from_on="2026-04-01", step="do")
        finance_desk.post(url(feature), given)
    newest = feature.revisions.latest("effective_at")
    assert newest.effective_at.isoformat() == "2026-03-31T22:00:00+00:00"  # midnight in Amsterdam


@pytest.mark.parametrize("step", ["check", "do"])
def test_a_day_that_has_passed_is_refused_beside_its_input(step: str, finance_desk: Client) -> None:
    feature = FeatureFactory()
    given = answers(finance_desk, feature, parent_rule="inherit", from_on="2020-01-01", step=step)
    page = finance_desk.post(url(feature), given)
    assert (page.status_code, list(page.context["form"].errors)) == (422, ["from_on"])


def test_what_takes_something_away_is_said_before_anybody_is_asked(finance_desk: Client) -> None:
    feature = kept()
    given = answers(finance_desk, feature, kept_when_suspended=None, step="check")
    page = finance_desk.post(url(feature), given).content.decode()
    assert "Customers lose something" in page
    assert "Ask a second person" in page


def test_and_then_it_waits_for_a_second_person(finance_desk: Client) -> None:
    feature = kept()
    given = answers(finance_desk, feature, kept_when_suspended=None, reason="Policy", step="do")
    page = finance_desk.post(url(feature), given, follow=True).content.decode()
    assert Approval.objects.get().kind == "feature_rules"
    assert "waits for a second person" in page
    assert "has asked for other rules" in page
    assert feature.revisions.count() == 1


def test_without_a_reason_it_says_so_beside_the_input(finance_desk: Client) -> None:
    feature = kept()
    page = finance_desk.post(url(feature), answers(finance_desk, feature, kept_when_suspended=None, step="do"))
    assert list(page.context["form"].errors) == ["reason"]


def test_a_form_that_was_overtaken_is_refused(finance_desk: Client) -> None:
    feature = FeatureFactory()
    given = answers(finance_desk, feature, parent_rule="inherit", step="do")
    finance_desk.post(url(feature), given)
    page = finance_desk.post(url(feature), given | {"parent_rule": "own"})
    assert "Someone else changed this" in page.content.decode()


def test_rules_to_come_are_struck_on_a_page_of_their_own(finance_desk: Client) -> None:
    feature = kept()
    coming = FeatureRevisionFactory(feature=feature, effective_at=timezone.now() + timedelta(days=9))
    strike = reverse("admin:catalog_feature_rules_strike", args=[feature.pk, coming.pk])
    assert strike in finance_desk.get(url(feature)).content.decode()
    assert "A suspended account loses it." in finance_desk.get(strike).content.decode()
    assert finance_desk.post(strike, {"reason": ""}).status_code == 422
    finance_desk.post(strike, {"reason": "Too early"})
    assert not FeatureRevision.objects.filter(pk=coming.pk).exists()


def test_rules_of_another_feature_are_not_found(finance_desk: Client) -> None:
    coming = FeatureRevisionFactory()
    strike = reverse("admin:catalog_feature_rules_strike", args=[FeatureFactory().pk, coming.pk])
    assert finance_desk.get(strike).status_code == 404


def test_striking_what_customers_would_have_gained_becomes_a_request(finance_desk: Client) -> None:
    feature = FeatureFactory(name="SSO")
    FeatureRevisionFactory(feature=feature)
    published_version(feature=feature)
    starts = timezone.now() + timedelta(days=9)
    coming = FeatureRevisionFactory(feature=feature, effective_at=starts, kept_when_suspended=True)
    strike = reverse("admin:catalog_feature_rules_strike", args=[feature.pk, coming.pk])
    assert "So a second person has to approve it" in finance_desk.get(strike).content.decode()
    finance_desk.post(strike, {"reason": "Too early"})
    assert Approval.objects.get().payload["strike"] == coming.pk
    assert FeatureRevision.objects.filter(pk=coming.pk).exists()
    assert "wait for approval already" in finance_desk.get(strike).content.decode()


def test_only_of_what_is_on_or_off_it_is_asked_who_decides(finance_desk: Client) -> None:
    gate, seats = (finance_desk.get(url(factory())) for factory in (FeatureFactory, SeatsFactory))
    assert gate.context["form"]["given_by"].value() == "plans"
    assert "Who decides who has it" in gate.content.decode()
    assert "given_by" not in seats.context["form"].fields


def test_that_the_billing_decides_takes_nothing_from_anybody_before_the_feature_is_sold(finance_desk: Client) -> None:
    feature = FeatureFactory()
    given = answers(finance_desk, feature, given_by="billing", step="check")
    page = finance_desk.post(url(feature), given).content.decode()
    assert "The billing system decides who has it" in page
    assert "Customers lose something" not in page
    finance_desk.post(url(feature), given | {"step": "do"})
    assert feature.revisions.latest("effective_at").given_by == "billing"


def test_who_would_lose_it_and_how_many_keep_it_is_said_first(finance_desk: Client) -> None:
    feature = kept()
    BilledFeatureFactory(feature=feature)
    BilledFeatureFactory(feature=feature, ends_at=timezone.now())
    given = answers(finance_desk, feature, given_by="billing", reason="Sold there", step="check")
    page = finance_desk.post(url(feature), given).content.decode()
    assert "whoever has it by a plan or an add-on loses it" in page
    assert "names 1 customer for it at the moment. Everybody else goes without" in page
    finance_desk.post(url(feature), given | {"step": "do"})
    assert Approval.objects.get().payload["rules"]["given_by"] == "billing"


def test_and_so_it_is_on_the_way_back(finance_desk: Client) -> None:
    feature = FeatureFactory()
    FeatureRevisionFactory(feature=feature, given_by="billing")
    BilledFeatureFactory(feature=feature)
    given = answers(finance_desk, feature, given_by="plans", step="check")
    page = finance_desk.post(url(feature), given).content.decode()
    assert "because the billing system says so loses it" in page
    assert "names 1 customer for it at the moment. From then on that gives them nothing." in page
