"""The form of one cell, for every kind of feature."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from catalog.domain.values import TermState
from catalog.models import PlanTerm, PlanVersion
from journal.models import AuditEvent
from tests.catalog.factories import (
    AddOnFactory,
    FeatureFactory,
    FeatureGroupFactory,
    PlanTermFactory,
    PlanVersionFactory,
    PriceLineFactory,
    RolesFactory,
    SeatsFactory,
    StorageFactory,
    TierFactory,
    published_version,
)

pytestmark = pytest.mark.django_db


def address(term: PlanTerm) -> str:
    return reverse("admin:catalog_term_edit", args=[term.version_id, term.feature_id])


def save(client: Client, term: PlanTerm, **given: Any) -> HttpResponse:
    return client.post(address(term), {"edits": term.version.edits, **given})


def test_finance_edits_a_cell_and_lands_on_it_in_the_sheet(finance_desk: Client) -> None:
    term = PlanTermFactory(feature=StorageFactory(), amount=10**9, typed_unit="GB")
    response = save(finance_desk, term, reading="10 GB, then $0.125 per GB", reason="asked for")

    assert response.url.endswith(f"#cell-{term.version.plan.key}-{term.feature.key}")
    term.refresh_from_db()
    assert (term.amount, term.price_lines.count()) == (10 * 10**9, 1)
    assert AuditEvent.objects.get().reason == "asked for"


def test_the_cell_of_a_group_leads_back_to_that_cell(finance_desk: Client) -> None:
    term = PlanTermFactory(
        feature=None, group=FeatureGroupFactory(key="limits"), state="unlimited", version__plan__key="pro"
    )
    page = finance_desk.get(reverse("admin:catalog_group_edit", args=[term.version_id, term.group_id]))
    assert page.context["back"].endswith("#cell-pro-group-limits")
    case = finance_desk.get(reverse("admin:catalog_group_edit", args=[term.version_id, term.group_id]) + "?phase=trial")
    assert case.context["back"].endswith("#cell-pro-group-limits-trial")


def test_the_form_shows_what_it_says_and_what_stood_on_the_page(finance_desk: Client) -> None:
    term = PlanTermFactory(feature=SeatsFactory(), amount=50, source_text="fifty seats")
    shown = finance_desk.get(address(term)).content.decode()
    assert 'value="50"' in shown
    assert "fifty seats" in shown
    assert "Seats and capacity" in shown


def test_what_can_not_be_read_is_told_beside_the_input(finance_desk: Client) -> None:
    term = PlanTermFactory(feature=SeatsFactory(), amount=50)
    response = save(finance_desk, term, reading="fifty")
    assert response.status_code == 422
    assert "is not an amount" in response.context["form"].errors["reading"][0]
    assert 'value="fifty"' in response.content.decode()


@pytest.mark.parametrize(
    ("factory", "given", "value"),
    [
        (FeatureFactory, {"reading": "yes"}, True),
        (TierFactory, {"reading": "Smart"}, "smart"),
        (RolesFactory, {"reading": "listed", "members": ["owner", "billing"]}, frozenset({"owner", "billing"})),
        (RolesFactory, {"reading": "listed", "members": []}, frozenset()),
    ],
)
def test_choices_are_ticked_rather_than_typed(
    finance_desk: Client, factory: type, given: dict[str, Any], value: object
) -> None:
    term = PlanTermFactory(feature=factory(), state=TermState.NOT_INCLUDED)
    assert save(finance_desk, term, **given).status_code == 302
    assert PlanTerm.objects.get().value == value


def test_how_a_limit_is_kept_is_chosen_in_words(finance_desk: Client) -> None:
    term = PlanTermFactory(feature=StorageFactory(), amount=10**9)
    save(finance_desk, term, reading="1 GB", reset="day", enforcement="soft")
    term.refresh_from_db()
    assert (term.reset, term.enforcement) == ("day", "soft")


def test_a_list_left_alone_does_not_overrule_what_was_typed(finance_desk: Client) -> None:
    feature = StorageFactory(aggregation="sum")
    term = PlanTermFactory(feature=feature, amount=10**9, typed_unit="GB", reset="billing", enforcement="soft")
    form = finance_desk.get(address(term)).context["form"]
    assert (form["reading"].initial, form["reset"].initial) == ("1 GB a billing period, soft limit", None)

    save(finance_desk, term, reading="1 GB a month", reset="", enforcement="")
    term.refresh_from_db()
    assert (term.reset, term.enforcement) == ("month", "hard")


def test_the_prices_of_an_add_on_do_not_make_its_limit_unusual(finance_desk: Client) -> None:
    term = PlanTermFactory(feature=SeatsFactory(), state=TermState.ADD_ON)
    PriceLineFactory(term=term, note="$10 per seat", amount_micros=10_000_000)
    save(finance_desk, term, reading="1, then $10 per seat", enforcement="")
    term.refresh_from_db()
    assert (term.amount, term.enforcement) == (1, "track")


def test_a_new_cell_may_be_written_where_nothing_was_said(finance_desk: Client) -> None:
    version, feature = PlanVersionFactory(), FeatureFactory()
    finance_desk.post(reverse("admin:catalog_term_edit", args=[version.pk, feature.pk]), {"edits": 0, "reading": "yes"})
    assert version.terms.get().feature == feature


def test_naming_the_seller_keeps_the_prices_beside_the_cell(finance_desk: Client) -> None:
    term = PlanTermFactory(state=TermState.ADD_ON)
    PriceLineFactory(term=term, note="$100 per month", amount_micros=100_000_000)
    add_on = AddOnFactory()
    assert save(finance_desk, term, reading="sold as an add-on", sold_as=add_on.pk).status_code == 302

    term.refresh_from_db()
    assert (term.sold_as, term.price_lines.get().note) == (add_on, "$100 per month")


def test_what_the_page_left_open_is_settled_with_a_reason(finance_desk: Client) -> None:
    term = PlanTermFactory(state=TermState.UNSETTLED, source_text="Coming soon")
    assert save(finance_desk, term, reading="not included").status_code == 422
    assert save(finance_desk, term, reading="not included", reason="not this year").status_code == 302
    assert PlanTerm.objects.get().state == TermState.NOT_INCLUDED


def test_a_form_opened_before_someone_elses_edit_is_refused(finance_desk: Client) -> None:
    term = PlanTermFactory(feature=SeatsFactory(), amount=50, version__edits=4)
    response = finance_desk.post(address(term), {"edits": 3, "reading": "60"})
    assert response.status_code == 422
    assert "Someone else changed this" in response.content.decode()
    assert PlanTerm.objects.get().amount == 50


def test_a_published_cell_has_no_form(finance_desk: Client) -> None:
    term = published_version().terms.get()
    for response in (finance_desk.get(address(term)), save(finance_desk, term, reading="not included")):
        assert response.status_code == 409
        assert "was published on 1 January 2026" in response.content.decode()


def test_support_may_neither_see_nor_send_the_form(support_desk: Client) -> None:
    term = PlanTermFactory()
    assert support_desk.get(address(term)).status_code == 403
    assert save(support_desk, term, reading="not included").status_code == 403
    assert PlanVersion.objects.get().edits == 0
