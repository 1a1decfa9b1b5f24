"""The inputs by which a cell says what becomes of it after a trial."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from catalog.domain.values import AtTrialEnd
from catalog.models import PlanTerm
from tests.catalog.factories import FeatureFactory, PlanTermFactory, RolesFactory, SeatsFactory

pytestmark = pytest.mark.django_db
WEEK = {"at_trial_end": AtTrialEnd.KEPT_FOR, "kept_days": 7}


def address(term: PlanTerm) -> str:
    return reverse("admin:catalog_term_edit", args=[term.version_id, term.feature_id])


def save(client: Client, term: PlanTerm, **given: Any) -> HttpResponse:
    return client.post(address(term), {"edits": term.version.edits, **given})


def kept(term: PlanTerm) -> tuple[str, int | None]:
    term.refresh_from_db()
    return term.at_trial_end, term.kept_days


def test_a_gate_is_kept_by_a_choice_from_a_list(finance_desk: Client) -> None:
    term = PlanTermFactory(feature=FeatureFactory())
    assert save(finance_desk, term, reading="yes", at_trial_end="kept_for", kept_days=7).status_code == 302
    assert kept(term) == (AtTrialEnd.KEPT_FOR, 7)


def test_an_untouched_form_of_a_choice_changes_nothing_of_it(finance_desk: Client) -> None:
    term = PlanTermFactory(feature=RolesFactory(), choices=["owner"], **WEEK)
    form = finance_desk.get(address(term)).context["form"]
    assert (form["reading"].initial, form["at_trial_end"].initial, form["kept_days"].initial) == (
        "listed",
        "kept_for",
        7,
    )
    assert form.rules_differ()
    save(finance_desk, term, reading="listed", members=["owner", "billing"], at_trial_end="kept_for", kept_days=7)
    assert (kept(term), term.choices) == ((AtTrialEnd.KEPT_FOR, 7), ["billing", "owner"])


def test_of_an_amount_the_words_say_it_unless_the_list_does(finance_desk: Client) -> None:
    term = PlanTermFactory(feature=SeatsFactory(), amount=5, **WEEK)
    form = finance_desk.get(address(term)).context["form"]
    assert (form["reading"].initial, form["at_trial_end"].initial) == ("5, kept 7 days after a trial", "")
    assert not form.rules_differ()
    save(finance_desk, term, reading="6, kept 7 days after a trial", at_trial_end="kept_if_used", kept_days="")
    assert kept(term) == (AtTrialEnd.KEPT_IF_USED, None)


def test_days_that_are_missing_are_told_beside_their_input(finance_desk: Client) -> None:
    term = PlanTermFactory(feature=FeatureFactory())
    response = save(finance_desk, term, reading="yes", at_trial_end="kept_for")
    assert response.status_code == 422
    assert response.context["form"].errors == {"kept_days": ["Say for how many days it is kept after a trial."]}
    assert '<details class="desk-more" open>' in response.content.decode()


def test_where_no_trial_speaks_the_refusal_stands_beside_the_list(finance_desk: Client) -> None:
    term = PlanTermFactory(feature=FeatureFactory(), phase="grace")
    response = finance_desk.post(
        f"{address(term)}?phase=grace", {"edits": 0, "reading": "yes", "at_trial_end": "kept_if_used"}
    )
    assert "has no say at the end of a trial" in response.context["form"].errors["at_trial_end"][0]
