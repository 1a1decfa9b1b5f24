"""Lending to an account and to a cohort, the page of a loan, and recalling it: each says what it does first."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from entitlements.domain.facts import Mode
from entitlements.models import Loan
from entitlements.models.loan import LoanState
from journal.models import Approval
from tests.desk.admin.reading import address
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.factories import ReasonCodeFactory
from tests.entitlements.lending import borrowing, lent, may_lend, on_free
from tests.entitlements.world import AT, DAY, GB, account, value

pytestmark = pytest.mark.django_db
TO_ACME = {"account": "acme", "what": "feature.sso"}


@pytest.fixture
def acme(acme: Customer) -> Customer:
    """Beside Acme, which has Team, Small has Free."""
    may_lend()
    on_free(acme.catalog, "small")
    return acme


def page(**asked: str) -> str:
    return url("loan_lend") + "?" + "&".join(f"{name}={text}" for name, text in asked.items())


def send(desk: Client, where: dict[str, str], step: str = "preview", **given: Any) -> HttpResponse:
    form = desk.get(page(**where)).context["form"]
    opened = {field.name: field.value() or "" for field in form}
    told = {"through_on": "2026-03-31", "reason": "A beta", "step": step}
    return desk.post(page(**where), {**opened, **told, **given})


def test_it_asks_whom_then_what_then_how_long(sales_desk: Client, acme: Customer) -> None:
    assert "to one customer or to a whole cohort" in text_of(sales_desk.get(page()))
    assert sales_desk.get(page(account="Small")).url == page(account="small", what="")
    what = sales_desk.get(page(account="small"))
    assert [name for name, _ in what.context["form"].fields["what"].choices][:2] == ["", "Plans"]
    form = sales_desk.get(page(account="small", what="plan.team")).context["form"]
    assert (form["name"].value(), form["quantity"].is_hidden) == ("Team for Small", True)


def test_who_is_not_found_is_said(sales_desk: Client, acme: Customer) -> None:
    assert "Nobody is found by “nobody”" in text_of(sales_desk.get(page(account="nobody")))


def test_a_plan_shows_what_it_gives_and_is_then_lent(sales_desk: Client, acme: Customer) -> None:
    where = {"account": "small", "what": "plan.team"}
    said = text_of(send(sales_desk, where))
    assert "Team through 31 March 2026 (Amsterdam)" in said
    assert "Storage 1 GB 100 GB" in said
    assert "You may lend this alone." in said
    assert not Loan.objects.exists()
    done = send(sales_desk, where, "confirm")
    loan = Loan.objects.get()
    assert done.url == url("loan_change", loan.pk)
    assert value(loan.account, "storage", AT) == 100 * GB


def test_a_feature_is_asked_for_as_an_override_is(sales_desk: Client, acme: Customer) -> None:
    where = {"account": "acme", "what": "feature.storage"}
    assert complaints(send(sales_desk, where, mode="add", value="much")).keys() == {"value"}
    said = text_of(send(sales_desk, where, mode="add", value="20 GB"))
    assert "Storage: + 20 GB through 31 March 2026 (Amsterdam)" in said
    assert "Storage 100 GB 120 GB" in said


def test_what_is_beyond_policy_says_who_must_agree_before_it_asks(sales_desk: Client, acme: Customer) -> None:
    where = {"account": "small", "what": "plan.team"}
    said = text_of(send(sales_desk, where, through_on="2026-09-30"))
    assert "Someone else has to approve it; until then nothing is lent." in said
    send(sales_desk, where, "confirm", through_on="2026-09-30")
    loan = Loan.objects.get()
    assert (loan.state, loan.items.exists()) == (LoanState.REQUESTED, False)
    told = text_of(sales_desk.get(url("loan_change", loan.pk)))
    assert "What approving it would do now" in told
    assert "Storage 1 GB 100 GB" in told


def test_what_cannot_be_right_stands_beside_its_field(sales_desk: Client, acme: Customer) -> None:
    ReasonCodeFactory()
    found = complaints(send(sales_desk, TO_ACME, mode="replace", through_on="2026-03-01", name=""))
    assert found.keys() == {"name", "reason_code"}
    late = complaints(send(sales_desk, TO_ACME, mode="replace", from_on="2026-04-02"))
    assert "before the first day" in late["through_on"][0]


def test_each_reason_says_when_to_choose_it(sales_desk: Client, acme: Customer) -> None:
    ReasonCodeFactory(name="Beta programme", note="Agreed with the product team.")
    assert "Beta programme Agreed with the product team." in text_of(sales_desk.get(page(**TO_ACME)))


def test_nobody_to_lend_to_is_said_in_words(sales_desk: Client, acme: Customer) -> None:
    account("new")
    found = complaints(send(sales_desk, {"account": "new", "what": "plan.team"}))
    assert found == {"": ["New has no running subscription, so there is nothing to lend to."]}


def test_pressed_twice_it_is_lent_once(sales_desk: Client, acme: Customer) -> None:
    opened = sales_desk.get(page(**TO_ACME)).context["form"]["seen"].value() or ""
    for _ in range(2):
        response = send(sales_desk, TO_ACME, "confirm", mode="replace", seen=opened)
    assert "was lent here since" in complaints(response)[""][0]
    assert Loan.objects.count() == 1


def test_a_cohort_is_shown_by_what_changes_for_whom(sales_desk: Client, acme: Customer) -> None:
    cohort = borrowing(acme.account, *on_free(acme.catalog, "anna", "bob"), account("new"))
    assert f"cohort={cohort.key}" in sales_desk.get(url("cohort_change", cohort.pk)).content.decode()
    said = text_of(send(sales_desk, {"cohort": cohort.key, "what": "plan.team"}))
    assert "3 of the 4 accounts in Beta testers" in said
    assert "2 accounts: Anna, Bob What changes for them Feature Now It becomes Storage 1 GB 100 GB" in said
    assert "Left out, because each has no running subscription: New." in said
    send(sales_desk, {"cohort": cohort.key, "what": "plan.team"}, "confirm")
    assert Loan.objects.get().items.count() == 3


def test_the_page_of_a_loan_lists_each_part(sales_desk: Client, acme: Customer) -> None:
    loan = lent(feature=acme.catalog.sso, cohort=borrowing(acme.account, account("new")))
    said = text_of(sales_desk.get(url("loan_change", loan.pk)))
    assert "Acme Lent through 31 March 2026 (Amsterdam) The whole account" in said
    assert "New Lent through 31 March 2026 (Amsterdam)" in said


def test_recalling_shows_who_loses_what_and_then_ends_it(finance_desk: Client, acme: Customer) -> None:
    loan = lent(acme.catalog.team, cohort=borrowing(*on_free(acme.catalog, "anna", "bob")))
    where = url("loan_recall", loan.pk)
    opened = finance_desk.get(where)
    assert "2 accounts: Anna, Bob What changes for them Feature With it Without it Storage 100 GB 1 GB" in text_of(
        opened
    )
    given = {"reason": "The beta is over", "seen": opened.context["form"]["seen"].value()}
    assert finance_desk.post(where, given).url == url("loan_change", loan.pk)
    assert "Recalled" in text_of(finance_desk.get(url("loan_change", loan.pk)))
    assert "has recalled it already" in text_of(finance_desk.get(where))


def test_a_cap_is_not_recalled_alone(sales_desk: Client, acme: Customer) -> None:
    loan = lent(feature=acme.catalog.storage, mode=Mode.AT_MOST, value=5 * GB, account=acme.account)
    said = text_of(sales_desk.get(url("loan_recall", loan.pk)))
    assert "You can’t recall this alone" in said
    assert "Recall it" not in said


def test_the_account_shows_its_loans_with_what_can_be_done(sales_desk: Client, acme: Customer) -> None:
    lent(acme.catalog.team, account=acme.account, at=AT - DAY)
    said = text_of(sales_desk.get(address("overrides")))
    assert "Lent Team through 31 March 2026 (Amsterdam)" in said
    assert "Lend a plan or a feature" in said


def test_who_approves_finds_the_way_to_the_loan(sales_desk: Client, finance_desk: Client, acme: Customer) -> None:
    send(sales_desk, {"account": "small", "what": "plan.team"}, "confirm", through_on="2026-09-30")
    request = Approval.objects.get(kind="loan")
    assert url("loan_change", Loan.objects.get().pk) in finance_desk.get(request_url(request)).content.decode()


def request_url(request: Approval) -> str:
    return f"/admin/journal/approval/{request.pk}/change/"


@pytest.mark.parametrize(("place", "count"), [("running", 1), ("recalled", 0), ("to_come", 0), ("waiting", 0)])
def test_the_list_is_narrowed_by_where_loans_stand(sales_desk: Client, acme: Customer, place: str, count: int) -> None:
    lent(acme.catalog.team, account=acme.account)
    shown = sales_desk.get(url("loan_changelist"), {"place": place})
    assert len(shown.context["cl"].result_list) == count


def test_only_who_may_grant_may_lend(support_desk: Client, acme: Customer) -> None:
    assert support_desk.get(page(**TO_ACME)).status_code == 403
