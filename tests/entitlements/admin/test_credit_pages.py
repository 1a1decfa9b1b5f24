"""A customer's credits on screen: what is left and of what, the ledger, granting in two steps, voiding."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from entitlements.actions.credits.grants import void
from entitlements.models import CreditEntry, CreditGrant
from journal.domain.actor import SYSTEM
from tests.desk.admin.reading import address
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.crediting import Credited, credited, granted, left, spent, unplanned
from tests.entitlements.world import AT, DAY

pytestmark = pytest.mark.django_db
ALL, ONE = url("account_credits", "acme"), url("account_credit", "acme", "ai_credits")
GRANT = url("credit_grant", "acme", "ai_credits")
HOUR = timedelta(hours=1)
PACK = {"amount": "5,000", "source": "sale", "through_on": "2026-12-31", "reason": "Ordered by mail", "priority": "100"}


@pytest.fixture
def world(db: None) -> Credited:
    return credited()


def send(desk: Client, step: str = "preview", **told: Any) -> HttpResponse:
    seen = desk.get(GRANT).context["form"]["seen"].value()
    return desk.post(GRANT, {**PACK, "seen": seen, "step": step, **told})


def test_all_credits_of_a_customer_at_a_glance(support_desk: Client, world: Credited) -> None:
    spent(world, 30, at=AT)
    said = text_of(support_desk.get(ALL))
    assert "AI credits 70 credits" in said
    assert "70 credits of the plan's credits go on 1 April 2026 (Amsterdam), if they aren’t used by then." in said


def test_the_usage_tab_leads_there(support_desk: Client, world: Credited) -> None:
    assert ALL in support_desk.get(address("usage")).content.decode()


def test_without_any_it_says_where_credits_come_from(support_desk: Client) -> None:
    unplanned()
    assert "bare has no credits" in text_of(support_desk.get(url("account_credits", "bare"))).lower()
    said = text_of(support_desk.get(url("account_credit", "bare", "ai_credits")))
    assert "neither the plan nor a grant gives any" in said
    assert "The first line is written with the first grant or use." in said


def test_the_grants_stand_in_the_order_in_which_they_are_used(support_desk: Client, world: Credited) -> None:
    granted(world, 50)
    granted(world, 20, priority=1)
    granted(world, 10, effective_at=AT + DAY)
    spent(world, 30, at=AT + HOUR)
    said = text_of(support_desk.get(ONE))
    assert said.index("The plan's credits") < said.index("They bought it 50 credits of 50 credits")
    assert "90 credits of 100 credits" in said  # 20 of priority 1 went first
    assert "Granted already, beginning later" in said


def test_the_ledger_reads_like_a_statement(support_desk: Client, world: Credited) -> None:
    row = granted(world, 50)
    spent(world, 120, at=AT + HOUR, event="shop 17")
    void(grant=row, reason="Paid back", by=SYSTEM, at=AT + 2 * HOUR)
    said = text_of(support_desk.get(ONE))
    assert (
        f"Voided 30 credits voided: 50 credits, sold (grant {row.pk}) Paid back (The desk) −30 credits 0 credits"
        in said
    )
    assert "Used 100 credits used of the plan's credits shop 17 −100 credits 50 credits" in said


def test_use_beyond_is_said_where_it_is_covered(finance_desk: Client, world: Credited) -> None:
    spent(world, 130, at=AT, forced=True)
    assert "30 credits beyond used beyond all credits in this period" in text_of(finance_desk.get(ONE))
    assert "30 credits used beyond all credits in this period are taken" in text_of(finance_desk.get(GRANT))
    said = text_of(send(finance_desk, amount="50"))
    assert "Left now 0 credits, and 30 credits used beyond all credits It becomes 20 credits" in said


def test_a_long_ledger_pages_by_the_address(support_desk: Client, world: Credited) -> None:
    for number in range(30):
        spent(world, 1, at=AT - (30 - number) * timedelta(minutes=1))
    first = support_desk.get(ONE)
    assert len(first.context["ledger"]) == 25
    older = support_desk.get(f"{ONE}?before={first.context['older']}")
    assert (len(older.context["ledger"]), older.context["older"]) == (6, None)
    assert support_desk.get(f"{ONE}?before=nonsense").status_code == 200


def test_first_it_shows_what_the_balance_becomes(sales_desk: Client, world: Credited) -> None:
    said = text_of(send(sales_desk))
    assert "Left now 100 credits It becomes 5,100 credits" in said
    assert "through 31 December 2026 (Amsterdam)" in said
    assert not CreditGrant.objects.exists()


def test_then_it_is_granted(sales_desk: Client, world: Credited) -> None:
    response = send(sales_desk, step="confirm")
    assert response.url == ONE
    row = CreditGrant.objects.get()
    assert (row.amount, row.granted_by, left(world)) == (5000, "Sales", 5100)
    assert "5,000 credits granted to Acme." in text_of(sales_desk.get(ONE))


def test_one_that_begins_later_shows_what_will_be_then(sales_desk: Client, world: Credited) -> None:
    said = text_of(send(sales_desk, from_on="2026-04-01"))
    assert "Before it, on 1 April 2026 (Amsterdam) 100 credits It becomes 5,100 credits" in said


def test_all_that_can_be_said_is_kept(sales_desk: Client, world: Credited) -> None:
    told = {"recurs": "month", "max_rollover": "1,000", "min_rollover": "10", "priority": "7", "from_on": "2026-04-01"}
    send(sales_desk, step="confirm", link="https://crm.example/1", **told)
    row = CreditGrant.objects.get()
    assert (row.recurs, row.max_rollover, row.min_rollover, row.priority) == ("month", 1000, 10, 7)
    assert row.recurs_from == row.effective_at


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("amount", "a lot"),
        ("amount", ""),
        ("amount", "Unlimited"),
        ("through_on", "2026-03-01"),
        ("reason", ""),
        ("priority", "0"),
        ("max_rollover", "some"),
        ("from_on", "2027-01-01"),
    ],
)
def test_what_cannot_be_right_is_said_beside_its_field(
    sales_desk: Client, world: Credited, field: str, typed: str
) -> None:
    response = send(sales_desk, step="confirm", **{field: typed})
    assert response.status_code == 422
    assert complaints(response).keys() <= {field, "through_on"}
    assert not CreditGrant.objects.exists()


def test_pressed_twice_it_is_granted_once(sales_desk: Client, world: Credited) -> None:
    seen = sales_desk.get(GRANT).context["form"]["seen"].value()
    told = [sales_desk.post(GRANT, {**PACK, "seen": seen, "step": "confirm"}).status_code for _ in range(2)]
    assert (told, CreditGrant.objects.count()) == ([302, 422], 1)


def test_voiding_shows_what_goes_with_it_and_asks_why(finance_desk: Client, world: Credited) -> None:
    row = granted(world, 50)
    spent(world, 120, at=AT)
    page = finance_desk.get(where := url("credit_void", "acme", "ai_credits", row.pk))
    assert "Acme will have 0 credits instead of 30 credits, from the second you press the button." in text_of(page)
    seen = page.context["form"]["seen"].value()
    assert finance_desk.post(where, {"seen": seen, "reason": ""}).status_code == 422
    assert finance_desk.post(where, {"seen": seen, "reason": "Refunded"}).url == ONE
    assert CreditEntry.objects.latest("pk").kind == "void"
    assert "has voided it already: Refunded" in text_of(finance_desk.get(where))


def test_only_who_may_sees_the_buttons(sales_desk: Client, support_desk: Client, world: Credited) -> None:
    row = granted(world, 50)
    voids = url("credit_void", "acme", "ai_credits", row.pk)
    said = {desk: desk.get(ONE).content.decode() for desk in (sales_desk, support_desk)}
    assert [(GRANT in page, voids in page) for page in said.values()] == [(True, False), (False, False)]
    assert sales_desk.get(voids).status_code == 403
    assert support_desk.get(GRANT).status_code == 403
