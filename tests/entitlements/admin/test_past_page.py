"""The past, three ways: was true, believed, answered."""

from datetime import timedelta

import pytest
from django.test import Client

from entitlements.domain.facts import Standing
from entitlements.models import AccountStanding
from journal.actions.deeds import begin, keep, record
from tests.conftest import actor
from tests.entitlements.admin.conftest import Customer, SignIn
from tests.entitlements.admin.reading import text_of, url
from tests.entitlements.factories import AnswerGivenFactory
from tests.entitlements.world import AT, DAY

pytestmark = pytest.mark.django_db
PAST = {"at": "2026-02-27T12:00"}


def past(desk: Client, **asked: str) -> str:
    return text_of(desk.get(url("account_past", "acme"), asked))


@pytest.fixture
def suspended_late(acme: Customer) -> Customer:
    """Suspended since 26 February, which was recorded on 1 March."""
    deed = begin(by=actor("finance"), at=AT - DAY)
    row = AccountStanding(account=acme.account, standing=Standing.SUSPENDED, starts_at=AT - 4 * DAY, reason="Fraud")
    kept = keep(row, deed=deed)
    record(deed, "account:suspend", subject=kept, account_key="acme", reason="Fraud", label="Acme")
    return acme


def test_where_all_agree_the_page_says_so(support_desk: Client, acme: Customer) -> None:
    said = past(support_desk, **PAST)
    assert "At 27 February 2026 12:00 (Amsterdam)" in said
    assert "The three agree." in said
    assert "Where they agree: 4 features" in said
    assert "No program had asked about this customer by then." in said


def test_what_was_put_right_later_is_marked_with_who_did_it(support_desk: Client, suspended_late: Customer) -> None:
    said = past(support_desk, **PAST)
    assert "Where they differ (4)" in said
    assert "Storage not included 100 GB nobody asked" in said
    assert said.count("Known as it is today only since") == 1
    assert (
        "Known as it is today only since 1 March 2026 10:00 (Amsterdam): Suspend account: Acme, by Finance Person "
        "(“Fraud”)." in said
    )


def test_what_a_program_had_been_told_stands_beside_it(support_desk: Client, acme: Customer) -> None:
    AnswerGivenFactory(account=acme.account, told="Shop", told_at=AT - 5 * DAY, answers={"storage": {"text": "1 GB"}})
    said = past(support_desk, **PAST)
    assert "Storage 100 GB 100 GB 1 GB Shop, since 25 February 2026 10:00 (Amsterdam)" in said
    assert "Shop had not asked again since the answer changed, so it still went by “1 GB”." in said


def test_one_feature_alone(support_desk: Client, acme: Customer) -> None:
    said = past(support_desk, feature="storage", **PAST)
    assert "Storage at 27 February 2026 12:00 (Amsterdam)" in said
    assert "Seats" not in said
    assert "There is no such feature." in past(support_desk, feature="nothing", **PAST)


def test_without_a_moment_it_is_now(support_desk: Client, acme: Customer) -> None:
    assert "At 2 March 2026 10:00 (Amsterdam)" in past(support_desk)


def test_a_moment_to_come_has_no_past(support_desk: Client, acme: Customer) -> None:
    later = (AT + timedelta(days=400)).strftime("%Y-%m-%dT%H:%M")
    assert "hasn’t come yet." in past(support_desk, at=later)
    assert "is no moment" in past(support_desk, at="yesterday")


def test_a_line_leads_to_why_at_that_moment(support_desk: Client, acme: Customer) -> None:
    response = support_desk.get(url("account_past", "acme"), PAST)
    assert response.context["same"][0]["why"] == (
        url("account_explain", "acme", "storage") + "?at=2026-02-27T11%3A00%3A00%2B00%3A00"
    )


def test_who_may_not_look_is_turned_away(sign_in: SignIn, acme: Customer) -> None:
    assert sign_in("administrator").get(url("account_past", "acme")).status_code == 403
    assert sign_in("support").get(url("account_past", "nobody")).status_code == 404
