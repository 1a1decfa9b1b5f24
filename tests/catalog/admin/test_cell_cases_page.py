"""The page of a cell: its cases, its group, its further rules, and what it says once the draft is gone."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from catalog.actions.drafts import discard_draft, open_draft
from catalog.admin.term_edit import cell_url
from catalog.domain.cases import Case
from catalog.domain.values import TermState
from catalog.models import PlanTerm, PlanVersion
from journal.domain.actor import SYSTEM
from tests.catalog.calls import api_calls
from tests.catalog.factories import (
    EPOCH,
    FeatureFactory,
    MarketFactory,
    PlanTermFactory,
    PlanVersionFactory,
    SeatsFactory,
    StorageFactory,
    TierFactory,
    publish_now,
    published_version,
)

pytestmark = pytest.mark.django_db
TRIAL = Case("trial")


def post(client: Client, url: str, *, edits: int = 0, **given: Any) -> HttpResponse:
    return client.post(url, {"edits": edits, **given})


def text_of(response: HttpResponse) -> str:
    return " ".join(response.content.decode().split())


def test_finance_adds_a_term_for_a_case_and_sees_it_listed(finance_desk: Client) -> None:
    market = MarketFactory(key="eu", name="Europe")
    term = PlanTermFactory(feature=SeatsFactory(name="Seats"), amount=10)
    case = Case("trial", "eu", "year")
    url = cell_url(term.version, term.feature, case)
    assert url.endswith("?phase=trial&market=eu&interval=year")
    assert "In general" in text_of(finance_desk.get(url))

    assert post(finance_desk, url, reading="2").status_code == 302
    special = term.version.terms.get(phase="trial")
    assert (special.market, special.interval, special.amount) == (market, "year", 2)
    shown = text_of(finance_desk.get(cell_url(term.version, term.feature)))
    assert "During a trial, in Europe, paid yearly</a>" in shown


def test_the_choice_of_a_case_is_sent_as_an_address(finance_desk: Client) -> None:
    MarketFactory(key="eu", name="Europe")
    term = PlanTermFactory(feature=SeatsFactory(), amount=10)
    form = finance_desk.get(cell_url(term.version, term.feature)).context["case_form"]
    assert form.fields["market"].choices == [("", "Wherever"), ("eu", "In Europe")]
    assert ("paused", "While paused") in form.fields["phase"].choices


def test_a_case_is_removed_and_the_general_cell_emptied(finance_desk: Client) -> None:
    term = PlanTermFactory(feature=SeatsFactory(), amount=10)
    PlanTermFactory(version=term.version, feature=term.feature, amount=2, phase="trial")
    response = post(finance_desk, cell_url(term.version, term.feature, TRIAL), clear="yes", reading="")
    assert response.url == cell_url(term.version, term.feature)
    assert term.version.terms.get() == term
    post(finance_desk, cell_url(term.version, term.feature), clear="yes", edits=1)
    assert not PlanTerm.objects.exists()


def test_a_removal_from_an_old_form_is_refused_with_a_message(finance_desk: Client) -> None:
    term = PlanTermFactory(feature=SeatsFactory(), amount=10)
    response = finance_desk.post(cell_url(term.version, term.feature), {"clear": "yes", "edits": "x"}, follow=True)
    assert "Someone else changed this" in text_of(response)
    assert PlanTerm.objects.exists()


@pytest.mark.parametrize("query", ["phase=active", "market=mars", "interval=week"])
def test_a_case_that_nothing_can_be_in_has_no_page(finance_desk: Client, query: str) -> None:
    term = PlanTermFactory()
    assert finance_desk.get(f"{cell_url(term.version, term.feature)}?{query}").status_code == 404


def test_an_empty_cell_shows_what_speaks_in_its_place(finance_desk: Client) -> None:
    lower = published_version(feature=SeatsFactory(), amount=7)
    draft = PlanVersionFactory(includes=lower)
    shown = text_of(finance_desk.get(cell_url(draft, lower.terms.get().feature)))
    assert f'<em>7</em> <span class="desk-muted">from {lower}</span>' in shown


def test_a_group_s_cell_says_whom_it_reaches_and_is_written(finance_desk: Client) -> None:
    phone = FeatureFactory(name="Phone")
    TierFactory(name="Tier", group=phone.group)
    draft = PlanVersionFactory()
    url = cell_url(draft, phone.group)
    shown = text_of(finance_desk.get(url))
    assert "<strong>Included</strong> reaches Phone." in shown
    assert "because nothing in it is counted" in shown
    assert post(finance_desk, url, reading="Included").status_code == 302
    assert draft.terms.get().group == phone.group
    assert finance_desk.get(url).context["form"]["reading"].initial == "Included"


def test_a_group_that_is_counted_alike_takes_an_amount(finance_desk: Client) -> None:
    storage, draft = StorageFactory(), PlanVersionFactory()
    assert post(finance_desk, cell_url(draft, storage.group), reading="10 GB a month").status_code == 302
    assert (draft.terms.get().amount, draft.terms.get().reset) == (10 * 10**9, "month")


def test_a_mixed_group_is_offered_no_amount(finance_desk: Client) -> None:
    storage, draft = StorageFactory(), PlanVersionFactory()
    SeatsFactory(group=storage.group)
    form = finance_desk.get(cell_url(draft, storage.group)).context["form"]
    assert [key for key, _ in form.fields["reading"].choices][:3] == ["Included", "Unlimited", "not included"]
    assert [field.name for field in form.further()] == ["at_trial_end", "kept_days"]
    assert post(finance_desk, cell_url(draft, storage.group), reading="10 GB").status_code == 422


def test_the_further_rules_of_an_amount_are_chosen_in_words(finance_desk: Client) -> None:
    calls, draft = api_calls(), PlanVersionFactory()
    SeatsFactory(key="seats", name="Seats")
    rules = {"scaling": "per_seat_of", "seats_of": "seats", "enforcement": "soft", "overage_percent": "20"}
    parts = {"part_model.large": "10", "part_model.small": "Unlimited"}
    url = cell_url(draft, calls)
    assert post(finance_desk, url, reading="100", reset="minute", **rules, **parts).status_code == 302
    form = finance_desk.get(url).context["form"]
    assert form["reading"].initial == "100 a minute per seat of Seats, pooled, up to 20 % beyond"
    assert [form[f"part_model.{key}"].initial for key in ("large", "small")] == ["10", "Unlimited"]
    assert form.rules_differ()


def test_a_part_that_can_not_be_read_is_told_beside_its_input(finance_desk: Client) -> None:
    calls, draft = api_calls(), PlanVersionFactory()
    response = post(finance_desk, cell_url(draft, calls), reading="100", **{"part_model.large": "lots"})
    assert response.status_code == 422
    assert "is not an amount" in response.context["form"].errors["part_model.large"][0]


def test_parts_said_in_the_words_themselves_count(finance_desk: Client) -> None:
    calls, draft = api_calls(), PlanVersionFactory()
    post(finance_desk, cell_url(draft, calls), reading="100; of which Large model: 7", **{"part_model.large": "10"})
    assert draft.terms.get().sub_limits.get().amount == 7


@pytest.mark.parametrize("name", ["catalog_term_edit", "catalog_terms_of_sale"])
def test_a_draft_published_in_the_meantime_leads_on(finance_desk: Client, name: str) -> None:
    term = PlanTermFactory(version__plan__name="Pro")
    publish_now(term.version)
    arguments = [term.version_id, *([term.feature_id] if name == "catalog_term_edit" else [])]
    response = post(finance_desk, reverse(f"admin:{name}", args=arguments), reading="yes")
    assert response.status_code == 409
    shown = text_of(response)
    assert "Pro v1 was published on 1 January 2026 01:00 (Amsterdam) by The desk, and never changes again." in shown
    assert "What you sent was not saved." in shown
    assert "Open a new draft of Pro" in shown


def test_a_draft_discarded_in_the_meantime_names_who_did_it_and_leads_on(finance_desk: Client) -> None:
    term = PlanTermFactory(version__plan__name="Pro", state=TermState.VALUE)
    url, plan = cell_url(term.version, term.feature), term.version.plan
    discard_draft(version=term.version, edits=0, by=SYSTEM, at=EPOCH)
    assert "Pro v1 was discarded on" in text_of(finance_desk.get(url))
    again = open_draft(plan=plan, by=SYSTEM, at=EPOCH)
    shown = text_of(post(finance_desk, url, reading="yes"))
    assert "by The desk." in shown
    assert f"Go on in {again}" in shown


def test_a_draft_that_never_was_has_no_page(finance_desk: Client) -> None:
    term = PlanTermFactory()
    assert finance_desk.get(reverse("admin:catalog_term_edit", args=[0, term.feature_id])).status_code == 404


def test_support_sees_neither_the_group_s_cell_nor_the_ended_draft(support_desk: Client) -> None:
    version = published_version()
    feature = version.terms.get().feature
    assert support_desk.get(cell_url(version, feature)).status_code == 403
    assert support_desk.post(cell_url(PlanVersionFactory(), feature.group), {"reading": "Included"}).status_code == 403
    assert not PlanTerm.objects.filter(group__isnull=False).exists()
    assert PlanVersion.objects.filter(state="draft").count() == 1
