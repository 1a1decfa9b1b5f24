import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Plan
from entitlements.models.account import IdentifierKind
from support.queries.lookup import lookup
from tests.support.world import customer, findable, the_plans, the_promise

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme(db):
    the_promise()
    plans = the_plans()
    account = customer("acme-bv", plan=plans["team"])
    findable(account, IdentifierKind.EMAIL, "Ann@acme-bv.example")
    findable(account, IdentifierKind.EXTERNAL, "cus_123", system="stripe")
    customer("acme-labs", plan=plans["free"])
    return account


@pytest.mark.parametrize(
    "text",
    ["ann@acme-bv.example", "ANN@ACME-BV.EXAMPLE ", "acme-bv.example", "acme-bv", "Acme Bv", "cus_123", "ann@"],
    ids=["e-mail", "shouted", "domain", "key", "name", "another system's id", "the beginning of an e-mail"],
)
def test_one_customer_is_meant(text, acme, at):
    found = lookup(text=text, at=at)
    assert found.answer.account == "acme-bv"
    assert found.answer.headline == "Covered, with promised response times"


def test_several_that_may_be_meant_are_listed(acme, at):
    found = lookup(text="acme", at=at)
    assert found.answer is None
    assert [match.account for match in found.matches] == ["acme-bv", "acme-labs"]


def test_the_one_chosen_from_the_list_is_answered(acme, at):
    found = lookup(text="acme", account="acme-labs", at=at)
    assert (found.answer.account, found.matches) == ("acme-labs", ())


def test_a_choice_that_does_not_match_is_not_believed(acme, at):
    assert lookup(text="acme", account="other", at=at).answer is None


@pytest.mark.parametrize("text", ["", "   ", "nobody@nowhere.example", "%", "_"])
def test_nobody_is_found(text, acme, at):
    found = lookup(text=text, at=at)
    assert (found.answer, found.matches) == (None, ())


def test_an_address_nobody_has_on_file_finds_its_domain_and_says_so(acme, at):
    found = lookup(text="new@acme-bv.example", at=at)
    assert found.answer.account == "acme-bv"
    assert found.note == "Nobody has new@acme-bv.example on file; the domain acme-bv.example is this customer's."


def test_a_known_address_needs_no_note(acme, at):
    assert lookup(text="ann@acme-bv.example", at=at).note == ""


def reads_of(text, at):
    with CaptureQueriesContext(connection) as reads:
        lookup(text=text, at=at)
    return len(reads)


def test_the_number_of_reads_does_not_grow(acme, at):
    few = reads_of("acme-bv", at)
    for number in range(30):
        customer(f"other-{number}", plan=Plan.objects.get(key="pro"))
    assert reads_of("acme-bv", at) == few <= 37
