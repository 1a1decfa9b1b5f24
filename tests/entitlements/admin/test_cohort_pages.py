"""Cohorts: chosen by a list, a version or a market; looked at before they are fixed; never changed afterwards."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from entitlements.actions.cohorts import create_cohort
from entitlements.admin.publishing.cohort_pages import key_from
from entitlements.models import Account, Cohort
from entitlements.queries.publishing.cohorts import pick, words_in
from journal.domain.actor import SYSTEM
from tests.catalog.factories import MarketFactory, publish_now
from tests.entitlements.admin.conftest import SignIn
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.factories import IdentifierFactory
from tests.entitlements.publishing import a_draft
from tests.entitlements.world import AT, DAY, GB, account, catalog, subscribed

pytestmark = pytest.mark.django_db


def make(client: Client, step: str = "preview", **given: Any) -> HttpResponse:
    return client.post(url("cohort_make"), {"name": "Early birds", "step": step} | given, follow=True)


def test_it_is_shown_before_it_is_made(finance_desk: Client) -> None:
    for key in ("acme", "bravo"):
        account(key)
    shown = make(finance_desk, pasted="acme\nbravo\nnobody")
    assert "Early birds: 2 accounts" in text_of(shown)
    assert "1 of the list names no account and is left out: nobody." in text_of(shown)
    assert not Cohort.objects.exists()


def test_it_is_made_with_whoever_was_shown(finance_desk: Client) -> None:
    account("acme")
    shown = make(finance_desk, "make", pasted="acme", count="1", note="The first ones")
    assert "“Early birds” is made, with 1 account." in text_of(shown)
    cohort = Cohort.objects.get()
    assert (cohort.key, cohort.frozen_at, cohort.note) == ("early_birds", AT, "The first ones")
    assert [member.account.key for member in cohort.members.all()] == ["acme"]


def test_made_for_a_publication_it_leads_back_there(finance_desk: Client) -> None:
    account("acme")
    draft = a_draft(catalog())
    form = {"name": "Early birds", "step": "make", "pasted": "acme", "count": "1"}
    answer = finance_desk.post(f"{url('cohort_make')}?publish={draft.pk}", form)
    assert answer.headers["Location"] == f"{url('publish_who', draft.pk)}?audience=cohort&cohort=early_birds"


def test_if_others_fit_by_now_it_is_shown_again(finance_desk: Client) -> None:
    market = MarketFactory()
    account("acme", market=market)
    account("bravo", market=market)
    shown = make(finance_desk, "make", market=market.pk, count="1")
    assert "Early birds: 2 accounts" in text_of(shown)
    assert not Cohort.objects.exists()


def test_one_can_go_back_to_change_something(finance_desk: Client) -> None:
    shown = make(finance_desk, "change", pasted="acme")
    assert shown.context["form"]["pasted"].value() == "acme"


@pytest.mark.parametrize(
    ("given", "field", "told"),
    [
        ({}, "pasted", "Say who is in it"),
        ({"pasted": "nobody"}, "pasted", "Nobody fits this choice"),
        ({"pasted": "acme", "name": ""}, "name", "required"),
        ({"pasted": "acme", "key": "Early Birds"}, "key", "small letters"),
    ],
)
def test_what_makes_no_cohort_is_said_beside_it(
    finance_desk: Client, given: dict[str, str], field: str, told: str
) -> None:
    account("acme")
    shown = make(finance_desk, **given)
    assert shown.status_code == 422
    assert told in complaints(shown)[field][0]


def test_a_key_that_is_taken_is_said_beside_it(finance_desk: Client) -> None:
    create_cohort(key="early_birds", name="Others", accounts=[account("acme")], by=SYSTEM, at=AT)
    shown = make(finance_desk, "make", pasted="acme", count="1")
    assert "There is a cohort early_birds already" in complaints(shown)["key"][0]


def test_one_cohort_shows_who_is_in_it(finance_desk: Client) -> None:
    cohort = create_cohort(key="early", name="Early birds", accounts=[account("acme")], by=SYSTEM, at=AT)
    shown = text_of(finance_desk.get(reverse("admin:entitlements_cohort_change", args=[cohort.pk])))
    assert "1 account. Nobody joins or leaves it any more." in shown
    assert "Acme (acme)" in shown


def test_the_list_says_how_many_are_in_each(finance_desk: Client) -> None:
    create_cohort(key="early", name="Early birds", accounts=[account("a"), account("b")], by=SYSTEM, at=AT)
    shown = text_of(finance_desk.get(reverse("admin:entitlements_cohort_changelist")))
    assert "Make a cohort" in shown
    assert "Early birds 2 2 March 2026 09:00 (UTC) early" in shown


def test_support_reads_cohorts_and_makes_none(sign_in: SignIn) -> None:
    desk = sign_in("support")
    assert "Make a cohort" not in text_of(desk.get(reverse("admin:entitlements_cohort_changelist")))
    assert desk.get(url("cohort_make")).status_code == 403


def test_a_pasted_list_is_read_however_it_is_divided() -> None:
    assert words_in(' acme, bravo;charlie\tdelta\r\n"echo"\n\nacme') == ["acme", "bravo", "charlie", "delta", "echo"]


def test_accounts_are_found_by_key_domain_mail_and_the_ids_of_other_systems() -> None:
    acme, bravo, cargo = (account(key) for key in ("acme", "bravo", "cargo"))
    IdentifierFactory(account=bravo, value="bravo.example", value_key="bravo.example")
    IdentifierFactory(account=cargo, kind="external", system="own", value="C-1", value_key="c-1")
    assert set(pick(pasted="ACME\nBravo.Example\nC-1", at=AT).accounts) == {acme, bravo, cargo}


def test_a_word_that_names_several_accounts_names_none() -> None:
    for key in ("acme", "bravo"):
        IdentifierFactory(account=account(key), value="shared.example", value_key="shared.example")
    account("cargo")
    picked = pick(pasted="shared.example, cargo", at=AT)
    assert (picked.several, [one.key for one in picked.accounts]) == (("shared.example",), ["cargo"])


def test_who_has_a_version_counts_by_what_they_have_now_not_by_what_they_bought() -> None:
    sold = catalog()
    moved = account("moved")
    subscribed(moved, sold.team)
    second = publish_now(a_draft(sold, storage=200 * GB), at=AT - DAY)
    assert pick(version=sold.team.versions.get(number=1), at=AT).accounts == ()
    assert pick(version=second, at=AT).accounts == (moved,)


def test_what_is_chosen_in_several_ways_must_fit_all_of_them() -> None:
    market = MarketFactory()
    here, elsewhere = account("here", market=market), account("elsewhere")
    assert pick(pasted="here, elsewhere", market=market, at=AT).accounts == (here,)
    assert elsewhere in Account.objects.all()


@pytest.mark.parametrize(
    ("name", "key"),
    [("Early birds of 2024", "early_birds_of_2024"), ("2024!", "cohort_2024"), ("Überflieger", "berflieger")],
)
def test_a_key_is_made_of_the_name(name: str, key: str) -> None:
    assert key_from(name) == key
